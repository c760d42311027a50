package pack

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
)

// bundle builds a small signed bundle and returns its entries.
func bundle(t testing.TB) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		swu.Description: []byte(`software = { version = "7"; hardware-compatibility = ["1.0"]; images = (
			{ filename = "a"; sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"; compressed = "zstd"; encrypted = true; },
			{ filename = "b"; sha256 = "3E23E8160039594A33894F6564E1B1348BBD7A0088D42C4ACB73EEAED59C009D"; }
		); };`),
		swu.Signature: []byte("no CMS"),
		"a":           []byte("a"),
		"b":           []byte("b"),
	}
}

// archive packs entries, in this order: description, signature, the others.
func archive(t testing.TB, entries map[string][]byte) []byte {
	t.Helper()
	var names []string
	for name := range entries {
		if name != swu.Description && name != swu.Signature {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	for _, name := range append([]string{swu.Description, swu.Signature}, names...) {
		if data, ok := entries[name]; ok {
			if err := writeEntry(context.Background(), w, name, data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
