package rdiff

import (
	"fmt"
	"io"
)

// Source is an image that can be read in any order and by several goroutines
// at a time. *io.SectionReader and *bytes.Reader are sources; for a file use
// io.NewSectionReader with the file's size.
type Source interface {
	io.ReaderAt
	Size() int64 // in bytes
}

// readFull reads len(p) bytes at off. The caller knows that src has them, so
// an early end is an error that says what (an image's role) is too short.
func readFull(src Source, what string, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == io.EOF || err == nil {
		return fmt.Errorf("rdiff: %s ends at %d of its %d bytes", what, off+int64(n), src.Size())
	}
	return fmt.Errorf("rdiff: reading %s at %d: %w", what, off, err)
}
