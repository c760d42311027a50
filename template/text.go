package template

import (
	"sort"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Text is an expanded file together with the origin of each of its bytes.
type Text struct {
	file  string
	src   string
	out   []byte
	runs  []run
	lines []int  // offset in src at which each line begins
	calls []Call // in order
}

// run says where the bytes from out up to the next run came from: copied from
// src onwards, or all of them put in place of the placeholder at src.
type run struct {
	out, src int
	expanded bool
}

func newText(file, src string) *Text {
	t := &Text{file: file, src: src, lines: []int{0}, out: make([]byte, 0, len(src))}
	for i := 0; ; {
		n := strings.IndexByte(src[i:], '\n')
		if n < 0 {
			return t
		}
		i += n + 1
		t.lines = append(t.lines, i)
	}
}

// Bytes returns the expanded bytes. The caller must not change them.
func (t *Text) Bytes() []byte {
	return t.out
}

// Pos returns the place in the original file of the byte at offset in Bytes:
// inside an expanded value, the place of its placeholder. Offsets outside the
// text are taken as its beginning or its end.
func (t *Text) Pos(offset int) diag.Pos {
	offset = max(offset, 0)
	if offset >= len(t.out) {
		return t.posOf(len(t.src))
	}
	return t.posOf(t.srcOf(offset))
}

// srcOf is where in the original file the byte at offset comes from.
func (t *Text) srcOf(offset int) int {
	r := t.runs[t.runAt(offset)]
	if r.expanded {
		return r.src
	}
	return r.src + offset - r.out
}

// runAt is the index of the run that holds the byte at offset.
func (t *Text) runAt(offset int) int {
	return sort.Search(len(t.runs), func(i int) bool { return t.runs[i].out > offset }) - 1
}

// posOf is the line and column of an offset in the original file.
func (t *Text) posOf(offset int) diag.Pos {
	line := sort.Search(len(t.lines), func(i int) bool { return t.lines[i] > offset })
	return diag.Pos{File: t.file, Line: line, Col: offset - t.lines[line-1] + 1}
}

// add appends p to the expanded bytes and records its origin, joining it to the
// run before where it merely continues it.
func (t *Text) add(p piece) {
	if p.text == "" {
		return
	}
	t.begin(p.off, p.expanded)
	t.out = append(t.out, p.text...)
}

// begin records where the bytes that come next are from.
func (t *Text) begin(src int, expanded bool) {
	next := run{out: len(t.out), src: src, expanded: expanded}
	if !t.continues(next) {
		t.runs = append(t.runs, next)
	}
}

func (t *Text) continues(next run) bool {
	if len(t.runs) == 0 || next.expanded {
		return false
	}
	last := t.runs[len(t.runs)-1]
	return !last.expanded && last.src+next.out-last.out == next.src
}

// edit puts other text in the place of out[start:end]: a value, or that of call.
type edit struct {
	start, end int
	text       string
	call       Call // without Start and End; none where its Func is 0
}

// replace returns a text with the edits made, which are in order and apart from
// each other. What is put in counts as standing where it was put.
func (t *Text) replace(edits []edit) *Text {
	if len(edits) == 0 {
		return t
	}
	n := &Text{file: t.file, src: t.src, lines: t.lines}
	n.out = make([]byte, 0, len(t.out)+len(edits)*len(SHA256.standIn()))
	n.runs = make([]run, 0, len(t.runs)+2*len(edits))
	done := 0
	for _, e := range edits {
		n.copy(t, done, e.start)
		start := len(n.out)
		n.add(piece{text: e.text, off: t.srcOf(e.start), expanded: true})
		if e.call.Func != 0 {
			e.call.Start, e.call.End = start, len(n.out)
			n.calls = append(n.calls, e.call)
		}
		done = e.end
	}
	n.copy(t, done, len(t.out))
	return n
}

// copy appends from.out[start:end] with the origin of each of its bytes.
func (t *Text) copy(from *Text, start, end int) {
	if start == end {
		return
	}
	for i := from.runAt(start); start < end; i++ {
		stop := end
		if i+1 < len(from.runs) {
			stop = min(end, from.runs[i+1].out)
		}
		t.begin(from.srcOf(start), from.runs[i].expanded)
		t.out = append(t.out, from.out[start:stop]...)
		start = stop
	}
}
