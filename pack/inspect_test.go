package pack

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

func inspect(t *testing.T, entries map[string][]byte) *Inspection {
	t.Helper()
	ins, err := Inspect(context.Background(), "a.swu", bytes.NewReader(archive(t, entries)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return ins
}

func TestInspect(t *testing.T) {
	ins := inspect(t, bundle(t))
	if ins.Version != "7" || !slices.Equal(ins.HardwareCompatibility, []string{"1.0"}) || ins.Signature.Kind != "raw" || len(ins.Problems) > 0 {
		t.Errorf("%+v", ins)
	}
	if len(ins.Entries) != 4 {
		t.Fatalf("%d entries", len(ins.Entries))
	}
	a := ins.Entries[2]
	if a.Name != "a" || a.Size != 1 || a.Compressed != "zstd" || !a.Encrypted || !strings.HasPrefix(a.SHA256, "ca978112") {
		t.Errorf("%+v", a)
	}
}

// The offset is that of the data, for whoever cuts it out.
func TestInspectOffsets(t *testing.T) {
	data := archive(t, bundle(t))
	ins, err := Inspect(context.Background(), "a.swu", bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range ins.Entries {
		if got := data[entry.Offset:][:entry.Size]; hexDigest(got) != entry.SHA256 {
			t.Errorf("%s is not at offset %d", entry.Name, entry.Offset)
		}
	}
}

func TestInspectProblems(t *testing.T) {
	for name, test := range map[string]struct {
		change func(map[string][]byte)
		want   []string
	}{
		"payload changed": {
			func(e map[string][]byte) { e["b"] = []byte("c") },
			[]string{"b: sha256 is 2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6, but the description says 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"},
		},
		"payload missing": {
			func(e map[string][]byte) { delete(e, "a") },
			[]string{"a: the description names it, but it is not in the bundle"},
		},
		"not libconfig": {
			func(e map[string][]byte) { e[swu.Description] = []byte("}") },
			[]string{"sw-description cannot be read as libconfig: "},
		},
		"not JSON": {
			func(e map[string][]byte) { e[swu.Description] = []byte("{") },
			[]string{"sw-description cannot be read as json: "},
		},
		"a file that nobody names": {func(e map[string][]byte) { e["extra"] = nil }, nil},
		"unsigned":                 {func(e map[string][]byte) { delete(e, swu.Signature) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			entries := bundle(t)
			test.change(entries)
			got := inspect(t, entries).Problems
			if len(got) != len(test.want) {
				t.Fatalf("problems %q", got)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], test.want[i]) {
					t.Errorf("%q, want %q", got[i], test.want[i])
				}
			}
		})
	}
}

func TestInspectNoBundle(t *testing.T) {
	for _, text := range []string{"", "hello", strings.Repeat("070702", 100)} {
		if ins, err := Inspect(context.Background(), "a.swu", strings.NewReader(text), nil); err == nil {
			t.Errorf("%.10q is taken for a bundle: %+v", text, ins)
		}
	}
}

// A CMS says who signed and when; bytes behind it are a problem.
func TestInspectCMS(t *testing.T) {
	dir := mixedProject(t, "rsa2048").write(t)
	_, entries := build(t, dir, options(dir))
	entries[swu.Signature] = append(entries[swu.Signature], 0, 0)
	ins := inspect(t, entries)
	if ins.Signature.Kind != "cms" || len(ins.Signature.Signers) != 1 || ins.Signature.Signers[0].Key != "RSA-2048" || ins.Signature.Signers[0].SigningTime != "" {
		t.Errorf("%+v", ins.Signature)
	}
	if len(ins.Problems) != 1 || ins.Problems[0] != "sw-description.sig: 2 bytes behind the CMS, which nothing signs" {
		t.Errorf("%q", ins.Problems)
	}
}

// Whatever a file holds, Inspect comes to an end without a panic.
func FuzzInspect(f *testing.F) {
	good := archive(f, bundle(f))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(bytes.Replace(good, []byte("070702"), []byte("070701"), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		if ins, err := Inspect(context.Background(), "a.swu", bytes.NewReader(data), nil); err == nil && len(ins.Entries) == 0 {
			t.Error("a bundle without entries is none")
		}
	})
}

// Whatever a project file holds, Load and Plan come to an end without a panic.
func FuzzLoad(f *testing.F) {
	f.Add("schema = 1\nproject = { name = \"a\", version = \"1\" }\n[[bundle]]\nname = \"b\"\noutput = \"b.swu\"\ndescription = \"d\"\n", "software = { images = ({ filename = \"d\"; }); };")
	f.Add("schema = 1\n[vars]\nA = \"@@A@@\"\n[keys.k]\naes = { env = \"X\" }\n[[artifact]]\nname = \"@@A@@\"\nfile = 1\n", "@@A@@")
	f.Add("schema = 1\nproject = { name = \"a\", version = \"1\" }\n[keys.k]\npublic = \"d\"\n[[image]]\nname = \"i\"\ninput = \"d\"\noutput = \"i.hex\"\nversion = \"1\"\nheader-size = 32\npad-header = true\nslot-size = \"4K\"\nsign = \"k\"\n"+
		"boot-record = \"x\"\nencrypt = \"k\"\ncompress = \"lzma2\"\nboard = \"b\"\nsoc = \"s\"\ndependencies = { 1 = \"2\" }\ntlv = [{ type = 0xa0, hex = \"00\" }]\nbootloader = { mode = \"swap-move\", sector-size = 512, slot-address = 0 }\n[[dfu]]\nname = \"z\"\noutput = \"z\"\nimages = [\"i\"]\n", "firmware")
	f.Fuzz(func(t *testing.T, toml, description string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "d"), []byte(description), 0o666); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "fwpack.toml")
		if err := os.WriteFile(path, []byte(toml), 0o666); err != nil {
			t.Fatal(err)
		}
		if project, err := Load(path, Inputs{}); err == nil {
			project.Plan(Selection{})
		}
	})
}
