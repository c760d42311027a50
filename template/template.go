// Package template expands the @@NAME@@ placeholders of a sw-description
// template and of the strings of a project file, and remembers where every
// byte of the result came from.
//
// Call [Expand] for a file and [ExpandString] for a single string. The result
// of Expand is a [Text]; its Pos maps an offset in the expanded bytes back to
// the line and column that the author sees.
//
// The dialect is the one of meta-swupdate's sw-description templates:
//
//	@@NAME@@        the value of NAME; letters, digits, "_", "-" and "."
//	@@A_@@B@@@@     the innermost placeholder first: B is 1, so the value of A_1
//
// A value may hold placeholders, which are expanded in turn. A placeholder
// opens and closes on one line. Where several readings are possible the
// rightmost placeholder of the line is taken first. An "@@" that opens no name
// is ordinary text.
//
// Two things are stricter than in BitBake, where both end as silent gaps in the
// description: an undefined name is an error, and so is a placeholder that is
// opened but not closed.
package template

import (
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

const (
	// MaxSize bounds the bytes that one call of Expand or ExpandString produces,
	// the expanded values included. A description of 5 MB is the largest that
	// was seen to work on a device.
	MaxSize = 64 << 20

	// MaxDepth bounds how many variables may refer to each other in a row.
	MaxDepth = 64
)

// Vars maps the name of a variable to its value. Values may hold placeholders.
type Vars map[string]string

// Expand replaces every placeholder of src. The name of the file is used in
// positions only. The error is a [diag.List] of all problems, in file order.
func Expand(file string, src []byte, vars Vars) (*Text, error) {
	text := newText(file, string(src))
	x := newExpander(vars)
	x.expandText(text)
	if err := x.problems.Err(); err != nil {
		return nil, err
	}
	return text, nil
}

// ExpandString replaces every placeholder of s, by the same rules. The problems
// carry no position: the caller knows where s stands and fills it in.
func ExpandString(s string, vars Vars) (string, diag.List) {
	x := newExpander(vars)
	out, _ := x.expandValue(place{}, s)
	if len(x.problems) > 0 {
		return "", x.problems
	}
	return out, nil
}

// expandText fills text from its source. Only lines that hold "@@" are looked
// at closely.
func (x *expander) expandText(text *Text) {
	src, done := text.src, 0
	for !x.exhausted {
		next := strings.Index(src[done:], delimiter)
		if next < 0 {
			break
		}
		start, end := lineAround(src, done, done+next)
		x.emit(text, piece{text: src[done:start], off: done})
		for _, p := range x.line(place{text: text, base: start}, src[start:end]) {
			x.emit(text, p)
		}
		done = end
	}
	x.emit(text, piece{text: src[done:], off: done})
}

// lineAround returns the line that holds offset at, not looking before from.
func lineAround(src string, from, at int) (start, end int) {
	start = from + strings.LastIndexByte(src[from:at], '\n') + 1
	if n := strings.IndexByte(src[at:], '\n'); n >= 0 {
		return start, at + n
	}
	return start, len(src)
}

// emit appends p to text unless the expansion has outgrown its bound.
func (x *expander) emit(text *Text, p piece) {
	if x.spend(text.posOf(p.off), len(p.text)) {
		text.add(p)
	}
}
