package swdesc

import (
	"fmt"
	"strings"
)

// Print writes a group and all below it in canonical layout, whatever layout its
// nodes were read in; comments are not kept. root is the group whose settings
// stand outside all braces.
//
// libconfig: tabs, "name = value;", lists of groups as ( { ... }, { ... } ) with
// an entry's settings on lines of their own, arrays and empty values on one line,
// no trailing comma, a line end at the end of the file, control bytes as \xHH,
// integers in decimal with L beyond 32 bits.
func Print(root *Group, format Format) ([]byte, error) {
	if format == JSON {
		return nil, fmt.Errorf("JSON is not written yet")
	}
	var c canonical
	c.settings(root)
	return []byte(c.String()), nil
}

// canonical prints values in libconfig's syntax.
type canonical struct {
	strings.Builder
	depth int
}

func (c *canonical) line(parts ...string) {
	for range c.depth {
		c.WriteByte('\t')
	}
	for _, s := range parts {
		c.WriteString(s)
	}
}

func (c *canonical) settings(g *Group) {
	for _, s := range g.settings {
		c.line(s.name, " = ")
		c.value(s.value)
		c.WriteString(";\n")
	}
}

func (c *canonical) value(v Value) {
	switch v := v.(type) {
	case *Group:
		c.group(v)
	case *List:
		c.list(v)
	case *Array:
		c.array(v)
	case *String:
		c.WriteString(quote(v.text))
	case *Int:
		c.WriteString(newInt(0, v.value).raw)
	case Scalar:
		c.WriteString(v.Raw())
	}
}

func (c *canonical) group(g *Group) {
	if len(g.settings) == 0 {
		c.WriteString("{ }")
		return
	}
	c.WriteString("{\n")
	c.depth++
	c.settings(g)
	c.depth--
	c.line("}")
}

// list puts the values between parentheses, groups on lines of their own.
func (c *canonical) list(l *List) {
	if len(l.items) == 0 {
		c.WriteString("( )")
		return
	}
	c.WriteString("(\n")
	c.depth++
	for i, it := range l.items {
		c.line()
		c.value(it.value)
		if i+1 < len(l.items) {
			c.WriteByte(',')
		}
		c.WriteByte('\n')
	}
	c.depth--
	c.line(")")
}

func (c *canonical) array(a *Array) {
	if len(a.items) == 0 {
		c.WriteString("[ ]")
		return
	}
	c.WriteString("[ ")
	for i, it := range a.items {
		if i > 0 {
			c.WriteString(", ")
		}
		c.value(it.value)
	}
	c.WriteString(" ]")
}
