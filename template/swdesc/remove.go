package swdesc

import (
	"slices"
	"strings"
)

// Remove takes the setting called name out of the group and reports whether there
// was one. A setting that has its line to itself goes with the line, else with
// the space around it. Comments behind it in the same line go along, unless
// another setting follows there; comments before it stay.
func (g *Group) Remove(name string) bool {
	s := g.Get(name)
	if s == nil {
		return false
	}
	at := slices.Index(g.settings, s)
	gap, last := &g.tail, at == len(g.settings)-1
	if last {
		g.dropSeparator(at)
	} else {
		next := g.settings[at+1]
		gap, next.edited = &next.lead, true
	}
	if at == 0 && g.isBare() && s.lead == "" && lineBreak(*gap) >= 0 {
		*gap = (*gap)[lineBreak(*gap)+len(lineEnd((*gap)[lineBreak(*gap):])):]
	} else {
		*gap = closeGap(s.lead, *gap, last)
	}
	g.settings = slices.Delete(g.settings, at, at+1)
	if g.byName != nil {
		delete(g.byName, name)
	}
	return true
}

// dropSeparator takes the comma from behind the setting before the last one, at
// index at, where it does not end that setting but separates the two.
func (g *Group) dropSeparator(at int) {
	if at == 0 || g.settings[at].end != "" {
		return
	}
	if n := g.settings[at-1]; n.end == "," && isBlank(strings.Trim(n.beforeEnd, "\r\n")) {
		n.beforeEnd, n.end = "", ""
	}
}

// closeGap joins the white space and comments before a removed setting with
// those behind it; last tells that nothing but the end of the group follows.
func closeGap(before, behind string, last bool) string {
	kept := strings.TrimRight(before, " \t")
	if cut := lineBreak(behind); cut >= 0 {
		return trimLineEnd(kept) + behind[cut:]
	}
	if !last {
		return before + strings.TrimLeft(behind, " \t")
	}
	if lineBreak(before) < 0 || isBlank(trimLineEnd(kept)) {
		return trimLineEnd(kept) + trailingBlank(behind)
	}
	return before
}

// trimLineEnd takes one line end from the end of s.
func trimLineEnd(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

// trailingBlank is the white space at the end of s, which is of one line.
func trailingBlank(s string) string {
	return s[len(strings.TrimRight(s, " \t")):]
}
