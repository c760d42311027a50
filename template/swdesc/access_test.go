package swdesc_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
)

const tree = `software = {
	version = "1.0";
	hardware-compatibility = [ "1.0" ];
	stable: { copy1: {
		images: ( { filename = "a"; compressed = true; size = 5L; },
		          ( { ref = "#./x"; } ), 7 );
	}; };
};
`

func TestFind(t *testing.T) {
	doc := parse(t, tree)
	tests := []struct {
		path []string
		want string
	}{
		{[]string{"software", "version"}, "software.version"},
		{[]string{"software", "stable", "copy1", "images"}, "software.stable.copy1.images"},
		{[]string{"software"}, "software"},
		{[]string{"software", "Version"}, ""},
		{[]string{"software", "version", "x"}, ""},
		{[]string{"software", "stable", "copy1", "images", "0"}, ""},
		{[]string{"version"}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		s := doc.Find(tt.path...)
		if got := ""; s != nil {
			got = s.Path()
			if got != tt.want {
				t.Errorf("Find(%q) = %s, want %s", tt.path, got, tt.want)
			}
		} else if tt.want != "" {
			t.Errorf("Find(%q) found nothing", tt.path)
		}
	}
}

func TestGroups(t *testing.T) {
	doc := parse(t, tree)
	var got []string
	for g := range doc.Groups() {
		got = append(got, g.Path())
	}
	want := []string{
		"", "software", "software.stable", "software.stable.copy1",
		"software.stable.copy1.images[0]", "software.stable.copy1.images[1][0]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGroupsStops(t *testing.T) {
	doc := parse(t, tree)
	for stop := range 6 {
		seen := 0
		for range doc.Groups() {
			if seen++; seen > stop {
				break
			}
		}
		if seen != stop+1 {
			t.Errorf("visited %d groups, want %d", seen, stop+1)
		}
	}
}

// Every node knows where it begins in the source.
func TestOffsets(t *testing.T) {
	doc := parse(t, tree)
	for g := range doc.Groups() {
		if g != doc.Root && tree[g.Offset()] != '{' {
			t.Errorf("%s begins with %q", g.Path(), tree[g.Offset()])
		}
		for _, s := range g.Settings() {
			checkBegins(t, s.Path(), s.Offset(), s.Name())
			if v, ok := s.Value().(swdesc.Scalar); ok {
				checkBegins(t, s.Path(), v.Offset(), v.Raw())
			}
		}
	}
	images, err := doc.Find("software", "stable", "copy1").Value().(*swdesc.Group).GetList("images")
	if err != nil || images.Len() != 3 {
		t.Fatal(images, err)
	}
	checkBegins(t, images.Path(), images.Offset(), "( {")
	checkBegins(t, "images[2]", images.Values()[2].Offset(), "7")
	array := doc.Find("software", "hardware-compatibility").Value().(*swdesc.Array)
	checkBegins(t, array.Path(), array.Offset(), "[")
	if array.Path() != "software.hardware-compatibility" || array.Len() != 1 {
		t.Errorf("array %s has %d values", array.Path(), array.Len())
	}
}

func checkBegins(t *testing.T, path string, off int, want string) {
	t.Helper()
	if got := tree[off : off+len(want)]; got != want {
		t.Errorf("%s at %d begins with %q, want %q", path, off, got, want)
	}
}

func TestTypedValues(t *testing.T) {
	doc := parse(t, `s = "x"; b = true; i = 5; f = 1.5; g = {}; l = (); a = [];`)
	g := doc.Root
	tests := []struct {
		name string
		get  func(string) error
		good string
	}{
		{"a string", func(n string) error { _, _, err := g.GetString(n); return err }, "s"},
		{"a boolean", func(n string) error { _, _, err := g.GetBool(n); return err }, "b"},
		{"an integer", func(n string) error { _, _, err := g.GetInt(n); return err }, "i"},
		{"a group", func(n string) error { _, err := g.GetGroup(n); return err }, "g"},
		{"a list", func(n string) error { _, err := g.GetList(n); return err }, "l"},
	}
	for _, tt := range tests {
		for _, s := range g.Settings() {
			err := tt.get(s.Name())
			if want := s.Name() + " is " + s.Value().Kind().String() + ", not " + tt.name; s.Name() == tt.good {
				want = ""
			} else if err == nil || err.Error() != want {
				t.Errorf("%s as %s: got %v, want %s", s.Name(), tt.name, err, want)
			}
			if s.Name() == tt.good && err != nil {
				t.Error(err)
			}
		}
		if err := tt.get("missing"); err != nil {
			t.Errorf("missing as %s: %v", tt.name, err)
		}
	}
}

func TestTypeError(t *testing.T) {
	doc := parse(t, tree)
	images, _ := doc.Find("software", "stable", "copy1").Value().(*swdesc.Group).GetList("images")
	_, ok, err := images.Values()[0].(*swdesc.Group).GetString("compressed")
	var typed *swdesc.TypeError
	if ok || !errors.As(err, &typed) {
		t.Fatal(ok, err)
	}
	want := swdesc.TypeError{Path: "software.stable.copy1.images[0].compressed", Offset: typed.Offset, Got: swdesc.KindBool, Want: swdesc.KindString}
	if *typed != want {
		t.Errorf("got %+v, want %+v", *typed, want)
	}
	checkBegins(t, typed.Path, typed.Offset, "true;")
}

func TestGet(t *testing.T) {
	doc := parse(t, `s = "x\n"; b = FALSE; i = 5L;`)
	if v, ok, err := doc.Root.GetString("s"); v != "x\n" || !ok || err != nil {
		t.Error(v, ok, err)
	}
	if v, ok, err := doc.Root.GetBool("b"); v || !ok || err != nil {
		t.Error(v, ok, err)
	}
	if v, ok, err := doc.Root.GetInt("i"); v != 5 || !ok || err != nil {
		t.Error(v, ok, err)
	}
	if _, ok, err := doc.Root.GetString("none"); ok || err != nil {
		t.Error(ok, err)
	}
	if doc.Root.Len() != 3 || doc.Root.Get("none") != nil {
		t.Error("found a setting that is not there")
	}
}
