package filemap

import (
	"errors"
	"fmt"
	"io"
)

// What an image may have. Real ones stay far below; a hostile one could ask for
// any amount of memory.
const (
	maxFiles     = 4 << 20   // inodes in use
	maxClaims    = 8 << 20   // ranges of blocks, before neighbours are joined
	maxLinks     = 16 << 20  // entries of directories
	maxNameBytes = 512 << 20 // of all names, and of all paths
)

// Read maps an image of size bytes. It recognises the file system by its
// content. The error is ErrUnknown for anything else, a *FormatError for one
// that contradicts itself or is cut off, an *UnsupportedError, or one of the
// reader.
func Read(image io.ReaderAt, size int64) (*Map, error) {
	s := source{image, size}
	var head [extSuperOffset + extSuperSize]byte
	known := min(size, int64(len(head)))
	if known < squashSuperSize {
		return nil, ErrUnknown
	}
	if err := s.read(head[:known], 0, "superblock"); err != nil {
		return nil, err
	}
	switch {
	case isSquash(head[:]):
		return readSquash(s, head[:squashSuperSize])
	case isExt(head[extSuperOffset:]):
		return readExt(s, head[extSuperOffset:])
	}
	return nil, ErrUnknown
}

// source is an image.
type source struct {
	r    io.ReaderAt
	size int64
}

// read fills buf from offset at, where field is.
func (s source) read(buf []byte, at int64, field string) error {
	if at < 0 || at > s.size-int64(len(buf)) {
		return wrong(at, field, "%d bytes, but the image has %d", len(buf), s.size)
	}
	n, err := s.r.ReadAt(buf, at)
	switch {
	case n == len(buf):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return wrong(at+int64(n), field, "the image ends here, %d bytes were announced", s.size)
	}
	return fmt.Errorf("filemap: offset %#x: %s: %w", at, field, err)
}
