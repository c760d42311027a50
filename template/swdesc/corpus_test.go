package swdesc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// broken are published templates that no libconfig release reads: a comma is
// missing between two entries, and a Lua script has unescaped quotes.
var broken = map[string]string{
	"imx6ullwch-emmc-dualcopy-image.template":         `expected "," or ")" behind a value of the list, found "{"`,
	"imx6ullwch-emmc-dualcopy-image.template.cmdline": `expected "=" or ":" after`,
}

// TestCorpus reads real descriptions from the folder $FWPACK_CORPUS: each is
// printed back byte for byte, and can be filled in.
func TestCorpus(t *testing.T) {
	files := corpus(t)
	for name, src := range files {
		t.Run(name, func(t *testing.T) {
			doc, err := swdesc.ParseAny(src)
			if want := brokenError(name); want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(doc.Bytes(), src) {
				t.Fatal("printed differently")
			}
			if doc.Find("software", "version") == nil {
				t.Error("no version found")
			}
			checkConverts(t, doc)
			fillAll(doc)
			checkReparse(t, doc)
			if removed := missingLines(src, doc.Bytes()); len(removed) > 0 {
				t.Errorf("lines of the author are gone: %q", removed)
			}
		})
	}
}

// checkConverts demands that doc converts to the other format and back without a
// change of its meaning, and is printed canonically in its own.
func checkConverts(t *testing.T, doc *swdesc.Document) {
	t.Helper()
	to := swdesc.JSON
	if doc.Format == swdesc.JSON {
		to = swdesc.Libconfig
	}
	out, losses, err := swdesc.Convert(doc, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range losses {
		line, col := doc.Position(l.Offset)
		t.Logf("%d:%d: %s: %s", line, col, l.Path, l.Msg)
	}
	again := checkEqual(t, out, to, doc)
	back, _, err := swdesc.Convert(again, doc.Format)
	if err != nil {
		t.Fatal(err)
	}
	checkEqual(t, back, doc.Format, doc)
}

// corpus returns the files of the corpus, placeholders expanded.
func corpus(t *testing.T) map[string][]byte {
	dir := os.Getenv("FWPACK_CORPUS")
	if dir == "" {
		t.Skip("FWPACK_CORPUS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in FWPACK_CORPUS: %v", err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = expand(t, path, src)
	}
	return files
}

// expand gives every placeholder of src a made-up value.
func expand(t *testing.T, path string, src []byte) []byte {
	vars := template.Vars{}
	for _, m := range regexp.MustCompile(`@@([A-Za-z0-9_.-]+)@@`).FindAllSubmatch(src, -1) {
		vars[string(m[1])] = strings.ToLower(string(m[1]))
	}
	text, err := template.Expand(path, src, vars)
	if err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func brokenError(name string) string {
	for suffix, want := range broken {
		if strings.HasSuffix(name, suffix) {
			return want
		}
	}
	return ""
}

// missingLines are the lines of before that after does not have in the same
// order, other than those whose value was replaced on purpose.
func missingLines(before, after []byte) []string {
	var missing []string
	commas := strings.NewReplacer(",\n", "\n") // an edit may put one behind a setting
	rest := slices.Collect(strings.Lines(commas.Replace(string(after))))
	for line := range strings.Lines(commas.Replace(string(before))) {
		if strings.Contains(line, "sha256") || strings.Contains(line, "version") || strings.Contains(line, "properties = {") {
			continue
		}
		if i := slices.Index(rest, line); i >= 0 {
			rest = rest[i+1:]
		} else {
			missing = append(missing, line)
		}
	}
	return missing
}
