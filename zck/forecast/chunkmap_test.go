package forecast

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fwpack/fwpack/zck"
)

func TestNewMap(t *testing.T) {
	h := &zck.Header{Chunks: []zck.Chunk{{Digest: "a", Size: 1}, {Digest: "b", Size: 2}, {Digest: "b", Size: 2}, {Digest: "c", Size: 3}}}
	m := newMap(h, &zck.Download{Chunks: []int{1, 2}})
	for i, want := range []State{Reused, Missing, Duplicate, Reused} {
		if m.States[i] != want || m.Sizes[i] != h.Chunks[i].Size {
			t.Errorf("chunk %d: %d", i, m.States[i])
		}
	}
}

// Cells hold all bytes, each in its place.
func TestCells(t *testing.T) {
	m := Map{Sizes: []int64{10, 5, 25, 1}, States: []State{Reused, Missing, Duplicate, Reused}}
	want := []Cell{{11, 1, 0}, {11, 11, 7}, {11, 11, 11}, {8, 7, 7}}
	got := m.Cells(4)
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("cell %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	for n, cells := range map[int]int{-1: 0, 0: 0, 1: 1, 41: 41, 1000: 41} {
		if got := len(m.Cells(n)); got != cells {
			t.Errorf("%d cells of %d", got, n)
		}
	}
	if got := (Map{}).Cells(5); got != nil {
		t.Errorf("an empty image: %v", got)
	}
}

func TestText(t *testing.T) {
	m := Map{Sizes: []int64{40, 20, 60, 1}, States: []State{Reused, Missing, Missing, Reused}}
	for _, test := range []struct {
		width, lines int
		marks        Marks
		want         string
	}{
		{4, 2, ASCIIMarks(), "..+#\n####\n"},
		{4, 1, BlockMarks(), "░▒██\n"},
		{0, 3, ASCIIMarks(), ""},
		{1, 1, ASCIIMarks(), "+\n"},
	} {
		if got := m.Text(test.width, test.lines, test.marks); got != test.want {
			t.Errorf("%dx%d: %q, want %q", test.width, test.lines, got, test.want)
		}
	}
}

// restless changes with every chunk, which makes the largest picture.
func restless(n int) Map {
	m := Map{Sizes: make([]int64, n), States: make([]State, n)}
	for i := range n {
		m.Sizes[i], m.States[i] = 100000, State(i%3)
	}
	return m
}

// Pictures are XML, and small whatever they show.
func TestSVG(t *testing.T) {
	for _, bases := range []int{0, 1, 2, 7, MaxPictures} {
		for _, chunks := range []int{0, 1, 2048, 100000} {
			f := &Forecast{}
			for range bases {
				f.Bases = append(f.Bases, Result{Name: strings.Repeat("é<&>\x1b\xff", 50), Map: restless(chunks)})
			}
			var b strings.Builder
			if err := f.SVG(&b); err != nil {
				t.Fatal(err)
			}
			if b.Len() > 200e3 || !utf8.ValidString(b.String()) {
				t.Errorf("%d maps of %d chunks: %d bytes", bases, chunks, b.Len())
			}
			wellFormed(t, b.String())
		}
	}
	f := &Forecast{Bases: make([]Result, MaxPictures+1)}
	if err := f.SVG(io.Discard); err == nil || err.Error() != "forecast: 33 bases; a picture shows 32 at most" {
		t.Error(err)
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestColour(t *testing.T) {
	for _, test := range []struct {
		cell Cell
		want string
	}{
		{Cell{10, 0, 0}, colours[0]},
		{Cell{10, 7, 0}, colours[1]},
		{Cell{10, 8, 5}, colours[2]},
		{Cell{10, 8, 6}, duplicateColour},
	} {
		if got := test.cell.colour(); got != test.want {
			t.Errorf("%+v: %s", test.cell, got)
		}
	}
}
