package pack

import (
	"github.com/fwpack/fwpack/pack/diff"
	"github.com/fwpack/fwpack/pack/swufile"
)

// changes says what is different in a bundle since the one before, in the words of
// package diff: payloads, then what the description says apart from them, then the
// archive.
func changes(before, after *swufile.File) []string {
	if lines := diff.Bundles(before, after).Lines(); len(lines) > 0 {
		return lines
	}
	return []string{"nothing"}
}
