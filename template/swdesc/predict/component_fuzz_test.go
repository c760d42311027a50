package predict

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzParseSWVersions: what is read in either form can be written as lines, unless
// there are blanks in it, and reads the same again.
func FuzzParseSWVersions(f *testing.F) {
	for _, seed := range []string{
		"boot 1.0\nkernel\t5.10\n\n", "versions : ( { name = \"a\"; version = \"1\"; } );\n", "a\n", "versions = 1;", "\xff 1\n", "x = 1;", "a b c",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := ParseSWVersions(data)
		if err != nil {
			return
		}
		var lines strings.Builder
		for _, c := range all {
			if len(strings.Fields(c.Name)) != 1 || len(strings.Fields(c.Version)) != 1 || strings.TrimSpace(c.Name) != c.Name || strings.TrimSpace(c.Version) != c.Version {
				return
			}
			fmt.Fprintf(&lines, "%s %s\n", c.Name, c.Version)
		}
		again, err := ParseSWVersions([]byte(lines.String()))
		if err != nil || !slices.Equal(again, all) {
			t.Errorf("%+v becomes %+v, %v", all, again, err)
		}
	})
}
