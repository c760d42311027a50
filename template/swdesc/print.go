package swdesc

import (
	"slices"
	"strings"
)

// Print writes a group and all below it in canonical layout, whatever layout its
// nodes were read in; comments are not kept. root is the group whose settings
// stand outside all braces, in JSON the object that is the file. The error is
// [FormatErrors] where the tree holds what the format cannot.
//
// libconfig: tabs, "name = value;", lists of groups as ( { ... }, { ... } ) with
// an entry's settings on lines of their own, arrays and empty values on one line,
// no trailing comma, a line end at the end of the file, control bytes as \xHH,
// integers in decimal with L beyond 32 bits.
//
// JSON: two spaces, "name": value, arrays of nothing but scalars on one line, a
// line end at the end of the file, control bytes as \u00XX.
func Print(root *Group, format Format) ([]byte, error) {
	if err := checkTree(root, format); err != nil {
		return nil, err
	}
	c := canonical{format: format}
	if format == JSON {
		c.value(root)
		c.WriteByte('\n')
	} else {
		c.settings(root)
	}
	return []byte(c.String()), nil
}

// canonical prints values.
type canonical struct {
	strings.Builder
	format Format
	depth  int
}

func (c *canonical) write(parts ...string) {
	for _, s := range parts {
		c.WriteString(s)
	}
}

func (c *canonical) indent() {
	step := "\t"
	if c.format == JSON {
		step = "  "
	}
	for range c.depth {
		c.WriteString(step)
	}
}

// settings writes one setting a line.
func (c *canonical) settings(g *Group) {
	for i, s := range g.settings {
		c.indent()
		if c.format == JSON {
			c.write(quoteJSON(s.name), ": ")
			c.value(s.value)
			c.endElement(i, len(g.settings))
			continue
		}
		c.write(s.name, " = ")
		c.value(s.value)
		c.WriteString(";\n")
	}
}

// endElement ends the line of the element with index i of n.
func (c *canonical) endElement(i, n int) {
	if i+1 < n {
		c.WriteByte(',')
	}
	c.WriteByte('\n')
}

func (c *canonical) value(v Value) {
	switch v := v.(type) {
	case *Group:
		c.block("{", len(v.settings), func() { c.settings(v) }, "}")
	case *List, *Array:
		c.sequence(v)
	case Scalar:
		c.WriteString(c.format.spell(v))
	}
}

// block writes n elements between brackets, on lines of their own.
func (c *canonical) block(open string, n int, elements func(), end string) {
	switch {
	case n == 0 && c.format == JSON:
		c.write(open, end)
		return
	case n == 0:
		c.write(open, " ", end)
		return
	}
	c.write(open, "\n")
	c.depth++
	elements()
	c.depth--
	c.indent()
	c.WriteString(end)
}

func (c *canonical) sequence(v Value) {
	items := itemsOf(v)
	_, list := v.(*List)
	switch {
	case len(items) > 0 && c.inOneLine(items, list):
		c.array(items)
	case c.format == Libconfig && list:
		c.block("(", len(items), func() { c.lines(items) }, ")")
	default:
		c.block("[", len(items), func() { c.lines(items) }, "]")
	}
}

// inOneLine depends in JSON on the values alone, as what is read back may be an
// array where a list was written.
func (c *canonical) inOneLine(items []item, list bool) bool {
	if c.format == Libconfig {
		return !list
	}
	return allScalars(items)
}

// lines writes one value a line.
func (c *canonical) lines(items []item) {
	for i, it := range items {
		c.indent()
		c.value(it.value)
		c.endElement(i, len(items))
	}
}

// array writes values in one line. libconfig wants its integers to be all of 32
// or all of 64 bits.
func (c *canonical) array(items []item) {
	space := " "
	if c.format == JSON {
		space = ""
	}
	long := c.format.longArray(items)
	c.write("[", space)
	for i, it := range items {
		if i > 0 {
			c.WriteString(", ")
		}
		if n, ok := it.value.(*Int); ok {
			c.WriteString(c.format.spellInt(n.value, long))
		} else {
			c.value(it.value)
		}
	}
	c.write(space, "]")
}

// longArray reports whether one of the integers needs an L, and with it all.
func (f Format) longArray(items []item) bool {
	return slices.ContainsFunc(items, func(it item) bool {
		n, ok := it.value.(*Int)
		return ok && f.needsL(n.value)
	})
}
