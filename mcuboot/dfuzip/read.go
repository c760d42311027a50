package dfuzip

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// Read reads a package of size bytes. It takes what Write and the SDK write, of
// format versions 0 and 1, and zips that another program packed of the same files,
// deflated or not. It refuses a zip that could be read in two ways, one with
// other files than those of the manifest, and what exceeds MaxFiles and MaxSize,
// which bounds the memory that it takes. Members of the manifest that Package
// does not know are passed over.
//
// What it returns need not pass Check: the images have not been looked at.
func Read(r io.ReaderAt, size int64) (*Package, error) {
	p, err := read(r, size)
	if err != nil {
		return nil, fmt.Errorf("dfuzip: %w", err)
	}
	return p, nil
}

func read(r io.ReaderAt, size int64) (*Package, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	at := a.index(manifestName)
	if at < 0 {
		return nil, fmt.Errorf("no %s", manifestName)
	}
	text, err := a.data(at, maxManifest)
	if err != nil {
		return nil, err
	}
	listed, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	if err := a.fill(listed); err != nil {
		return nil, err
	}
	return &listed.Package, nil
}

// index returns the place of a member, -1 where there is none.
func (a *archive) index(name string) int {
	return slices.IndexFunc(a.members, func(m member) bool { return m.name == name })
}

// fill reads the files that the manifest lists, which must be all there are.
func (a *archive) fill(listed *listing) error {
	seen := make([]bool, len(a.members))
	seen[a.index(manifestName)] = true
	left := int64(MaxSize)
	for i := range listed.Files {
		f := &listed.Files[i]
		at := a.index(f.Name)
		if at < 0 {
			return fmt.Errorf("%s: files[%d]: no file %q in the zip", manifestName, i, f.Name)
		}
		if seen[at] {
			return fmt.Errorf("%s: files[%d]: file %q is taken already", manifestName, i, f.Name)
		}
		seen[at] = true
		var err error
		if f.Data, err = a.data(at, left); err != nil {
			return err
		}
		left -= int64(len(f.Data))
		if size := listed.sizes[i]; size != unknownSize && size != int64(len(f.Data)) {
			return fmt.Errorf("%s: files[%d]: size %d: file %q has %d bytes", manifestName, i, size, f.Name, len(f.Data))
		}
	}
	if at := slices.Index(seen, false); at >= 0 {
		return fmt.Errorf("entry %q: the manifest does not list it", a.members[at].name)
	}
	return nil
}

// data reads a member of at most limit bytes. It takes no more memory than comes
// out, whatever the size is said to be.
func (a *archive) data(at int, limit int64) ([]byte, error) {
	m := a.members[at]
	size := int64(m.UncompressedSize)
	if size > limit {
		return nil, fmt.Errorf("entry %q: %d bytes: want at most %d", m.name, size, limit)
	}
	// A bufio.Reader is an io.ByteReader: the decompressor takes no byte too many.
	stored := bufio.NewReader(io.NewSectionReader(a.r, m.offset, int64(m.CompressedSize)))
	var content io.Reader = stored
	if m.Method == methodDeflate {
		content = flate.NewReader(stored)
	}
	data, err := io.ReadAll(io.LimitReader(content, size+1))
	if err != nil {
		return nil, fmt.Errorf("entry %q: %w", m.name, err)
	}
	if int64(len(data)) != size {
		return nil, fmt.Errorf("entry %q: other than the %d bytes that its header tells of", m.name, size)
	}
	if _, err := stored.Peek(1); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("entry %q: compressed data behind the end of the file", m.name)
	}
	if sum := crc32.ChecksumIEEE(data); sum != m.CRC32 {
		return nil, fmt.Errorf("entry %q: CRC %08x: want %08x, it is damaged", m.name, sum, m.CRC32)
	}
	return data, nil
}
