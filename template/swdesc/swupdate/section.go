package swupdate

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Section is one of the lists of a description, or a set of them.
type Section uint8

// The sections. Images and files make one class for the client: a handler that
// works in one of them works in the other.
const (
	Images Section = 1 << iota
	Files
	Scripts
	Partitions
	Bootenv
	Vars

	// Payloads are the sections whose entries are artifacts to be stored.
	Payloads = Images | Files
	// Entries are the sections whose entries have a handler.
	Entries = Payloads | Scripts | Partitions
	// Variables are the sections whose entries are names and values.
	Variables = Bootenv | Vars
)

// sectionNames are the keys of the sections, in the order of their bits.
var sectionNames = []string{"images", "files", "scripts", "partitions", "bootenv", "vars"}

// Sections returns the sections one by one.
func Sections() []Section {
	all := make([]Section, len(sectionNames))
	for i := range all {
		all[i] = 1 << i
	}
	return all
}

// ParseSection finds the section of a top-level key. "uboot" is Bootenv, too.
func ParseSection(key string) (Section, bool) {
	if key == "uboot" {
		return Bootenv, true
	}
	for i, name := range sectionNames {
		if name == key {
			return 1 << i, true
		}
	}
	return 0, false
}

// Has tells whether all of other is in s.
func (s Section) Has(other Section) bool { return s&other == other }

// String names the sections of s as their keys, "images, files".
func (s Section) String() string {
	var names []string
	for i, name := range sectionNames {
		if s.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// MarshalText is String.
func (s Section) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the key of one section.
func (s *Section) UnmarshalText(text []byte) error {
	section, ok := ParseSection(string(text))
	if !ok {
		return diag.Diagnostic{
			Msg:  fmt.Sprintf("%q is no section: %s", text, strings.Join(sectionNames, ", ")),
			Hint: diag.DidYouMean(string(text), sectionNames),
		}
	}
	*s = section
	return nil
}
