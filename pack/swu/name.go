package swu

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/fwpack/fwpack/internal/cpio"
)

// CheckName tells whether an artifact may be called name: 1 to MaxName bytes
// without a slash or a control character, and none of the names that mean
// something else. SWUpdate writes an artifact to a file of that name in one
// folder; Debian's 2022.12 follows "../" and 2026.05 refuses it.
func CheckName(name string) error {
	switch name {
	case Description, Signature, cpio.TrailerName:
		return fmt.Errorf("artifact name %q is reserved", name)
	}
	return checkEntryName(name)
}

// checkEntryName holds for every entry, the description included.
func checkEntryName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("entry without a name")
	case len(name) > MaxName:
		return fmt.Errorf("entry name of %d bytes, at most %d are allowed (%.40q and so on)", len(name), MaxName, name)
	case name == "." || name == "..":
		return fmt.Errorf("entry name %q is a folder", name)
	case strings.Contains(name, "/"):
		return fmt.Errorf("entry name %q contains a slash", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("entry name %q contains a control character", name)
	}
	return nil
}
