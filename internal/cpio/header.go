package cpio

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/cavaliergopher/cpio"
)

// Header is what an entry written by this package says about itself. Every
// other field is constant, so that nothing of the machine that wrote it shows:
// mode 0100644, one link, owner, time and device numbers 0.
type Header struct {
	Name  string // 1 to MaxName bytes, no NUL
	Inode uint32 // from 1; GNU cpio takes entries with the same inode for links
	Size  int64  // bytes of data, at most MaxSize
	Sum   uint32 // sum of the data bytes, see AddSum
}

// libraryLock guards the library's package variable that holds the magic: a
// header with a sum edits it in place, for every archive of the process.
var libraryLock sync.Mutex

// AppendHeader appends the 070702 header of h, its name and their padding to
// dst. It refuses what the library would write as a truncated field.
func AppendHeader(dst []byte, h Header) ([]byte, error) {
	if err := h.check(); err != nil {
		return dst, err
	}
	return appendLibraryHeader(dst, &cpio.Header{
		Name:     h.Name,
		Inode:    int64(h.Inode),
		Mode:     cpio.TypeReg | 0o644,
		Links:    1,
		Size:     h.Size,
		Checksum: h.Sum,
	})
}

// AppendTrailer appends the entry that ends an archive to dst, in the bytes
// that GNU cpio writes.
func AppendTrailer(dst []byte) ([]byte, error) {
	return appendLibraryHeader(dst, &cpio.Header{Name: TrailerName, Links: 1})
}

// check tells whether every field of h fits its place.
func (h Header) check() error {
	switch {
	case h.Name == "":
		return fmt.Errorf("cpio: entry without a name")
	case h.Name == TrailerName:
		return fmt.Errorf("cpio: %q is the name of the archive's end", h.Name)
	case len(h.Name) > MaxName:
		return fmt.Errorf("cpio: name of %d bytes, at most %d fit", len(h.Name), MaxName)
	case strings.IndexByte(h.Name, 0) >= 0:
		return fmt.Errorf("cpio: name %q contains a NUL", h.Name)
	case h.Inode == 0:
		return fmt.Errorf("cpio: %q: inode 0, allowed are 1 to %d", h.Name, uint32(MaxSize))
	case h.Size < 0 || h.Size > MaxSize:
		return fmt.Errorf("cpio: %q: size %d, allowed are 0 to %d bytes", h.Name, h.Size, int64(MaxSize))
	}
	return nil
}

// appendLibraryHeader lets the library encode hdr. The magic is then set
// outright: the library writes 070701 for a sum of 0, unless any header with a
// sum went before it in this process.
func appendLibraryHeader(dst []byte, hdr *cpio.Header) ([]byte, error) {
	libraryLock.Lock()
	defer libraryLock.Unlock()
	start := len(dst)
	buf := bytes.NewBuffer(dst)
	if err := cpio.NewWriter(buf).WriteHeader(hdr); err != nil {
		return dst, fmt.Errorf("cpio: %q: %w", hdr.Name, err)
	}
	head := buf.Bytes()
	copy(head[start:], MagicCRC)
	return head, nil
}
