package swdesc

import (
	"fmt"
	"strings"
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

// Detect tells the format that a file is evidently in, errors or not: JSON where
// its first character is "{", which begins no libconfig file, else libconfig.
// White space, comments and a byte order mark before it do not count. SWUpdate
// itself tries libconfig first, then JSON; with files that either of them reads
// the outcome is the same.
func Detect(src []byte) Format {
	rest := strings.TrimPrefix(string(src), byteOrderMark)
	for rest != "" {
		n, _ := triviaLen(rest)
		if n == 0 {
			break
		}
		rest = rest[n:]
	}
	if strings.HasPrefix(rest, "{") {
		return JSON
	}
	return Libconfig
}
