package cpio

import "fmt"

// FormatError says what is wrong with an archive, and where.
type FormatError struct {
	Offset int64  // in bytes from where reading began
	Field  string // the field of the format that stands there
	Msg    string
}

// Error formats e as "cpio: offset 0x6e: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("cpio: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}

func errorAt(offset int64, field, format string, args ...any) *FormatError {
	return &FormatError{Offset: offset, Field: field, Msg: fmt.Sprintf(format, args...)}
}
