// Package diag carries what fwpack has to say about files a person wrote: a
// position, one sentence, and a hint where one helps. Checks collect into a
// List, so that all problems of a project are reported at once.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a text file. Line and Col count from 1, Col in bytes; a
// zero Line means the whole file.
type Pos struct {
	File string
	Line int
	Col  int
}

// String formats p as file:line:col, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Diagnostic is one problem: where it is, what it is, and how to mend it.
// It is an error by itself.
type Diagnostic struct {
	Pos  Pos
	Msg  string
	Hint string
	Rule string // the id of the rule that is broken, "" where there is none
}

// Error formats d as "file:line:col: message", without the hint.
func (d Diagnostic) Error() string {
	if pos := d.Pos.String(); pos != "" {
		return pos + ": " + d.Msg
	}
	return d.Msg
}

// List is every problem found by one check. The zero List is empty and ready.
type List []Diagnostic

// Addf appends a problem at pos.
func (l *List) Addf(pos Pos, format string, args ...any) {
	*l = append(*l, Diagnostic{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// AddHint appends a problem at pos together with a hint.
func (l *List) AddHint(pos Pos, hint, format string, args ...any) {
	*l = append(*l, Diagnostic{Pos: pos, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// Unique returns l without repetitions of the same problem at the same place.
func (l List) Unique() List {
	seen := map[Diagnostic]bool{}
	return slices.DeleteFunc(slices.Clone(l), func(d Diagnostic) bool {
		again := seen[d]
		seen[d] = true
		return again
	})
}

// Err returns l as an error, or nil where l is empty. The problems of one file
// come in the order of their places; files keep the order in which they were
// first named.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	rank := map[string]int{}
	for _, d := range l {
		if _, seen := rank[d.Pos.File]; !seen {
			rank[d.Pos.File] = len(rank)
		}
	}
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(rank[a.Pos.File], rank[b.Pos.File]),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
		)
	})
	return l
}

// Error lists the problems, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}
