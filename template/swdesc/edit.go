package swdesc

import "fmt"

// SetString gives the setting called name the string value. An existing scalar is
// replaced in place, whatever its kind; a missing setting is added, see
// [Group.EnsureGroup] for where. A setting that has the value already is left as
// it is written. Groups, lists and arrays are not replaced: that is a
// [*TypeError]. A value with a NUL byte is refused, as C strings end there, and in
// JSON one that is not UTF-8.
func (g *Group) SetString(name, value string) error {
	s, err := g.format.newString(0, value)
	if err != nil {
		return fmt.Errorf("value of %s %w", name, err)
	}
	return g.set(name, s)
}

// SetBool gives the setting called name the value true or false, as
// [Group.SetString] does.
func (g *Group) SetBool(name string, value bool) error {
	return g.set(name, newBool(0, value))
}

// SetInt gives the setting called name the integer value, in libconfig with an L
// where it does not fit 32 bits, as [Group.SetString] does. JSON can say such a
// number, but SWUpdate reads it as the nearest one that fits.
func (g *Group) SetInt(name string, value int64) error {
	return g.set(name, g.format.newInt(0, value))
}

// EnsureGroup returns the group called name, which it adds, empty, where there is
// none. It is a [*TypeError] where the setting holds something else.
//
// A new setting is put behind the one it belongs to: sha256 behind filename,
// ivt behind encrypted, version behind name, and so on; any other behind the last
// setting of the group. The order of calls does not matter for these. It is
// written as its neighbour is: on a line of its own with the same indentation, or
// on the same line; with "=" or ":", the same spaces, terminator and line end. In
// JSON a comma separates it from its neighbours.
func (g *Group) EnsureGroup(name string) (*Group, error) {
	if found, err := g.GetGroup(name); found != nil || err != nil {
		return found, err
	}
	if err := g.format.checkName(name); err != nil {
		return nil, err
	}
	group := &Group{format: g.format}
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
		if err := g.format.checkName(name); err != nil {
			return err
		}
		moveScalar(v, g.insert(name, v).off)
		return nil
	}
	old, ok := s.value.(Scalar)
	if !ok {
		return s.typeError(v.Kind())
	}
	if !sameValue(old, v) {
		moveScalar(v, old.Offset())
		s.value, s.edited = v, true
	}
	return nil
}

// moveScalar gives a scalar the offset that it is known by.
func moveScalar(v Scalar, off int) {
	if v, ok := v.(interface{ moveTo(int) }); ok {
		v.moveTo(off)
	}
}

// sameValue reports whether b need not be written in the place of a.
func sameValue(a, b Scalar) bool {
	if a, ok := a.(*Int); ok && a.overflows {
		return false
	}
	return Equal(a, b)
}
