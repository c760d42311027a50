package template

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/pkgdata"
	"github.com/fwpack/fwpack/template/swdesc"
)

// TestCorpusExpands expands real templates from the folder $FWPACK_CORPUS with
// made-up variables and packages: nothing is left over, and the result is a
// description.
func TestCorpusExpands(t *testing.T) {
	dir := os.Getenv("FWPACK_CORPUS")
	if dir == "" {
		t.Skip("FWPACK_CORPUS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in FWPACK_CORPUS: %v", err)
	}
	calls := 0
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := madeUp(t, string(src)).Expand(path, src)
			if err != nil {
				t.Fatal(err)
			}
			calls += len(text.Calls())
			checkExpanded(t, text, string(src))
			full, err := text.Fill(func(c Call) (string, error) { return strings.ReplaceAll(c.Func.standIn(), "0", "7"), nil })
			if err != nil {
				t.Fatal(err)
			}
			checkParses(t, path, text.Bytes())
			checkParses(t, path, full.Bytes())
		})
	}
	if calls == 0 {
		t.Error("no function in all of the corpus")
	}
}

// madeUp gives every placeholder of a template a value, and every package a
// version.
func madeUp(t *testing.T, src string) Source {
	vars := Vars{}
	for _, m := range regexp.MustCompile(`@@([\w.-]+)@@`).FindAllStringSubmatch(src, -1) {
		vars[m[1]] = strings.ToLower(m[1])
	}
	dir := t.TempDir()
	names := regexp.MustCompile(`(?:\$swupdate_get_pkgvar\(|@SWU_AUTO_VERSION:|filename\s*=\s*")([\w.+-]+)`)
	for _, m := range names.FindAllStringSubmatch(src, -1) {
		if err := os.WriteFile(filepath.Join(dir, m[1]), []byte("PV: 1.2+git\nPKGV: 1.3\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Source{Vars: vars, Packages: pkgdata.Folder(dir).Value}
}

// checkExpanded demands that there is nothing left to expand outside of comments,
// and that each call stands where the author wrote one.
func checkExpanded(t *testing.T, text *Text, src string) {
	t.Helper()
	out := string(text.Bytes())
	left := regexp.MustCompile(`@@|\$swupdate_|(?:sha256|version)"?\s*[:=]\s*"@`)
	done := 0
	for _, c := range append(comments(out), token{start: len(out)}) {
		if found := left.FindString(out[done:c.start]); found != "" {
			t.Errorf("%q is left over", found)
		}
		done = c.end
	}
	lines := strings.Split(src, "\n")
	for _, c := range text.Calls() {
		line := lines[c.Pos.Line-1][c.Pos.Col-1:]
		if !strings.HasPrefix(line, fmt.Sprintf("$%v(", c.Func)) && !strings.HasPrefix(line, "@") {
			t.Errorf("%v(%s) does not stand at %v, there is %q", c.Func, c.Arg, c.Pos, line)
		}
	}
}

// checkParses demands that out is a description, with the exception of two
// published files: a comma is missing between two entries of one, the other has a
// Lua script with bare quotes.
func checkParses(t *testing.T, path string, out []byte) {
	t.Helper()
	if isJSON(string(out)) {
		if !json.Valid(out) {
			t.Error("the result is no JSON")
		}
		return
	}
	_, err := swdesc.Parse(out)
	if broken := strings.Contains(path, "imx6ullwch"); (err != nil) != broken {
		t.Errorf("published broken: %v, and parsing gives %v", broken, err)
	}
}
