package diag

import (
	"errors"
	"testing"
)

func TestPosString(t *testing.T) {
	for want, pos := range map[string]Pos{
		"":             {},
		"p.toml":       {File: "p.toml"},
		"p.toml:3":     {File: "p.toml", Line: 3},
		"p.toml:3:7":   {File: "p.toml", Line: 3, Col: 7},
		"d/p.toml:1:1": {File: "d/p.toml", Line: 1, Col: 1},
	} {
		if got := pos.String(); got != want {
			t.Errorf("%#v: got %q, want %q", pos, got, want)
		}
	}
}

func TestListOrder(t *testing.T) {
	var l List
	l.Addf(Pos{File: "b", Line: 9, Col: 1}, "third")
	l.Addf(Pos{File: "a", Line: 1, Col: 1}, "fourth")
	l.Addf(Pos{File: "b", Line: 2, Col: 5}, "second")
	l.AddHint(Pos{File: "b", Line: 2, Col: 1}, "mend it", "first")
	want := "b:2:1: first\nb:2:5: second\nb:9:1: third\na:1:1: fourth"
	err := l.Err()
	if err == nil || err.Error() != want {
		t.Fatalf("got\n%v\nwant\n%s", err, want)
	}
	var list List
	if !errors.As(err, &list) || list[0].Hint != "mend it" {
		t.Errorf("the list does not come out of the error: %#v", err)
	}
	if err := (List)(nil).Err(); err != nil {
		t.Errorf("an empty list is an error: %v", err)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"compress", "encrypt", "file", "name"}
	for name, want := range map[string]string{
		"compres": "compress", "Compress": "compress", "encrytp": "encrypt",
		"nmae": "name", "fiel": "file", "fil": "file", "xyz": "", "": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got, want := DidYouMean("compres", names), "did you mean compress?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLines(t *testing.T) {
	lines := NewLines("f", []byte("ab\n\ncd"))
	for offset, want := range map[int]string{0: "f:1:1", 1: "f:1:2", 2: "f:1:3", 3: "f:2:1", 4: "f:3:1", 5: "f:3:2", 6: "f:3:3"} {
		if got := lines.Pos(offset).String(); got != want {
			t.Errorf("offset %d: got %s, want %s", offset, got, want)
		}
	}
}

func TestUnique(t *testing.T) {
	var l List
	for _, line := range []int{1, 2, 1, 1} {
		l.Addf(Pos{File: "f", Line: line}, "wrong")
	}
	l.AddHint(Pos{File: "f", Line: 1}, "a hint", "wrong")
	if got := l.Unique(); len(got) != 3 || len(l) != 5 {
		t.Errorf("%d problems are left of %d: %v", len(got), len(l), got)
	}
}
