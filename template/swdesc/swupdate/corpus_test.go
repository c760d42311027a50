package swupdate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// ofProjects are types in the corpus that are not SWUpdate's.
var ofProjects = map[string]bool{"fpga": true}

// TestCorpus looks for attributes, handlers and properties of real products,
// from the folder $FWPACK_CORPUS, that the tables do not know.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("FWPACK_CORPUS")
	if dir == "" {
		t.Skip("FWPACK_CORPUS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in FWPACK_CORPUS: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		src = regexp.MustCompile(`@@[^@]+@@`).ReplaceAll(src, []byte("x"))
		if bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
			continue
		}
		doc, err := swdesc.Parse(src)
		if err != nil {
			t.Log(filepath.Base(path), err) // the tests of swdesc know which ones are broken
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) { checkSections(t, doc) })
	}
}

// checkSections looks at every list that is called like a section.
func checkSections(t *testing.T, doc *swdesc.Document) {
	for group := range doc.Groups() {
		for _, s := range group.Settings() {
			section, ok := swupdate.ParseSection(s.Name())
			list, isList := s.Value().(*swdesc.List)
			if !ok || !isList {
				continue
			}
			for _, v := range list.Values() {
				if entry, ok := v.(*swdesc.Group); ok {
					checkEntry(t, section, entry)
				}
			}
		}
	}
}

func checkEntry(t *testing.T, section swupdate.Section, entry *swdesc.Group) {
	for _, s := range entry.Settings() {
		if _, ok := swupdate.LookupAttribute(section, s.Name()); !ok {
			t.Errorf("%s: no attribute %s", section, s.Path())
		}
	}
	name, ok, _ := entry.GetString("type")
	if !ok || ofProjects[name] {
		return
	}
	h, ok := swupdate.LookupHandler(name)
	if !ok {
		t.Errorf("no handler %s", name)
	}
	properties, err := entry.GetGroup("properties")
	if err != nil || properties == nil {
		return
	}
	for _, p := range properties.Settings() {
		if _, ok := h.Property(p.Name()); !ok && h.Chain == "" {
			t.Errorf("%s has no property %s", name, p.Name())
		}
	}
}
