package swdesc

import (
	"fmt"
	"strings"
)

// SyntaxError is one place at which the text is not a sw-description that every
// client reads.
type SyntaxError struct {
	Offset int    // in bytes from the beginning of the source
	Msg    string // what is wrong, in lower case
	Hint   string // how to mend it, or ""
}

// Error returns the message with the offset. Callers that know the file print
// line and column instead.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("offset %#x: %s", e.Offset, e.Msg)
}

// SyntaxErrors is every error that one call of Parse or ParseAs found, in the order of the
// text.
type SyntaxErrors []*SyntaxError

// Error lists the errors, one a line.
func (l SyntaxErrors) Error() string { return joinErrors(l) }

// FormatError is one thing in a tree that a format cannot hold.
type FormatError struct {
	Offset int    // of the setting or the value
	Path   string // as in "software.images[0].filename"
	Msg    string // what the format cannot hold, in lower case
}

// Error returns the path and the message.
func (e *FormatError) Error() string {
	return e.Path + ": " + e.Msg
}

// FormatErrors is everything in a tree that a format cannot hold.
type FormatErrors []*FormatError

// Error lists the errors, one a line.
func (l FormatErrors) Error() string { return joinErrors(l) }

// joinErrors writes one error a line.
func joinErrors[E error](list []E) string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// TypeError says that a setting holds another kind of value than was asked for.
// SWUpdate drops such a setting without an error.
type TypeError struct {
	Path   string // of the setting, as in "software.images[0].encrypted"
	Offset int    // of the value
	Got    Kind
	Want   Kind
}

// Error names the setting and both kinds.
func (e *TypeError) Error() string {
	return fmt.Sprintf("%s is %s, not %s", e.Path, e.Got, e.Want)
}
