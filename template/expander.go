package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// place says where the text being expanded stands: a line of a file, or the
// value of a variable, whose problems are reported at the placeholder that asked
// for it. The zero place is a string of unknown origin.
type place struct {
	text     *Text
	base     int    // offset of the text in the file
	fixed    bool   // all of it counts as standing at base
	variable string // the variable whose value it is, or ""
}

func (p place) pos(off int) diag.Pos {
	switch {
	case p.text == nil:
		return diag.Pos{}
	case p.fixed:
		return p.text.posOf(p.base)
	}
	return p.text.posOf(off)
}

// expander holds what one call knows: the variables, those expanded so far, and
// how much it may still produce.
type expander struct {
	vars      Vars
	packages  func(pkg, variable string) (string, error)
	answers   map[[2]string]packageAnswer // what packages said so far
	sorted    []string                    // the names of vars, once they were asked for
	hints     map[string]string           // what was said about an undefined name
	done      map[string]piece            // the variables expanded so far
	chain     []string                    // the variables being expanded, outermost first
	left      int
	exhausted bool
	quiet     bool // nobody wants to hear of problems: they leave the text as it is
	found     int  // how many problems there were, quiet or not
	problems  diag.List
}

// maxHints bounds how many undefined names are compared with all that are
// defined, which takes time where there are many of both.
const maxHints = 100

func newExpander(vars Vars) *expander {
	return &expander{vars: vars, hints: map[string]string{}, done: map[string]piece{}, left: MaxSize}
}

// spend takes n bytes from what may still be produced. Everything the expansion
// produces is counted, so a few variables that double each other over and over
// end here.
func (x *expander) spend(pos func() diag.Pos, n int) bool {
	if n > x.left && !x.exhausted {
		x.exhausted = true
		x.report(diag.Diagnostic{Pos: pos(), Msg: fmt.Sprintf("the expanded text is larger than %d MiB", MaxSize>>20)})
	}
	x.left -= n
	return !x.exhausted
}

// placeholder returns what stands for @@name@@ at off. An empty name is one that
// could not be put together and has been reported.
func (x *expander) placeholder(at place, off int, name string) piece {
	p := piece{off: off, expanded: true, broken: true}
	if name == "" || x.exhausted {
		return p
	}
	if _, ok := x.vars[name]; !ok {
		x.undefined(at, off, name)
		return p
	}
	value := x.variable(at, off, name)
	p.text, p.broken = value.text, value.broken
	return p
}

func (x *expander) undefined(at place, off int, name string) {
	hint, known := x.hints[name]
	if !known && !x.quiet && len(x.hints) < maxHints {
		hint = diag.DidYouMean(name, x.names())
		x.hints[name] = hint
	}
	x.problem(at, off, hint, "undefined variable %q", excerpt(name))
}

// names lists the variables in a fixed order, so that hints repeat.
func (x *expander) names() []string {
	if x.sorted == nil {
		x.sorted = slices.Sorted(maps.Keys(x.vars))
	}
	return x.sorted
}

// variable expands the value of a defined variable, once.
func (x *expander) variable(at place, off int, name string) piece {
	if value, ok := x.done[name]; ok {
		return value
	}
	if i := slices.Index(x.chain, name); i >= 0 {
		circle := append(slices.Clone(x.chain[i:]), name)
		x.problem(at, off, "", "variable %q is made of itself: %s", name, strings.Join(circle, " -> "))
		return piece{broken: true}
	}
	if len(x.chain) == MaxDepth {
		x.problem(at, off, "", "variables refer to each other more than %d deep", MaxDepth)
		return piece{broken: true}
	}
	x.chain = append(x.chain, name)
	inside := place{text: at.text, base: at.base, fixed: at.fixed, variable: name}
	if !at.fixed {
		inside.base, inside.fixed = off, true
	}
	text, ok := x.expandValue(inside, x.vars[name])
	x.chain = x.chain[:len(x.chain)-1]
	x.done[name] = piece{text: text, broken: !ok}
	return x.done[name]
}

// expandValue expands a string that stands by itself, line by line.
func (x *expander) expandValue(at place, s string) (string, bool) {
	if !strings.Contains(s, delimiter) {
		return s, true
	}
	before, whole := x.found, true
	var out strings.Builder
	for line := range strings.Lines(s) {
		for _, p := range x.line(at, line) {
			whole = whole && !p.broken
			if !x.spend(func() diag.Pos { return at.pos(p.off) }, len(p.text)) {
				return "", false
			}
			out.WriteString(p.text)
		}
	}
	return out.String(), whole && x.found == before
}

const nameRule = `letters, digits, "_", "-" and "." are allowed, and a flag as in NAME[flag]`

// reportUnclosed complains about the delimiters of a finished line that open a
// name. Those that open none are ordinary text.
func (x *expander) reportUnclosed(at place, line []piece) {
	for i := 0; i < len(line); i++ {
		if !line[i].delimiter {
			continue
		}
		between, closed := textBetween(line[i+1:])
		if !beginsName(between) {
			continue
		}
		off := line[i].off
		switch {
		case closed:
			x.problem(at, off, nameRule, "%q is not a variable name", excerpt(between))
		default:
			x.problem(at, off, "", "placeholder %q is not closed on its line", excerpt(delimiter+leadingName(between)))
		}
		if closed {
			i += slices.IndexFunc(line[i+1:], func(p piece) bool { return p.delimiter }) + 1
		}
	}
}

// textBetween is the text up to the next delimiter, and whether there is one.
func textBetween(line []piece) (string, bool) {
	var b strings.Builder
	for _, p := range line {
		if p.delimiter {
			return b.String(), true
		}
		b.WriteString(p.text)
	}
	return b.String(), false
}

func leadingName(s string) string {
	n := strings.IndexFunc(s, func(r rune) bool { return r > 127 || !isNameByte(byte(r)) })
	if n < 0 {
		return s
	}
	return s[:n]
}

// excerpt keeps a message short whatever the template holds.
func excerpt(s string) string {
	if len(s) <= 60 {
		return s
	}
	return s[:57] + "..."
}

func (x *expander) problem(at place, off int, hint, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if at.variable != "" {
		msg = fmt.Sprintf("value of %q: %s", at.variable, msg)
	}
	x.report(diag.Diagnostic{Pos: at.pos(off), Msg: msg, Hint: hint})
}

func (x *expander) report(d diag.Diagnostic) {
	x.found++
	if !x.quiet {
		x.problems = append(x.problems, d)
	}
}
