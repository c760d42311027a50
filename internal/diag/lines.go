package diag

import "sort"

// Lines turns byte offsets of one text into places. Make it with NewLines.
type Lines struct {
	file   string
	starts []int // offset of the first byte of each line
}

// NewLines indexes the lines of src, which is called file in places.
func NewLines(file string, src []byte) *Lines {
	l := &Lines{file: file, starts: []int{0}}
	for i, c := range src {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// Pos is the place of the byte at offset; offsets past the end belong to the
// last line.
func (l *Lines) Pos(offset int) Pos {
	line := sort.SearchInts(l.starts, offset+1)
	return Pos{File: l.file, Line: line, Col: offset - l.starts[line-1] + 1}
}
