package rdiff

import "fmt"

// FormatError says what is wrong with a delta or a signature, and where. Errors
// of the underlying reader are none.
type FormatError struct {
	Offset int64  // in bytes from the begin of the delta or signature
	Field  string // the field of the format that stands there
	Msg    string
}

// Error formats e as "rdiff: offset 0x6e: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("rdiff: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}
