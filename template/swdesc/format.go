package swdesc

import (
	"fmt"
)

// Format is one of the two syntaxes in which SWUpdate reads a sw-description.
type Format int

const (
	Libconfig Format = iota // the default, and the richer one
	JSON
)

// String is the name of the format as a command line has it.
func (f Format) String() string {
	if f == JSON {
		return "json"
	}
	return "libconfig"
}

// UnmarshalText reads the name of a format.
func (f *Format) UnmarshalText(text []byte) error {
	switch string(text) {
	case "libconfig":
		*f = Libconfig
	case "json":
		*f = JSON
	default:
		return fmt.Errorf("format %q is unknown: libconfig and json are allowed", clip(string(text)))
	}
	return nil
}

// ParseAs reads a sw-description in the given format, see [Parse].
func ParseAs(src []byte, format Format) (*Document, error) {
	if format == JSON {
		return nil, fmt.Errorf("JSON is not read yet")
	}
	return Parse(src)
}
