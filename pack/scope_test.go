package pack

import (
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

func TestParseScope(t *testing.T) {
	for selector, want := range map[string]scope{
		"stable,copy1":          {set: "stable", mode: "copy1"},
		"gateway-2":             {board: "gateway-2"},
		"*board_1:stable,copy1": {board: "*board_1", set: "stable", mode: "copy1"},
	} {
		got, err := parseScope(selector)
		if err != nil || got != want || got.String() != selector {
			t.Errorf("%q: %+v, %v", selector, got, err)
		}
	}
}

func TestScopeCovers(t *testing.T) {
	product := scope{"b1", "stable", "copy1"}
	for selector, want := range map[string]bool{
		"b1": true, "b2": false, "stable,copy1": true, "stable,copy2": false, "main,copy1": false,
		"b1:stable,copy1": true, "b1:stable,copy2": false, "b2:stable,copy1": false,
	} {
		s, err := parseScope(selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.covers(product); got != want {
			t.Errorf("%s covers %s: %t", s, product, got)
		}
		if s.covers(scope{}) {
			t.Errorf("%s covers all devices", s)
		}
	}
	if all := (scope{}); !all.covers(product) || len(all.path()) != 0 {
		t.Error("the zero scope does not cover a device")
	}
}

// What is accepted as a selector reads back as itself, and as the names of
// groups.
func FuzzParseScope(f *testing.F) {
	for _, seed := range []string{"stable,copy1", "b1", "b1:stable,copy1", "b1:", ",", "a b", "images,x", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, selector string) {
		s, err := parseScope(selector)
		if err != nil {
			return
		}
		if s.String() != selector || strings.ContainsAny(selector, " \t") {
			t.Errorf("%q reads back as %q", selector, s)
		}
		for _, name := range s.path() {
			if err := checkSettingName(name); err != nil {
				t.Errorf("%q: %v", selector, err)
			}
		}
	})
}

// Whatever is accepted as a declaration can be written in both formats, and
// every node comes from a byte of the project file.
func FuzzSoftware(f *testing.F) {
	for _, seed := range []string{
		checkedSoftware,
		"[bundle.software]\nversion = { b1 = '1', b2 = '2' }\nbootenv = { a = '', b = { 'x,y' = '1' } }\n",
		imageHead + "artifact = { b1 = 'app', b2 = 'rootfs' }\noffset = 16\ndevice = { 'stable,copy1' = 'a', 'stable,copy2' = 'b' }\nproperties.p = ['x', 'y']\n",
		"[bundle.software]\nscripts = [ { type = 'gptswap', properties = { swap-0 = ['a', 'b'] } } ]\n",
		"[check.handlers]\na = ['images']\n[target.x]\nrelease = '2022.12'\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		src := declare(rest)
		doc, root, err := parseDocument("fwpack.toml", []byte(src))
		if err != nil {
			return
		}
		d := decoder{document: doc, root: root, project: &Project{File: "fwpack.toml", Keys: map[string]*Key{}}}
		d.decode(Inputs{}, map[string]string{})
		for _, b := range d.project.Bundles {
			if b.Software == nil || len(doc.problems) > 0 {
				continue
			}
			for _, b.Software.Format = range []swdesc.Format{swdesc.Libconfig, swdesc.JSON} {
				checkDocument(t, b.Software, len(src))
			}
		}
	})
}

func checkDocument(t *testing.T, s *Software, size int) {
	doc, err := s.document(nil)
	if err != nil {
		t.Fatal(err)
	}
	for group := range doc.Groups() {
		for _, setting := range group.Settings() {
			if off := setting.Value().Offset(); off <= 0 || off >= size {
				t.Errorf("%s has the offset %d of %d", setting.Path(), off, size)
			}
		}
	}
}
