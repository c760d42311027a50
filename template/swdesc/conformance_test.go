package swdesc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/template/swdesc"
)

// python is the interpreter for which Debian packages python3-libconf.
const python = "/usr/bin/python3"

// needPython skips or fails the test where python cannot run the statement.
func needPython(t *testing.T, statement string) {
	t.Helper()
	reftool.Need(t, python)
	if err := exec.Command(python, "-c", statement).Run(); err != nil {
		reftool.Missing(t, fmt.Sprintf("%s cannot run %q", python, statement))
	}
}

// ask runs a Python script with files as its arguments and decodes the JSON array
// it prints, one element a file.
func ask[T any](t *testing.T, script string, files [][]byte) []T {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-c", script}
	for i, content := range files {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	var answers []T
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(files) {
		t.Fatalf("%d answers for %d files: %v", len(answers), len(files), err)
	}
	return answers
}

// libconfigScript asks libconfig itself, the library inside Debian's SWUpdate,
// whether it reads each file. 512 bytes are more than its config_t has.
const libconfigScript = `
import ctypes, json, sys
lib = ctypes.CDLL("libconfig.so.9")
def reads(path):
    config = ctypes.create_string_buffer(512)
    lib.config_init(config)
    return bool(lib.config_read_file(config, path.encode()))
print(json.dumps([reads(path) for path in sys.argv[1:]]))
`

// TestConformanceLibconfig puts every document of the parser's tests, and edited
// ones, to libconfig.
func TestConformanceLibconfig(t *testing.T) {
	needPython(t, `import ctypes; ctypes.CDLL("libconfig.so.9")`)
	var files [][]byte
	var want []bool
	for _, tt := range accepted {
		doc := parse(t, tt.src)
		files = append(files, []byte(tt.src), edited(doc))
		want = append(want, true, true)
	}
	for _, tt := range refused {
		if !strings.Contains(tt.src, "@include") { // it would read the other file
			files = append(files, []byte(tt.src))
			want = append(want, tt.stricter)
		}
	}
	for i, got := range ask[bool](t, libconfigScript, files) {
		if got != want[i] {
			t.Errorf("%q: libconfig says %v, want %v", files[i], got, want[i])
		}
	}
}

func edited(doc *swdesc.Document) []byte {
	fillAll(doc)
	return doc.Bytes()
}

// libconfScript prints what python3-libconf makes of each file. Groups become
// arrays of pairs, so that their order is compared too.
const libconfScript = `
import json, libconf, sys
def plain(v):
    if isinstance(v, dict):
        return {"settings": [[k, plain(x)] for k, x in v.items()]}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, int) and not isinstance(v, bool):
        return {"int": str(v)}
    return v
def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return plain(libconf.load(f))
print(json.dumps([read(path) for path in sys.argv[1:]]))
`

// TestConformanceLibconf has python3-libconf read documents as they are, in
// canonical layout and edited, and compares every value, from the examples below and, where it is there, from the corpus.
func TestConformanceLibconf(t *testing.T) {
	needPython(t, "import libconf")
	var docs []*swdesc.Document
	for _, src := range conformanceSources(t) {
		doc := parse(t, src)
		docs = append(docs, parse(t, src))
		if out, err := swdesc.Print(doc.Root, swdesc.Libconfig); err == nil {
			docs = append(docs, parse(t, string(out)))
		}
		for g := range doc.Groups() {
			if err := fillPlain(g); err != nil {
				t.Fatal(err)
			}
		}
		docs = append(docs, doc)
	}
	var files [][]byte
	for _, doc := range docs {
		files = append(files, doc.Bytes())
	}
	for i, answer := range ask[any](t, libconfScript, files) {
		got, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(plain(docs[i].Root))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("libconf reads\n%s\nwant\n%s\nfrom\n%s", got, want, files[i])
		}
	}
}

func conformanceSources(t *testing.T) []string {
	sources := []string{
		tree,
		entries(3),
		"a = { filename = \"f\"; # c\r\n  type: \"raw\" \"x\",\r\n};\r\n",
		`a={filename="f"b=0x10 c=-5L d=1.5 e=TRUE};`,
		"a = [ \"x\", \"\\x41\\\\ \\\" \\n\" ]; b = ( 1, true, (), { } );",
	}
	if os.Getenv("FWPACK_CORPUS") != "" {
		for name, src := range corpus(t) {
			if brokenError(name) == "" && swdesc.Detect(src) == swdesc.Libconfig {
				sources = append(sources, string(src))
			}
		}
	}
	return sources
}

// fillPlain edits g with values that JSON can carry.
func fillPlain(g *swdesc.Group) error {
	if g.Get("filename") == nil {
		return nil
	}
	properties, err := g.EnsureGroup("properties")
	if err != nil {
		return err
	}
	return first(
		g.SetString("sha256", strings.Repeat("0f", 32)),
		g.SetString("version", "a\"b\\c\n\r\t\f\x01\x1f\x7f é @@"),
		g.SetBool("encrypted", true),
		g.SetInt("size", 1<<40),
		properties.SetString("decompressed-size", "12"),
	)
}

// plain is the form in which libconfScript prints values.
func plain(v swdesc.Value) any {
	switch v := v.(type) {
	case *swdesc.Group:
		pairs := []any{}
		for _, s := range v.Settings() {
			pairs = append(pairs, []any{s.Name(), plain(s.Value())})
		}
		return map[string]any{"settings": pairs}
	case *swdesc.List:
		return plainAll(v.Values())
	case *swdesc.Array:
		return plainAll(v.Values())
	case *swdesc.Int:
		return map[string]any{"int": fmt.Sprint(v.Value())}
	case *swdesc.Float:
		return v.Value()
	case *swdesc.Bool:
		return v.Value()
	case *swdesc.String:
		return v.Value()
	}
	return nil
}

func plainAll(values []swdesc.Value) []any {
	out := []any{}
	for _, v := range values {
		out = append(out, plain(v))
	}
	return out
}
