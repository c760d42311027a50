package swdesc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const linked = `software = {
	version = { ref = "#./cv"; };
	cv = "1.0";
	common = { files = ( { filename = "f"; } ); };
	stable = {
		x = { images = ( { filename = "i"; } ); };
		m = { ref = "#./x"; };
		n = { files = { ref = "#./../../common/files"; }; };
		o = { ref = "#software/common"; };
		p = { ref = "#/software/stable/m"; };
	};
	files = ( { ref = "#./common/files"; }, { ref = "#./nowhere"; } );
	loop = { ref = "#./pool"; };
	pool = { ref = "#./loop"; };
	bad = { ref = "x"; };
};
`

func TestResolve(t *testing.T) {
	doc, err := Parse([]byte(linked))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path []string
		want string // path of the value, or its text
	}{
		{[]string{"software", "version"}, "1.0"},
		{[]string{"software", "stable", "m", "images"}, "software.stable.x.images"},
		{[]string{"software", "stable", "p", "x", "images"}, ""}, // a link further up
		{[]string{"software", "stable", "p", "images"}, "software.stable.x.images"},
		{[]string{"software", "stable", "n", "files"}, "software.common.files"},
		{[]string{"software", "stable", "o", "files"}, "software.common.files"},
		{[]string{"software", "stable", "o", "images"}, ""},
		{[]string{"software", "none"}, ""},
		{[]string{"software", "cv", "deeper"}, ""},
	} {
		v, err := doc.Resolve(test.path...)
		got := ""
		switch v := v.(type) {
		case *String:
			got = v.Value()
		case interface{ Path() string }:
			got = v.Path()
		}
		if err != nil || got != test.want {
			t.Errorf("%v: got %q, %v, want %q", test.path, got, err, test.want)
		}
	}
	files, _ := doc.Resolve("software", "files")
	first, err := doc.Follow(files.(*List).Values()[0])
	if l, ok := first.(*List); err != nil || !ok || l.Path() != "software.common.files" {
		t.Errorf("the element leads to %v, %v", first, err)
	}
}

func TestResolveErrors(t *testing.T) {
	doc, err := Parse([]byte(linked))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"loop": "software.loop.ref: more than 8 links lead to each other",
		"bad":  `software.bad.ref: link "x" does not begin with "#" and a path`,
	} {
		_, err := doc.Resolve("software", name)
		var link *LinkError
		if !errors.As(err, &link) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	files, _ := doc.Resolve("software", "files")
	_, err = doc.Follow(files.(*List).Values()[1])
	if want := "software.files[1].ref: there is no setting software.nowhere"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// chain is a description whose files stand behind n links, or behind one more
// where the first is an element of a list.
func chain(n int, first string) string {
	var b strings.Builder
	b.WriteString("software = { files = " + first + ";\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "l%d = { ref = \"#./l%d\"; };\n", i, i+1)
	}
	fmt.Fprintf(&b, "l%d = ( { filename = \"f\"; } ); };\n", n)
	return b.String()
}

func TestHops(t *testing.T) {
	for n, want := range map[int]bool{1: true, MaxHops: true, MaxHops + 1: false} {
		doc, err := Parse([]byte(chain(n, `{ ref = "#./l1"; }`)))
		if err != nil {
			t.Fatal(err)
		}
		if v, err := doc.Resolve("software", "files"); (v != nil) != want || (err == nil) != want {
			t.Errorf("%d links: %v, %v", n, v, err)
		}
	}
	for n, want := range map[int]bool{1: true, MaxHops + 1: true, MaxHops + 2: false} {
		doc, err := Parse([]byte(chain(n, `( { ref = "#./l1"; } )`)))
		if err != nil {
			t.Fatal(err)
		}
		files, _ := doc.Resolve("software", "files")
		if v, err := doc.Follow(files.(*List).Values()[0]); (v != nil) != want || (err == nil) != want {
			t.Errorf("%d links behind an element: %v, %v", n, v, err)
		}
	}
}

func TestLinkPath(t *testing.T) {
	deep := strings.Repeat("/n", MaxNodes-1)
	for ref, want := range map[string]string{
		"#./common":                  "software.common",
		"#././common":                "software.common",
		"#.//common/":                "software.common",
		"#./x/../common":             "software.common",
		"#../software/common":        "software.common",
		"#common":                    "common",
		"#//software":                "software",
		"#./../../software":          `software.files.ref: link "#./../../software" leads out of the file`,
		"#../../software":            `software.files.ref: link "#../../software" leads out of the file`,
		"#/../software":              "software", // the slash in front means nothing
		"#.":                         `software.files.ref: link "#." does not begin with "#" and a path`,
		"#." + deep:                  "software" + strings.Repeat(".n", MaxNodes-1),
		"#." + deep + "/n":           "has more than 19 names",
		"#." + deep + "/n/../../n/n": "has more than 19 names",
	} {
		doc, err := Parse([]byte(`software = { files = { ref = "` + ref + `"; }; };` + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		path, err := doc.Find("software", "files").Value().(*Group).LinkPath()
		got := strings.Join(path, ".")
		if err != nil {
			got = err.Error()
		}
		if got != want && !(strings.HasPrefix(want, "has") && strings.Contains(got, want)) {
			t.Errorf("%s: got %s, want %s", ref, got, want)
		}
	}
}
