package forecast

import (
	"strings"

	"github.com/fwpack/fwpack/zck"
)

// State is what becomes of a chunk.
type State uint8

// The states of chunks.
const (
	Reused    State = iota // found in what is installed
	Missing                // downloaded
	Duplicate              // downloaded once more, although a chunk before it is the same
)

// Map says of every chunk of the new image, in order, what becomes of it.
type Map struct {
	Sizes  []int64 // raw bytes
	States []State
}

func newMap(target *zck.Header, missing *zck.Download) Map {
	m := Map{Sizes: make([]int64, len(target.Chunks)), States: make([]State, len(target.Chunks))}
	for i := range target.Chunks {
		m.Sizes[i] = target.Chunks[i].Size
	}
	seen := map[zck.Digest]bool{}
	for _, i := range missing.Chunks {
		digest := target.Chunks[i].Digest
		m.States[i] = Missing
		if seen[digest] {
			m.States[i] = Duplicate
		}
		seen[digest] = true
	}
	return m
}

// Cell is a part of the image, as a picture shows it.
type Cell struct {
	Raw, Missing, Duplicate int64 // bytes; Missing counts the duplicates, too
}

// Cells cuts the image into n parts of the same size, of which the last may be
// smaller. There are fewer where the image has not so many bytes.
func (m Map) Cells(n int) []Cell {
	var size int64
	for _, s := range m.Sizes {
		size += s
	}
	if n < 1 || size == 0 {
		return nil
	}
	width := (size + int64(n) - 1) / int64(n)
	cells := make([]Cell, (size+width-1)/width)
	var at int64
	for i, s := range m.Sizes {
		m.spread(cells, width, at, s, m.States[i])
		at += s
	}
	return cells
}

// spread adds a chunk to the cells it lies in.
func (m Map) spread(cells []Cell, width, at, size int64, state State) {
	for end := at + size; at < end; {
		i := at / width
		n := min(end, (i+1)*width) - at
		cells[i].Raw += n
		if state != Reused {
			cells[i].Missing += n
		}
		if state == Duplicate {
			cells[i].Duplicate += n
		}
		at += n
	}
}

// Marks are the characters for a part of the image that is reused, downloaded in
// parts, and downloaded altogether or nearly so.
type Marks [3]string

// BlockMarks and ASCIIMarks are the usual Marks.
func BlockMarks() Marks { return Marks{"░", "▒", "█"} }

// ASCIIMarks are for terminals without block characters.
func ASCIIMarks() Marks { return Marks{".", "+", "#"} }

// Text draws the map in lines of width characters, at most so many as wanted.
func (m Map) Text(width, lines int, marks Marks) string {
	var b strings.Builder
	for i, cell := range m.Cells(max(0, width) * max(0, lines)) {
		if i > 0 && i%width == 0 {
			b.WriteByte('\n')
		}
		b.WriteString(marks[cell.heat()])
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// nearly is the share of missing bytes in percent from which on a cell is drawn as
// missing altogether.
const nearly = 75

// heat is the index of the mark for a cell.
func (c Cell) heat() int {
	switch {
	case c.Missing == 0:
		return 0
	case c.Missing*100 < c.Raw*nearly:
		return 1
	}
	return 2
}
