package swufile

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
)

func extract(t testing.TB, bundle []byte, dir string, o ExtractOptions) ([]Extracted, error) {
	t.Helper()
	return Extract(context.Background(), "test.swu", bytes.NewReader(bundle), dir, o)
}

// content is what lies in a folder, by name.
func content(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(data)
	}
	return all
}

func TestExtract(t *testing.T) {
	data := pack(t, firmware, payload.Zstd, aesDigits)
	description := describe(image("a", data, `compressed = "zstd"; encrypted = true; ivt = "`+ivDigits+`"; aes-key = "`+aesDigits+`";`), image("b", "b", ""))
	bundle := unsigned(t, seal(t, description, "ec-p256.crt"), member(swu.Signature, "signature"), member("a", data), member("b", "b"), member("extra", "x"))
	keys := keysOf(t, key("ec-p256.pem"))
	all := map[string]string{swu.Description: description, swu.Signature: "signature", "a": firmware, "b": "b", "extra": "x"}
	raw := map[string]string{swu.Description: string(read(t, bundle, Options{}).Description.Data), swu.Signature: "signature", "a": data, "b": "b", "extra": "x"}
	for name, c := range map[string]struct {
		options ExtractOptions
		want    map[string]string
	}{
		"all": {ExtractOptions{Keys: keys}, all},
		"raw": {ExtractOptions{Raw: true}, raw},
		"one": {ExtractOptions{Keys: keys, Names: []string{"a"}}, map[string]string{"a": firmware}},
		"two": {ExtractOptions{Keys: keys, Names: []string{"b", swu.Description}}, map[string]string{"b": "b", swu.Description: description}},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		list, err := extract(t, bundle, dir, c.options)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := content(t, dir)
		if len(got) != len(c.want) || len(list) != len(got) {
			t.Errorf("%s: %d files, %v", name, len(got), list)
		}
		for _, e := range list {
			if got[e.Name] != c.want[e.Name] || e.Size != int64(len(got[e.Name])) || e.SHA256 != sha256Of(got[e.Name]) {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// What cannot be taken out as a device would get it leaves nothing behind, and what
// was there as it was.
func TestExtractRefuses(t *testing.T) {
	gz := pack(t, firmware, payload.Zlib, "")
	good := describe(image("a", gz, `compressed = "zlib";`), image("b", "b", ""))
	cut := describe(image("a", gz[:len(gz)-9], `compressed = "zlib";`), image("b", "b", ""))
	wrongSum := unsigned(t, good, member("a", gz), member("b", "b"))
	copy(wrongSum[bytes.Index(wrongSum, []byte("b\x00b"))-8:], "00000001")
	damage := &DamageError{}
	for name, c := range map[string]struct {
		bundle  []byte
		options ExtractOptions
		want    string
		damage  bool
	}{
		"digest":       {unsigned(t, good, member("a", gz), member("b", "c")), ExtractOptions{}, "b: sha256 is ", true},
		"cut":          {unsigned(t, cut, member("a", gz[:len(gz)-9]), member("b", "b")), ExtractOptions{}, "a: unexpected EOF", true},
		"sum":          {wrongSum, ExtractOptions{Names: []string{"a"}}, "swu: offset", true},
		"no name":      {unsigned(t, good, member("a", gz), member("b", "b")), ExtractOptions{Names: []string{"a", "c"}}, `holds no "c"`, false},
		"no signature": {unsigned(t, good, member("a", gz), member("b", "b")), ExtractOptions{Names: []string{swu.Signature}}, "holds no", false},
		"sealed":       {unsigned(t, seal(t, good, "ec-p256.crt"), member("a", gz)), ExtractOptions{}, "the description is encrypted for CN=", true},
		"syntax":       {unsigned(t, "}", member("a", gz)), ExtractOptions{Names: []string{"a"}}, "sw-description: ", true},
		"twice":        {append(unsigned(t, good, member("a", gz))[:0:0], twice(t, good, gz)...), ExtractOptions{}, "is the same file as a", false},
		"there":        {unsigned(t, good, member("a", gz), member("b", "b"), member("there", "x")), ExtractOptions{}, "there: exists already", false},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "there"), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := extract(t, c.bundle, dir, c.options)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &damage) != c.damage {
			t.Errorf("%s: %T %v", name, err, err)
		}
		if got := content(t, dir); len(got) != 1 || got["there"] != "old" {
			t.Errorf("%s: left %v", name, got)
		}
	}
	list, err := extract(t, unsigned(t, good, member("a", gz), member("b", "c")), t.TempDir(), ExtractOptions{Names: []string{"a"}})
	if err != nil || len(list) != 1 {
		t.Errorf("beside a damaged one: %v", err)
	}
}

// twice is a bundle with a payload that is there twice.
func twice(t testing.TB, description, data string) []byte {
	one, two := unsigned(t, description, member("a", data)), unsigned(t, description, member("a", data))
	end := bytes.LastIndex(one, []byte("070702")) // of the trailer
	return append(one[:end:end], two[bytes.Index(two[6:], []byte("070702"))+6:]...)
}

// Whatever a payload is called, nothing is written outside of the folder.
func TestExtractNames(t *testing.T) {
	for _, name := range []string{"../a", "/tmp/a", "a/b", "..", ".", "a\x01b", ".fwpack-part-0"} {
		placeholder := strings.Repeat("P", len(name))
		bundle := unsigned(t, describe(image(placeholder, "b", "")), member(placeholder, "b"))
		bundle = bytes.ReplaceAll(bundle, []byte(placeholder), []byte(name))
		parent := t.TempDir()
		if _, err := extract(t, bundle, filepath.Join(parent, "out"), ExtractOptions{Raw: true}); err == nil {
			t.Errorf("%q is written", name)
		}
		if left := content(t, parent); len(left) > 0 {
			t.Errorf("%q: left %v", name, left)
		}
	}
}

func TestExtractBroken(t *testing.T) {
	bundle := unsigned(t, describe(image("a", "a", "")), member("a", "a"))
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := extract(t, bundle[:len(bundle)-700], dir, ExtractOptions{Raw: true}); err == nil {
		t.Error("a file that is cut off")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is left behind")
	}
}
