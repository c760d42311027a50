package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// view is text for people in the making: titles, rows of a label and a value each,
// whose values are aligned, and pictures. What comes from files is tamed on its way
// in, so that no other colours and movements than the view's own reach a terminal.
type view struct {
	out    strings.Builder
	color  bool
	blocks blocks
	margin int // blanks in front of every line
	rows   []row
}

// row is a line that waits for the others it is aligned with.
type row struct {
	label, value string
	style        style
}

func newView(w io.Writer, color bool, s surroundings) *view {
	return &view{color: color, blocks: blocksFor(w, s)}
}

// blocksFor returns ASCII, unless a person looks at a terminal that has more.
func blocksFor(w io.Writer, s surroundings) blocks {
	if isTerminal(w) && speaksUTF8(s) {
		return blocks{"█", "░"}
	}
	return blocks{"#", "."}
}

// tameLine is tame for what is to stay in one line.
func tameLine(text string) string { return strings.ReplaceAll(tame(text), "\n", `\n`) }

// paint gives tame text a style.
func (v *view) paint(s style, text string) string {
	if !v.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// line prints a line by itself.
func (v *view) line(s style, format string, args ...any) {
	v.flush()
	text := strings.TrimRight(tameLine(fmt.Sprintf(format, args...)), " ")
	if text == "" {
		v.out.WriteByte('\n')
		return
	}
	v.out.WriteString(strings.Repeat(" ", v.margin) + v.paint(s, text) + "\n")
}

// row adds a row; an indented label says more of the row before.
func (v *view) row(s style, label, format string, args ...any) {
	v.rows = append(v.rows, row{label, tameLine(fmt.Sprintf(format, args...)), s})
}

// flush prints the rows.
func (v *view) flush() {
	width := 0
	for _, r := range v.rows {
		width = max(width, utf8.RuneCountInString(r.label))
	}
	for _, r := range v.rows {
		line := fmt.Sprintf("%*s%-*s  ", v.margin, "", width, r.label)
		v.out.WriteString(line + v.paint(r.style, strings.TrimRight(r.value, " ")) + "\n")
	}
	v.rows = nil
}

// in prints what f prints further to the right.
func (v *view) in(f func()) {
	v.flush()
	v.margin += 2
	f()
	v.flush()
	v.margin -= 2
}

// writeTo ends the view.
func (v *view) writeTo(w io.Writer) error {
	v.flush()
	_, err := io.WriteString(w, v.out.String())
	return err
}
