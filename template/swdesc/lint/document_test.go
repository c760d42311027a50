package lint

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

func TestDocument(t *testing.T) {
	var got bytes.Buffer
	if err := Document(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "..", "docs", "rules.md")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("%s is not current: go test ./template/swdesc/lint -run TestDocument -update", path)
	}
}

func TestDocumentShowsEveryRule(t *testing.T) {
	var got strings.Builder
	if err := Document(&got); err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules() {
		for _, want := range []string{"](#" + anchor(r) + ")", "## " + r.ID + " " + r.Name, r.Why, "Hint: " + r.Hint + "."} {
			if strings.Count(got.String(), want) == 0 {
				t.Errorf("%s: %q is missing", r.ID, want)
			}
		}
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"rootfs":                         "rootfs",
		strings.Repeat("0", 64):          strings.Repeat("0", 64),
		"a" + strings.Repeat("x", 65):    "ax... (65 bytes)",
		strings.Repeat("p", 300) + "/qq": "p... (300 bytes)/qq",
	} {
		if got := shorten(text); got != want {
			t.Errorf("%.20s: got %q, want %q", text, got, want)
		}
	}
}

// A writer that fails makes Document fail.
func TestDocumentFails(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	w.Close()
	if err := Document(w); err == nil {
		t.Error("no error")
	}
}
