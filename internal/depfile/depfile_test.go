package depfile

import "testing"

func TestFormat(t *testing.T) {
	got, err := Format([]string{"dist/a.swu", "b c.swu"}, []string{"x.in", `a b#1$\ c`, `C:\d\e`})
	want := `dist/a.swu b\ c.swu: \
  x.in \
  a\ b\#1$$\\\ c \
  C\:\d\e

x.in:

a\ b\#1$$\\\ c:

C\:\d\e:
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if _, err := Format([]string{"a"}, []string{"b\nc"}); err == nil {
		t.Error("a name with a line end has been written")
	}
}
