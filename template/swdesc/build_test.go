package swdesc

import (
	"testing"
)

func TestBuild(t *testing.T) {
	entry := NewGroup(20)
	text, err := NewString(21, "root\x01fs")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{entry.Add(21, "filename", text), entry.Add(22, "size", NewInt(22, 3<<30)), entry.Add(23, "installed-directly", NewBool(23, true))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	one, _ := NewString(31, "1.0")
	software := NewGroup(10)
	root := NewGroup(0)
	for _, err := range []error{
		software.Add(30, "hardware-compatibility", NewArray(30, one)),
		software.Add(15, "images", NewList(15, entry)),
		software.Add(40, "empty", NewList(40)),
		root.Add(10, "software", software),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	doc, err := Build(root, Libconfig)
	if err != nil {
		t.Fatal(err)
	}
	want := `software = {
	hardware-compatibility = [ "1.0" ];
	images = (
		{
			filename = "root\x01fs";
			size = 3221225472L;
			installed-directly = true;
		}
	);
	empty = ( );
};
`
	if got := string(doc.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	images := doc.Find("software", "images").Value().(*List)
	group := images.Values()[0].(*Group)
	if images.Offset() != 15 || group.Offset() != 20 || group.Get("size").Value().Offset() != 22 || doc.Find("software").Offset() != 10 {
		t.Error("the nodes have lost their offsets")
	}
	if got := group.Get("size").Path(); got != "software.images[0].size" {
		t.Errorf("path %q", got)
	}
	if got := entry.Get("size").Path(); got != "software.images[0].size" {
		t.Errorf("path of a built node %q", got)
	}
}

func TestBuildErrors(t *testing.T) {
	g := NewGroup(0)
	if err := g.Add(0, "1st", NewBool(0, true)); err == nil {
		t.Error("a name that begins with a digit is accepted")
	}
	if err := g.Add(0, "a", NewBool(0, true)); err != nil {
		t.Error(err)
	}
	if err := g.Add(0, "a", NewBool(0, true)); err == nil || err.Error() != `the group has a setting "a" already` {
		t.Errorf("a second setting of the name: %v", err)
	}
	if _, err := NewString(0, "a\x00b"); err == nil {
		t.Error("a NUL byte is accepted")
	}
}
