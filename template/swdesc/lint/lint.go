// Package lint checks a sw-description before it ships: what SWUpdate's clients
// refuse, and above all what they pass over in silence.
//
// Check does it all at once. Its findings name a rule by its id, which never
// changes; Rules lists the rules with the reason for each of them, how to mend
// what they find, and examples that break them and keep them. Document prints
// that list for people.
//
// What is an error depends on the device. Check is told of it by a
// swupdate.Profile, and follows these rules for all that is not the same
// everywhere:
//
//   - A profile with a release is a target that somebody named: what came with a
//     later release, or is not compiled in, is an error.
//   - The zero Profile is no target: the newest client is assumed, and what needs
//     a release after 2022.12 is pointed out by a note.
//   - What a profile does not say of a device (a check of the hardware, a
//     verifier of signatures) is a warning where it would be an error on devices
//     that have it.
//
// Ids are grouped by subject: SWD0xx structure, keys, types and links, SWD1xx
// entries, SWD2xx handlers and their properties, SWD3xx the archive, SWD4xx
// compression, encryption and streaming, SWD5xx signatures, SWD6xx variables,
// SWD7xx what a client is too old or too small for, SWD8xx practice that
// SWUpdate's manual recommends.
package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Severity says how bad a finding is. The zero Severity is the worst.
type Severity int

// The severities.
const (
	Error   Severity = iota // the device refuses the update, or does something else than is written
	Warning                 // it does so under some circumstances
	Note                    // it works, and could be better
)

// String is "error", "warning" or "note".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Note:
		return "note"
	}
	return fmt.Sprintf("severity %d", int(s))
}

// MarshalText is String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Subject is what Check looks at.
type Subject struct {
	Doc *swdesc.Document
	// Draft: the description is a template. What a build fills in (sha256, ivt,
	// encrypted, compressed and the size properties) may still be missing, and
	// values with @@...@@, $function(...) or "@file" are not known yet.
	Draft bool
	// Archive is what lies around the description; nil where it is not known.
	Archive *swupdate.Archive
}

// Finding is one place where a description breaks a rule.
type Finding struct {
	Rule     string   `json:"rule"` // the id
	Severity Severity `json:"severity"`
	Offset   int      `json:"offset"` // in the text, in bytes; 0 for the whole
	Path     string   `json:"path"`   // as in "software.images[0].filename"; "" for the whole
	Msg      string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
}

// Check returns what a description breaks for a device, in the order of the
// text. Time is linear in the size of the description and the archive.
func Check(s Subject, target swupdate.Profile) []Finding {
	c := newChecker(s, target)
	for _, r := range rules() {
		c.rule = &r.Rule
		r.check(c)
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Rule, b.Rule))
	})
	return c.findings
}
