package zephyr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// tree is a devicetree in which everything is merged: each node and each property
// stands in it once.
type tree struct {
	root   *node
	labels map[string]*node
}

// node is a node of a tree, with the place of its name.
type node struct {
	name     string // with the unit address; "/" is the root
	labels   []string
	pos      diag.Pos
	parent   *node
	props    map[string]*property
	children []*node
}

// property is a property with the place of its name. Without values it is empty,
// which is how a tree says yes.
type property struct {
	name   string
	pos    diag.Pos
	values []value
}

// value is one of the values between the commas of a property: text, a reference,
// bytes, or cells, of which there may be none.
type value struct {
	text  *string  // "text"
	ref   string   // &label or &{/path}, without the ampersand
	cells []cell   // < ... >
	bits  int      // of each cell: 32, or as /bits/ says; 0 without cells
	bytes *[]byte  // [ ... ]
	pos   diag.Pos // of the first byte
}

// cell is a number or a reference.
type cell struct {
	number uint64
	ref    string
}

// child returns the child of that name, or nil.
func (n *node) child(name string) *node {
	i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return n.children[i]
}

// each calls visit with n and everything below.
func (n *node) each(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		c.each(visit)
	}
}

// text returns the value of a property that is one string.
func (n *node) text(name string) (string, bool) {
	if p := n.props[name]; p != nil && len(p.values) == 1 && p.values[0].text != nil {
		return *p.values[0].text, true
	}
	return "", false
}

// compatible tells whether name is among the strings of the property
// "compatible".
func (n *node) compatible(name string) bool {
	p := n.props["compatible"]
	return p != nil && slices.ContainsFunc(p.values, func(v value) bool { return v.text != nil && *v.text == name })
}

// numbers returns all cells of a property, whatever their groups. It is false
// where a value is no group of numbers of 32 bits.
func (p *property) numbers() ([]uint64, bool) {
	var all []uint64
	for _, v := range p.values {
		if v.bits != 32 {
			return nil, false
		}
		for _, c := range v.cells {
			if c.ref != "" {
				return nil, false
			}
			all = append(all, c.number)
		}
	}
	return all, true
}

// number returns the value of a property that is one number.
func (n *node) number(name string) (uint64, bool) {
	if p := n.props[name]; p != nil {
		if all, ok := p.numbers(); ok && len(all) == 1 {
			return all[0], true
		}
	}
	return 0, false
}

// find resolves a reference: a label, or a path in braces.
func (t *tree) find(ref string) *node {
	path, ok := strings.CutPrefix(ref, "{/")
	if !ok {
		return t.labels[ref]
	}
	n := t.root
	for name := range strings.SplitSeq(strings.TrimSuffix(path, "}"), "/") {
		if name == "" {
			continue
		}
		if n = n.child(name); n == nil {
			return nil
		}
	}
	return n
}

// chosen returns the node that /chosen names, by a reference or by its path as a
// string, and the property that does. Both are nil where nothing is chosen.
func (t *tree) chosen(name string) (*node, *property, error) {
	chosen := t.root.child("chosen")
	if chosen == nil || chosen.props[name] == nil {
		return nil, nil, nil
	}
	p := chosen.props[name]
	ref := ""
	if path, ok := chosen.text(name); ok {
		ref = "{" + path + "}"
	} else if len(p.values) == 1 {
		ref = p.values[0].ref
	}
	n := t.find(ref)
	if n == nil {
		return nil, nil, diag.Diagnostic{Pos: p.pos, Msg: fmt.Sprintf("%s: want &label or the path of a node", name)}
	}
	return n, p, nil
}
