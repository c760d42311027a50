package swdesc

import "fmt"

// A description can be made from nothing: put values together with [NewGroup],
// [NewList], [NewArray], [NewString], [NewInt], [NewBool] and [Group.Add], and
// turn the outermost group into a Document with [Build]. Each value is given the
// offset by which it will be known, such as that of the line of a project file
// that asked for it.

// NewGroup returns an empty group known by the offset off.
func NewGroup(off int) *Group { return &Group{format: Libconfig, off: off} }

// NewList returns a list of the values, which are groups as a rule.
func NewList(off int, values ...Value) *List {
	l := &List{off: off}
	for i, v := range values {
		l.items = append(l.items, item{value: v})
		hold(v, holder{list: l, index: i})
	}
	return l
}

// NewArray returns an array of the scalars, which must be of one kind.
func NewArray(off int, scalars ...Scalar) *Array {
	a := &Array{off: off}
	for _, v := range scalars {
		a.items = append(a.items, item{value: v})
	}
	return a
}

// NewString returns the string text, in which a NUL byte has no place: C strings
// end there.
func NewString(off int, text string) (*String, error) {
	s, err := Libconfig.newString(off, text)
	if err != nil {
		return nil, fmt.Errorf("string %w", err)
	}
	return s, nil
}

// NewInt returns the integer v.
func NewInt(off int, v int64) *Int { return Libconfig.newInt(off, v) }

// NewBool returns the boolean v.
func NewBool(off int, v bool) *Bool { return newBool(off, v) }

// Add puts a setting behind the others of a group under construction. The name
// must be new to the group and one that libconfig can read.
func (g *Group) Add(off int, name string, v Value) error {
	if err := Libconfig.checkName(name); err != nil {
		return err
	}
	if g.Get(name) != nil {
		return fmt.Errorf("%s has a setting %q already", groupName(g), name)
	}
	s := &Setting{parent: g, off: off, name: name, nameText: name, value: v}
	g.put(len(g.settings), s)
	hold(v, holder{setting: s})
	return nil
}

func groupName(g *Group) string {
	if path := g.Path(); path != "" {
		return path
	}
	return "the group"
}

// hold tells a value where it stands.
func hold(v Value, h holder) {
	switch v := v.(type) {
	case *Group:
		v.holder = h
	case *List:
		v.holder = h
	case *Array:
		v.holder = h
	}
}

// Build turns root, the group whose settings stand outside all braces, into a
// Document in canonical layout, see [Print]. The nodes of the Document are its
// own, with the offsets of those they were made from, so that Document.Position
// does not apply to them.
func Build(root *Group, format Format) (*Document, error) {
	text, err := Print(root, format)
	if err != nil {
		return nil, err
	}
	doc, err := ParseAs(text, format)
	if err != nil {
		return nil, fmt.Errorf("internal error: what was printed does not parse: %w", err)
	}
	moveOffsets(doc.Root, root)
	doc.src, doc.lines = "", nil
	return doc, nil
}

// moveOffsets gives the values below to the offsets of their equals below from.
func moveOffsets(to, from Value) {
	switch to := to.(type) {
	case *Group:
		from := from.(*Group)
		to.off = from.off
		for i, s := range to.settings {
			s.off = from.settings[i].off
			moveOffsets(s.value, from.settings[i].value)
		}
	case *List:
		to.off = from.Offset()
		moveItems(to.items, itemsOf(from))
	case *Array:
		to.off = from.Offset()
		moveItems(to.items, itemsOf(from))
	case Scalar:
		moveScalar(to, from.Offset())
	}
}

func moveItems(to, from []item) {
	for i := range to {
		moveOffsets(to[i].value, from[i].value)
	}
}
