package swdesc

import (
	"slices"
	"strings"
)

// insert adds a setting, laid out as the author of the group would have written
// it.
func (g *Group) insert(name string, v Value) *Setting {
	s := &Setting{parent: g, name: name, nameText: g.format.spellName(name), value: v, edited: true, off: g.off}
	at := 0
	if len(g.settings) == 0 {
		g.layOutFirst(s)
	} else {
		at = g.neighbour(name)
		s.off = g.settings[at].off
		g.layOutBehind(s, at)
		at++
	}
	g.put(at, s)
	return s
}

// families lists settings that belong together, in the order in which they are
// best read. The position of a new setting depends on what is there, not on the
// order of calls, so that equal edits make equal bytes.
func families() [][]string {
	return [][]string{
		{"filename", "sha256", "size", "compressed", "encrypted", "ivt", "aes-key"},
		{"name", "version"},
	}
}

// neighbour is the index of the setting behind which one called name is put: the
// nearest of those before it in its family, or else the last of the group.
func (g *Group) neighbour(name string) int {
	for _, family := range families() {
		for i := slices.Index(family, name) - 1; i >= 0; i-- {
			if s := g.Get(family[i]); s != nil {
				return slices.Index(g.settings, s)
			}
		}
	}
	return len(g.settings) - 1
}

// layOutBehind lays s out behind the setting at index at: on a line of its own
// where that one ends its line, else on the same line. A comment behind that
// setting stays with it.
func (g *Group) layOutBehind(s *Setting, at int) {
	n := g.settings[at]
	last := at == len(g.settings)-1
	gap := &g.tail
	if !last {
		gap = &g.settings[at+1].lead
	}
	cut := lineBreak(*gap)
	switch {
	case cut >= 0:
		s.lead = (*gap)[:cut] + lineEnd((*gap)[cut:]) + g.indentBehind(at)
		*gap = (*gap)[cut:]
	case last && lineBreak(n.lead) >= 0:
		s.lead = lineEnd(n.lead[lineBreak(n.lead):]) + indentation(n.lead)
	default:
		s.lead = g.spaceBetween()
	}
	s.end = g.terminator(at, lineBreak(s.lead) < 0)
	if s.lead == "" && n.end == "" {
		s.lead = " "
	}
	g.copySpacing(s, at)
}

// layOutFirst lays s out as the only setting of g.
func (g *Group) layOutFirst(s *Setting) {
	s.beforeSep, s.sep, s.afterSep = g.format.spacing()
	s.end = g.format.endOfOnly("")
	if up := g.parentGroup(); up != nil {
		up.copySpacing(s, max(0, slices.Index(up.settings, g.setting)))
		s.end = g.format.endOfOnly(g.setting.end)
	} else if g.list != nil && g.list.setting != nil { // as the group that the list is in
		up := g.list.setting.parent
		up.copySpacing(s, max(0, slices.Index(up.settings, g.list.setting)))
	}
	if cut := lineBreak(g.tail); cut >= 0 {
		s.lead = g.tail[:cut] + lineEnd(g.tail[cut:]) + g.childIndent()
		g.tail = g.tail[cut:]
		return
	}
	if g.isBare() {
		s.lead, g.tail = g.tail, "\n"
		return
	}
	s.lead, g.tail = g.tail, " "
	if s.lead == "" {
		s.lead = " "
	}
}

// terminator is what ends a setting put behind the one at index at. Where the
// terminators separate settings, with none behind the last, the neighbour takes
// one instead, as it always does in JSON.
func (g *Group) terminator(at int, oneLine bool) string {
	n, style := g.settings[at], g.settings[0].end
	if n.end != "" {
		return n.end
	}
	last := at == len(g.settings)-1
	switch {
	case g.format == JSON:
		n.end = ","
		return ""
	case last && at == 0 && oneLine:
		n.end, n.edited = ";", true
		return ""
	case last && (oneLine || style == ","):
		n.end, n.edited = style, true
		return ""
	}
	return style
}

// copySpacing gives s the separator of the scalar setting at or nearest before
// index at, and the spaces around it. Where spaces align the separators of the
// author's settings, s is aligned with them.
func (g *Group) copySpacing(s *Setting, at int) {
	s.beforeSep, s.sep, s.afterSep = g.format.spacing()
	for i := at; i >= 0 && i > at-8; i-- {
		n := g.settings[i]
		_, scalar := n.value.(Scalar)
		if !scalar || !isBlank(n.beforeSep) || !isBlank(n.afterSep) {
			continue
		}
		s.beforeSep, s.sep, s.afterSep = n.beforeSep, n.sep, n.afterSep
		if width := len(n.nameText) + len(n.beforeSep) - len(s.nameText); strings.HasPrefix(n.beforeSep, "  ") {
			s.beforeSep = strings.Repeat(" ", max(1, width))
		}
		return
	}
}

// spaceBetween is what the author puts between settings on one line.
func (g *Group) spaceBetween() string {
	if len(g.settings) > 1 && isBlank(g.settings[1].lead) {
		return g.settings[1].lead
	}
	return " "
}

// indentBehind is the indentation of a line added behind the setting at index
// at: that of the setting itself, of the one that follows or of the first, where
// one of them begins a line.
func (g *Group) indentBehind(at int) string {
	for _, i := range []int{at, min(at+1, len(g.settings)-1), 0} {
		if lead := g.settings[i].lead; lineBreak(lead) >= 0 {
			return indentation(lead)
		}
	}
	return g.childIndent()
}

// childIndent is the indentation of a setting of g that has no neighbour to go
// by: one step more than that of the closing brace.
func (g *Group) childIndent() string {
	if g.isBare() {
		return ""
	}
	own := indentation(g.tail)
	if up := g.parentGroup(); up != nil && !up.isBare() && lineBreak(up.tail) >= 0 && g.setting != nil {
		outer := indentation(up.tail)
		if step, ok := strings.CutPrefix(indentation(g.setting.lead), outer); ok && step != "" {
			return own + step
		}
	}
	return own + g.format.indentStep(own)
}

// isBare reports whether g is the file itself, with no braces around it.
func (g *Group) isBare() bool {
	return g.format == Libconfig && g.setting == nil && g.list == nil
}

// parentGroup is the group of which g is a setting, or nil.
func (g *Group) parentGroup() *Group {
	if g.setting == nil {
		return nil
	}
	return g.setting.parent
}

// lineBreak is the offset of the first line end of white space and comments, a
// carriage return included, or -1. Line ends inside "/* */" do not count.
func lineBreak(trivia string) int {
	for i := 0; i < len(trivia); {
		n, _ := triviaLen(trivia[i:])
		if nl := strings.IndexByte(trivia[i:i+n], '\n'); nl >= 0 && !strings.HasPrefix(trivia[i:], "/*") {
			i += nl
			if i > 0 && trivia[i-1] == '\r' {
				i--
			}
			return i
		}
		i += n
	}
	return -1
}

// lineEnd is the line end that s begins with.
func lineEnd(s string) string {
	if strings.HasPrefix(s, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// indentation is the white space with which the last line of trivia begins.
func indentation(trivia string) string {
	line := trivia[strings.LastIndexByte(trivia, '\n')+1:]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

func isBlank(s string) bool {
	return strings.Trim(s, " \t") == ""
}
