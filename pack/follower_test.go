package pack

import (
	"bytes"
	"strings"
	"testing"
)

// A bundle that is not what was to be written is found out before it gets its name.
func TestReadBack(t *testing.T) {
	l := newCacheLab(t)
	whole := l.build(nil, 1)
	if err := readBack(bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	shifted := bytes.Clone(whole)
	copy(shifted[len(shifted)/2:], whole[len(whole)/2+4:])
	changed := bytes.Clone(whole)
	changed[len(changed)/2]++
	for name, bundle := range map[string][]byte{"shifted": shifted, "changed": changed, "cut": whole[:len(whole)-600], "empty": nil} {
		if err := readBack(bytes.NewReader(bundle)); err == nil || !strings.Contains(err.Error(), "does not read back") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
