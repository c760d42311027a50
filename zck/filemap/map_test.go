package filemap

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAt(t *testing.T) {
	m := &Map{Size: 100, Extents: []Extent{
		{Offset: 10, Length: 10, What: Data, File: "/a"},
		{Offset: 20, Length: 5, What: Data, File: "/b"},
		{Offset: 40, Length: 20, What: Journal},
	}}
	a, b, journal := m.Extents[0], m.Extents[1], m.Extents[2]
	for _, test := range []struct {
		offset, length int64
		want           []Extent
	}{
		{0, 100, []Extent{{Length: 10}, a, b, {Offset: 25, Length: 15}, journal, {Offset: 60, Length: 40}}},
		{0, 1 << 62, []Extent{{Length: 10}, a, b, {Offset: 25, Length: 15}, journal, {Offset: 60, Length: 40}}},
		{10, 10, []Extent{a}},
		{12, 10, []Extent{{12, 8, Data, "/a"}, {20, 2, Data, "/b"}}},
		{24, 2, []Extent{{24, 1, Data, "/b"}, {Offset: 25, Length: 1}}},
		{45, 5, []Extent{{45, 5, Journal, ""}}},
		{30, 5, []Extent{{Offset: 30, Length: 5}}},
		{99, 1 << 62, []Extent{{Offset: 99, Length: 1}}},
		{30, 0, nil},
		{100, 10, nil},
		{200, 10, nil},
		{50, -10, nil},
		{-5, 10, []Extent{{Length: 5}}},
	} {
		if got := slices.Collect(m.At(test.offset, test.length)); !slices.Equal(got, test.want) {
			t.Errorf("%d bytes at %d: %+v\nwant %+v", test.length, test.offset, got, test.want)
		}
	}
}

// TestAtStops: a loop may end early.
func TestAtStops(t *testing.T) {
	m := &Map{Size: 10, Extents: []Extent{{Offset: 1, Length: 1, What: Data}, {Offset: 2, Length: 1, What: Bitmap}}}
	for stop := range 4 {
		n := 0
		for range m.At(0, 10) {
			if n++; n > stop {
				break
			}
		}
		if n != stop+1 {
			t.Errorf("%d extents, want %d", n, stop+1)
		}
	}
}

func TestFiles(t *testing.T) {
	m := &Map{Size: 100, Extents: []Extent{
		{Offset: 10, Length: 10, What: Fragments, File: "/a"},
		{Offset: 20, Length: 10, What: Data, File: "/c"},
		{Offset: 40, Length: 10, What: Bitmap},
	}}
	m.share(10, []string{"/a", "/b"})
	for _, test := range []struct {
		offset int64
		want   []string
	}{{0, nil}, {10, []string{"/a", "/b"}}, {15, []string{"/a", "/b"}}, {20, []string{"/c"}}, {30, nil}, {40, nil}} {
		for e := range m.At(test.offset, 1) {
			if got := m.Files(e); !slices.Equal(got, test.want) {
				t.Errorf("at %d: %q, want %q", test.offset, got, test.want)
			}
		}
	}
}

func TestWhatString(t *testing.T) {
	seen := map[string]bool{}
	for w := Free; w <= IDTable; w++ {
		if w.String() == "" || seen[w.String()] {
			t.Errorf("%d is called %q", w, w)
		}
		seen[w.String()] = true
	}
	if got := What(200).String(); got != "what 200" {
		t.Errorf("%q", got)
	}
}

// TestSettle joins, shares and refuses.
func TestSettle(t *testing.T) {
	names := tree{root: 1}
	for i, name := range []string{"a", "b", "c"} {
		if err := names.add(0, 1, uint32(i)+2, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := names.resolve()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list []claim
		want string
	}{
		{nil, ""},
		{[]claim{{20, 10, 0, Bitmap}, {10, 10, 0, Bitmap}}, "10 20 bitmaps: \n"},
		{[]claim{{20, 10, 0, Bitmap}, {10, 10, 0, Journal}}, "10 10 journal: \n20 10 bitmaps: \n"},
		{[]claim{{10, 10, 2, Data}, {20, 10, 3, Data}, {30, 5, 9, Data}}, "10 10 data: /a\n20 10 data: /b\n30 5 data: <inode 9>\n"},
		{[]claim{{10, 10, 3, Data}, {10, 10, 2, Data}, {10, 10, 3, Data}}, "10 10 data: /a /b\n"},
		{[]claim{{10, 10, 3, Data}, {10, 15, 2, Data}}, "10 15 data: /a /b\n"},
		{[]claim{{10, 10, 3, Data}, {15, 15, 2, Data}}, "10 10 data: /a /b\n20 10 data: /a\n"},
		{[]claim{{10, 10, 3, Data}, {15, 15, 0, Data}}, `filemap: offset 0xf: data: belongs to the file system and to data of "/b"`},
		{[]claim{{10, 10, 3, Data}, {15, 15, 2, Fragments}}, `filemap: offset 0xf: fragments: belongs to "/a" and to data of "/b"`},
	} {
		if got := settled(test.list, paths); got != test.want {
			t.Errorf("%+v: %s\nwant %s", test.list, got, test.want)
		}
	}
}

// settled returns what becomes of claims, as text.
func settled(list []claim, paths *paths) string {
	m := &Map{Size: 100}
	c := claims{list: list, again: true}
	if err := c.settle(m, paths); err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range m.Extents {
		fmt.Fprintf(&b, "%d %d %s: %s\n", e.Offset, e.Length, e.What, strings.Join(m.Files(e), " "))
	}
	return b.String()
}
