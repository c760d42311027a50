package dfuzip

import (
	"fmt"
	"io"
	"strings"
)

// archive is a zip that reads the same by its directory, as iOS and computers do
// it, and from its begin, as Android does: no file is told of in one place only,
// and no byte belongs to none.
type archive struct {
	r         io.ReaderAt
	directory int64 // its offset
	members   []member
}

// member is a file of the archive.
type member struct {
	entry
	name     string
	header   int64 // offset of the local header
	offset   int64 // of the data
	external uint32
}

// maxDirectory bounds the directory in bytes: the names and twice that for what
// other programs add about times and owners.
const maxDirectory = (MaxFiles + 1) * (directorySize + 3*maxName)

// openArchive reads all but the data.
func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	end, err := readEnd(r, size)
	if err != nil {
		return nil, err
	}
	a := &archive{r: r, directory: int64(end.DirectoryOffset)}
	directory, err := a.bytes(a.directory, int(end.DirectorySize))
	if err != nil {
		return nil, err
	}
	for range end.Entries {
		if directory, err = a.addMember(directory); err != nil {
			return nil, err
		}
	}
	if len(directory) > 0 {
		return nil, fmt.Errorf("%d bytes behind the last entry of the directory", len(directory))
	}
	return a, a.checkLayout()
}

// readEnd wants the end record to be the very end. Comments and archives of 4 GiB
// (zip64) do not occur.
func readEnd(r io.ReaderAt, size int64) (*endRecord, error) {
	if size < endSize {
		return nil, fmt.Errorf("no zip: %d bytes", size)
	}
	buf := make([]byte, endSize)
	if err := readAt(r, buf, size-endSize); err != nil {
		return nil, err
	}
	var end endRecord
	parsePart(buf, &end)
	switch {
	case end.Signature != endSignature || end.CommentLength != 0:
		return nil, fmt.Errorf("no zip, or one with something behind its end record")
	case end.Disk != 0 || end.DirectoryDisk != 0 || end.EntriesHere != end.Entries:
		return nil, fmt.Errorf("a part of a zip of several disks")
	case end.Entries < 1 || end.Entries > MaxFiles+1:
		return nil, fmt.Errorf("%d entries: want 1 to %d images and a manifest", end.Entries, MaxFiles)
	case end.DirectorySize > maxDirectory:
		return nil, fmt.Errorf("directory of %d bytes: want at most %d", end.DirectorySize, maxDirectory)
	case int64(end.DirectoryOffset)+int64(end.DirectorySize) != size-endSize:
		return nil, fmt.Errorf("directory at %#x with %d bytes: does not end where the end record begins", end.DirectoryOffset, end.DirectorySize)
	}
	return &end, nil
}

// bytes reads n bytes, where n has been checked.
func (a *archive) bytes(offset int64, n int) ([]byte, error) {
	buf := make([]byte, n)
	return buf, readAt(a.r, buf, offset)
}

// readAt fills buf. An io.ReaderAt may say io.EOF even so.
func readAt(r io.ReaderAt, buf []byte, offset int64) error {
	n, err := r.ReadAt(buf, offset)
	if n == len(buf) {
		return nil
	}
	return fmt.Errorf("%d bytes at %#x: %w", len(buf), offset, err)
}

// addMember takes one entry off the directory.
func (a *archive) addMember(directory []byte) ([]byte, error) {
	if len(directory) < directorySize {
		return nil, fmt.Errorf("directory entry %d: cut off", len(a.members))
	}
	var h directoryHeader
	parsePart(directory, &h)
	directory = directory[directorySize:]
	size := int(h.Entry.NameLength) + int(h.Entry.ExtraLength) + int(h.CommentLength)
	if h.Signature != directorySignature || len(directory) < size {
		return nil, fmt.Errorf("directory entry %d: is none, or cut off", len(a.members))
	}
	m := member{entry: h.Entry, name: string(directory[:h.Entry.NameLength]), header: int64(h.Offset), external: h.External}
	if err := a.checkMember(m); err != nil {
		return nil, fmt.Errorf("entry %q: %v", m.name, err)
	}
	a.members = append(a.members, m)
	return directory[size:], nil
}

// otherFlags are those that change nothing: how hard the compressor tried, and how
// a name that is not ASCII would be encoded.
const otherFlags = 1<<1 | 1<<2 | flagUTF8

func (a *archive) checkMember(m member) error {
	kind := m.external >> 16 & modeType
	switch {
	case !isPlain(m.name):
		return fmt.Errorf("want a plain name of 1 to %d characters of ASCII, without blanks or a folder", maxName)
	case a.has(m.name):
		return fmt.Errorf("is there twice, but for case")
	case kind != 0 && kind != modeRegular:
		return fmt.Errorf("no regular file, but mode %o", m.external>>16)
	case m.Flags&^(flagDescriptor|otherFlags) != 0:
		return fmt.Errorf("flags %#x: want a file that is not encrypted or patched", m.Flags)
	case m.Method != methodStore && m.Method != methodDeflate:
		return fmt.Errorf("compression method %d: want %d (stored) or %d (deflated)", m.Method, methodStore, methodDeflate)
	case m.Method == methodStore && m.CompressedSize != m.UncompressedSize:
		return fmt.Errorf("stored with %d bytes as %d", m.UncompressedSize, m.CompressedSize)
	case m.Method == methodStore && m.Flags&flagDescriptor != 0:
		return fmt.Errorf("stored with its size behind it, which Android refuses")
	}
	return nil
}

// isPlain tells whether name is that of a file in the same folder, on any system
// and in any encoding.
func isPlain(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > maxName {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`/\:`, r) })
}

func (a *archive) has(name string) bool {
	for _, m := range a.members {
		if strings.EqualFold(m.name, name) {
			return true
		}
	}
	return false
}

// descriptorSize is that of a data descriptor (4.3.9) with its signature, which
// all programs write.
const descriptorSize = 16

// checkLayout wants the files one after the other, in the directory's order, and
// finds their data.
func (a *archive) checkLayout() error {
	var offset int64
	for i := range a.members {
		m := &a.members[i]
		if m.header != offset {
			return fmt.Errorf("entry %q: its header is at %#x: want it at %#x, behind the file before", m.name, m.header, offset)
		}
		if err := a.findData(m); err != nil {
			return fmt.Errorf("entry %q: %v", m.name, err)
		}
		offset = m.offset + int64(m.CompressedSize)
		if m.Flags&flagDescriptor != 0 {
			offset += descriptorSize
		}
		if offset > a.directory {
			return fmt.Errorf("entry %q: reaches into the directory", m.name)
		}
	}
	if offset != a.directory {
		return fmt.Errorf("%d bytes between the files and the directory", a.directory-offset)
	}
	return nil
}

// findData reads the local header and holds it against the directory.
func (a *archive) findData(m *member) error {
	buf, err := a.bytes(m.header, localSize+len(m.name))
	if err != nil {
		return err
	}
	var h localHeader
	parsePart(buf, &h)
	m.offset = m.header + int64(len(buf)) + int64(h.Entry.ExtraLength)
	local, same := h.Entry, m.entry
	local.VersionNeeded, local.Time, local.Date, local.ExtraLength = m.VersionNeeded, m.Time, m.Date, m.ExtraLength
	if m.Flags&flagDescriptor != 0 {
		same.CRC32, same.CompressedSize, same.UncompressedSize = 0, 0, 0
	}
	if h.Signature != localSignature || local != same || string(buf[localSize:]) != m.name {
		return fmt.Errorf("its local header at %#x says something else than the directory", m.header)
	}
	return nil
}
