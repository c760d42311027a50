package swdesc

import (
	"errors"
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
		"loop": "software.loop.ref: more than 10 links lead to each other",
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
