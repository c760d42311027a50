// Package depfile writes what was made from what, as make and ninja read it.
package depfile

import (
	"fmt"
	"strings"
)

// Format returns a rule that makes targets depend on sources, and an empty rule for
// each source, so that make does not stop where one of them is gone (as GCC's -MP;
// ninja passes these over). A name with a line end has no form in such a file and is
// an error.
func Format(targets, sources []string) ([]byte, error) {
	var b strings.Builder
	for i, target := range targets {
		if i > 0 {
			b.WriteByte(' ')
		}
		if err := write(&b, target); err != nil {
			return nil, err
		}
	}
	b.WriteByte(':')
	for _, source := range sources {
		b.WriteString(" \\\n  ")
		if err := write(&b, source); err != nil {
			return nil, err
		}
	}
	b.WriteByte('\n')
	for _, source := range sources {
		b.WriteByte('\n')
		if err := write(&b, source); err != nil {
			return nil, err
		}
		b.WriteString(":\n")
	}
	return []byte(b.String()), nil
}

// write escapes a name as GCC does (libcpp/mkdeps.cc, GCC 12) and both programs
// undo: blanks and the backslashes in front of them, "#", "$"; and ":", which would
// end the targets.
func write(b *strings.Builder, name string) error {
	if strings.ContainsAny(name, "\n\r\x00") {
		return fmt.Errorf("%q: a name with a line end cannot stand in a file of dependencies", name)
	}
	slashes := 0
	for i := range len(name) {
		switch c := name[i]; c {
		case '\\':
			slashes++
			b.WriteByte(c)
			continue
		case ' ', '\t':
			b.WriteString(strings.Repeat(`\`, slashes+1))
		case '#', ':':
			b.WriteByte('\\')
		case '$':
			b.WriteByte('$')
		}
		slashes = 0
		b.WriteByte(name[i])
	}
	return nil
}
