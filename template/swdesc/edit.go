package swdesc

import (
	"fmt"
	"strconv"
	"strings"
)

// SetString gives the setting called name the string value. An existing scalar is
// replaced in place, whatever its kind; a missing setting is added, see
// [Group.EnsureGroup] for where. A setting that has the value already is left as
// it is written. Groups, lists and arrays are not replaced: that is a
// [*TypeError]. A value with a NUL byte is refused, as C strings end there.
func (g *Group) SetString(name, value string) error {
	if nul := strings.IndexByte(value, 0); nul >= 0 {
		return fmt.Errorf("value of %s has a NUL byte at offset %d", name, nul)
	}
	return g.set(name, &String{source: source{raw: quote(value)}, text: value})
}

// SetBool gives the setting called name the value true or false, as
// [Group.SetString] does.
func (g *Group) SetBool(name string, value bool) error {
	return g.set(name, &Bool{source: source{raw: strconv.FormatBool(value)}, value: value})
}

// SetInt gives the setting called name the integer value, with an L where it does
// not fit 32 bits, as [Group.SetString] does.
func (g *Group) SetInt(name string, value int64) error {
	return g.set(name, newInt(0, value))
}

// EnsureGroup returns the group called name, which it adds, empty, where there is
// none. It is a [*TypeError] where the setting holds something else.
//
// A new setting is put behind the one it belongs to: sha256 behind filename,
// ivt behind encrypted, version behind name, and so on; any other behind the last
// setting of the group. The order of calls does not matter for these. It is
// written as its neighbour is: on a line of its own with the same indentation, or
// on the same line; with "=" or ":", the same spaces, terminator and line end.
func (g *Group) EnsureGroup(name string) (*Group, error) {
	if found, err := g.GetGroup(name); found != nil || err != nil {
		return found, err
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	group := &Group{}
	s := g.insert(name, group)
	group.holder, group.off = holder{setting: s}, s.off
	group.tail = " "
	if at := lineBreak(s.lead); at >= 0 {
		group.tail = lineEnd(s.lead[at:]) + indentation(s.lead)
	}
	return group, nil
}

// set replaces or adds a scalar.
func (g *Group) set(name string, v Scalar) error {
	s := g.Get(name)
	if s == nil {
		if err := checkName(name); err != nil {
			return err
		}
		setOffset(v, g.insert(name, v).off)
		return nil
	}
	old, ok := s.value.(Scalar)
	if !ok {
		return s.typeError(v.Kind())
	}
	if !sameValue(old, v) {
		setOffset(v, old.Offset())
		s.value, s.edited = v, true
	}
	return nil
}

// setOffset gives an edited scalar the offset that it is known by.
func setOffset(v Scalar, off int) {
	switch v := v.(type) {
	case *String:
		v.off = off
	case *Int:
		v.off = off
	case *Bool:
		v.off = off
	}
}

func sameValue(a, b Scalar) bool {
	switch a := a.(type) {
	case *String:
		b, ok := b.(*String)
		return ok && a.text == b.text
	case *Int:
		b, ok := b.(*Int)
		return ok && a.value == b.value
	case *Bool:
		b, ok := b.(*Bool)
		return ok && a.value == b.value
	}
	return false
}

// checkName refuses names that no client could read back.
func checkName(name string) error {
	if name == "" || nameLen(name) < len(name) {
		return fmt.Errorf("%q cannot name a setting: %s", name, nameHint)
	}
	if nameKind(name) != tokName {
		return fmt.Errorf("%q cannot name a setting: it is a value", name)
	}
	return nil
}
