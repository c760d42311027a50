package swdesc

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Loss is something that a description loses, or that devices read otherwise,
// when it changes its format.
type Loss struct {
	Offset int    // in the text that was parsed
	Path   string // of the setting, as in "software.images[0].size"; of comments ""
	Msg    string // what becomes of it, in lower case
}

// Convert writes the document in the given format, in canonical layout (see
// [Print]), and names what is lost, in the order of the text: comments, counted
// at the place of the first; notations such as hexadecimal; the difference of
// lists and arrays; and what SWUpdate reads otherwise in that format. Losses
// beyond the 2000th are counted. Read back the text is [Equal] to the document.
//
// The error is [FormatErrors] where the document holds what the format cannot:
// null and names such as "rev1.0" in libconfig, bytes that are not UTF-8 in JSON.
func Convert(doc *Document, to Format) (out []byte, losses []Loss, err error) {
	out, err = Print(doc.Root, to)
	if err != nil {
		return nil, nil, err
	}
	c := converter{from: doc.Format, to: to}
	c.comments(doc.src)
	c.group(doc.Root)
	slices.SortStableFunc(c.losses, func(a, b Loss) int { return cmp.Compare(a.Offset, b.Offset) })
	if c.more > 0 {
		last := c.losses[len(c.losses)-1].Offset
		c.losses = append(c.losses, Loss{last, "", fmt.Sprintf("%d more losses behind this one", c.more)})
	}
	return out, c.losses, nil
}

// maxLosses bounds the list, whose paths may be long: the losses of a hostile
// file would take thousands of times its size.
const maxLosses = 2000

// converter collects losses.
type converter struct {
	from, to Format
	long     bool // integers are written with L, as the array they stand in
	losses   []Loss
	more     int // losses that are not in the list
}

func (c *converter) lose(off int, path func() string, format string, args ...any) {
	if len(c.losses) == maxLosses {
		c.more++
		return
	}
	c.losses = append(c.losses, Loss{off, path(), fmt.Sprintf(format, args...)})
}

// comments counts the comments of a text in libconfig's syntax.
func (c *converter) comments(src string) {
	if c.from == JSON {
		return
	}
	n, first, nowhere := 0, 0, func() string { return "" }
	for at := range commentsOf(src) {
		if n == 0 {
			first = at
		}
		n++
	}
	switch n {
	case 0:
	case 1:
		c.lose(first, nowhere, "a comment is dropped")
	default:
		c.lose(first, nowhere, "%d comments are dropped, of which this is the first", n)
	}
}

// commentsOf walks over the offsets of the comments.
func commentsOf(src string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		p := newParser(src, Libconfig)
		for p.advance(); ; p.advance() {
			for at := p.tok.lead; at < p.tok.off; {
				n, _ := triviaLen(src[at:])
				if !isSpace(src[at]) && !yield(at) {
					return
				}
				at += n
			}
			if p.tok.kind == tokEOF {
				return
			}
		}
	}
}

func (c *converter) group(g *Group) {
	for _, s := range g.settings {
		c.setting(s)
		c.value(s.value, s.Path)
	}
}

// setting names what depends on the name of a setting. The names of properties
// are those of handlers.
func (c *converter) setting(s *Setting) {
	if up := s.parent.setting; up != nil && up.name == "properties" {
		return
	}
	switch v := s.value.(type) {
	case *String:
		if s.name == "offset" && c.to == JSON && c.from != JSON {
			c.lose(s.off, s.Path, "a string as offset is destroyed by SWUpdate 2022.12 to 2023.05 in JSON: only a number is safe")
		}
	case *Group:
		if isSection(s.name) && v.Link() == nil {
			c.single(s)
		}
	}
}

// isSection tells the names under which SWUpdate looks for a list of entries.
func isSection(name string) bool {
	switch name {
	case "images", "files", "scripts", "partitions", "bootenv", "uboot", "vars":
		return true
	}
	return false
}

// single names an object that stands for a list with one entry.
func (c *converter) single(s *Setting) {
	switch {
	case c.from == c.to:
	case c.to == JSON:
		c.lose(s.off, s.Path, "a single group in the place of a list: in JSON SWUpdate reads it from 2024.12 on, and 2022.12 crashes")
	default:
		c.lose(s.off, s.Path, "a single object in the place of an array: in libconfig SWUpdate finds nothing to install in it")
	}
}

// value names what becomes of v and of all below it. The path is asked for where
// something is lost.
func (c *converter) value(v Value, path func() string) {
	switch v := v.(type) {
	case *Group:
		c.group(v)
	case *List:
		c.sequence(v, v.items, path)
		c.items(v.items, path)
	case *Array:
		c.sequence(v, v.items, path)
		c.long = c.to.longArray(v.items)
		c.items(v.items, path)
		c.long = false
	case *Int:
		c.integer(v, path)
	case *Float:
		if raw := c.to.spell(v); raw != v.raw {
			c.lose(v.off, path, "%s is written as %s", clip(v.raw), clip(raw))
		}
	}
}

func (c *converter) items(items []item, path func() string) {
	for i, it := range items {
		c.value(it.value, func() string { return path() + "[" + strconv.Itoa(i) + "]" })
	}
}

// sequence names what the formats do not tell apart.
func (c *converter) sequence(v Value, items []item, path func() string) {
	if c.from == c.to {
		return
	}
	_, list := v.(*List)
	toJSON := c.to == JSON
	switch {
	case toJSON && !list && len(items) == 0:
		c.lose(v.Offset(), path, "an empty array is the same as an empty list in JSON")
	case toJSON && list && oneKind(items):
		c.lose(v.Offset(), path, "a list of scalars is the same as an array in JSON")
	case !toJSON && list && len(items) == 0:
		c.lose(v.Offset(), path, "an empty array is written as a list")
	case !toJSON && list && allScalars(items):
		c.lose(v.Offset(), path, "an array of several kinds of values is written as a list")
	}
}

// integer names another notation, and what SWUpdate makes of the number: from
// JSON it reads the nearest one of 32 bits.
func (c *converter) integer(v *Int, path func() string) {
	var said []string
	if raw := c.to.spellInt(v.value, c.long || c.to.needsL(v.value)); raw != v.raw {
		said = append(said, clip(v.raw)+" is written as "+raw)
	}
	clamped := max(min(v.value, math.MaxInt32), math.MinInt32)
	switch {
	case clamped == v.value || c.from == c.to:
	case c.to == JSON:
		said = append(said, fmt.Sprintf("in JSON SWUpdate reads %d as %d", v.value, clamped))
	default:
		said = append(said, fmt.Sprintf("SWUpdate no longer reads it as %d", clamped))
	}
	if len(said) > 0 {
		c.lose(v.off, path, "%s", strings.Join(said, "; "))
	}
}
