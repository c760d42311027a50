package filemap

import (
	"errors"
	"fmt"
)

// ErrUnknown is what Read returns for an image without a file system that it
// knows. The image may be a partitioned disk, or something else altogether.
var ErrUnknown = errors.New("filemap: neither ext2, ext3, ext4 nor squashfs 4.0")

// FormatError says what is wrong with an image, and where. Errors of the
// underlying reader are none.
type FormatError struct {
	Offset int64  // in bytes from the begin of the image
	Field  string // what stands there
	Msg    string
}

// Error formats e as "filemap: offset 0x438: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("filemap: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}

// wrong returns a FormatError.
func wrong(offset int64, field, format string, args ...any) error {
	return &FormatError{Offset: offset, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// UnsupportedError says that a file system is sound, as far as that was looked
// at, but uses what this package cannot read.
type UnsupportedError struct {
	Kind    string // "ext4" or "squashfs"
	Feature string
}

// Error formats e as "filemap: squashfs: feature is not supported".
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("filemap: %s: %s is not supported", e.Kind, e.Feature)
}
