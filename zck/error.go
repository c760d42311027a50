package zck

import "fmt"

// FormatError says what is wrong with a zchunk file or header, and where.
// Errors of the underlying reader are none.
type FormatError struct {
	Offset int64  // in bytes from the begin of the file
	Field  string // the field that stands there, in zchunk's words
	Msg    string
}

// Error formats e as "zck: offset 0x2b: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("zck: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}

// wrong returns a FormatError.
func wrong(offset int64, field, format string, args ...any) error {
	return &FormatError{Offset: offset, Field: field, Msg: fmt.Sprintf(format, args...)}
}
