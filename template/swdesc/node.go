package swdesc

import (
	"slices"
	"strconv"
)

// Kind is the type of a value.
type Kind int

// The kinds of values. KindNull is JSON's alone.
const (
	KindGroup Kind = iota + 1
	KindList
	KindArray
	KindString
	KindInt
	KindFloat
	KindBool
	KindNull
)

// String names the kind as it reads in a sentence: "a string".
func (k Kind) String() string {
	switch k {
	case KindGroup:
		return "a group"
	case KindList:
		return "a list"
	case KindArray:
		return "an array"
	case KindString:
		return "a string"
	case KindInt:
		return "an integer"
	case KindFloat:
		return "a float"
	case KindBool:
		return "a boolean"
	case KindNull:
		return "null"
	}
	return "nothing"
}

// Value is what a setting or a list holds: a *Group, *List, *Array, *String,
// *Int, *Float, *Bool or *Null.
type Value interface {
	// Kind is the type of the value.
	Kind() Kind
	// Offset is the byte at which the value begins in the parsed source. A value
	// that came with an edit has the offset of what it replaced or was put behind.
	Offset() int
}

// Scalar is a Value that holds no other: *String, *Int, *Float, *Bool
// or *Null.
type Scalar interface {
	Value
	// Raw is the value as it is written, quotes and escapes included.
	Raw() string
}

// source is where a value stands and, for a scalar, how it is written.
type source struct {
	off int
	raw string
}

// Offset is described at [Value].
func (s source) Offset() int { return s.off }

// Raw is described at [Scalar].
func (s source) Raw() string { return s.raw }

// moveTo gives a scalar the offset by which it is known.
func (s *source) moveTo(off int) { s.off = off }

// String is a quoted string, or several that stand next to each other.
type String struct {
	source
	text string
}

// Kind returns KindString.
func (*String) Kind() Kind { return KindString }

// Value returns the string without quotes, its escapes resolved as the client
// does. In libconfig that is release 1.5: \a, \b and \v, which release 1.7
// introduced, are left as two characters. Bytes that are not UTF-8 are kept, in
// JSON too.
func (s *String) Value() string { return s.text }

// Int is an integer of at most 64 bits, in libconfig decimal or hexadecimal.
type Int struct {
	source
	value     int64
	long      bool
	hex       bool
	overflows bool
}

// Kind returns KindInt.
func (*Int) Kind() Kind { return KindInt }

// Value returns the number as it is written. See [Int.Overflows] for one that
// devices read otherwise.
func (i *Int) Value() int64 { return i.value }

// Long reports whether the number is marked as a 64-bit one, with L or LL.
func (i *Int) Long() bool { return i.long }

// Hex reports whether the number is written in hexadecimal.
func (i *Int) Hex() bool { return i.hex }

// Overflows reports whether the number needs an L and has none. libconfig 1.5
// keeps the low 32 bits of such a number and says nothing: 3000000000 is read as
// -1294967296, 5000000000 as 705032704. From release 1.7 on the library reads it
// as written. JSON has no L, so its numbers never overflow in this sense, but
// SWUpdate reads those beyond 32 bits as the nearest number of 32 bits.
func (i *Int) Overflows() bool { return i.overflows }

// Float is a number with a dot or an exponent, or an integer of JSON beyond 64
// bits.
type Float struct {
	source
	value float64
}

// Kind returns KindFloat.
func (*Float) Kind() Kind { return KindFloat }

// Value returns the number.
func (f *Float) Value() float64 { return f.value }

// Bool is true or false.
type Bool struct {
	source
	value bool
}

// Kind returns KindBool.
func (*Bool) Kind() Kind { return KindBool }

// Value returns the truth.
func (b *Bool) Value() bool { return b.value }

// Null is JSON's null.
type Null struct{ source }

// Kind returns KindNull.
func (*Null) Kind() Kind { return KindNull }

// item is a value of a list or an array with the text around it: lead is what
// stands before it, comma what follows up to and including the comma.
type item struct {
	lead  string
	value Value
	comma string
}

func values(items []item) []Value {
	out := make([]Value, len(items))
	for i, it := range items {
		out[i] = it.value
	}
	return out
}

// List is "( ... )" of libconfig: values of any kind. In JSON it is an array that
// is empty or holds an object, an array, or values of several kinds.
type List struct {
	holder
	off   int
	items []item
	tail  string
}

// Kind returns KindList.
func (*List) Kind() Kind { return KindList }

// Offset is the place of the opening bracket.
func (l *List) Offset() int { return l.off }

// Len is the number of values.
func (l *List) Len() int { return len(l.items) }

// Values returns the values in order.
func (l *List) Values() []Value { return values(l.items) }

// Path is where the list stands, as in "software.images".
func (l *List) Path() string { return l.path() }

// Array is "[ ... ]": scalars of one kind, at least one in JSON.
type Array struct {
	holder
	off   int
	items []item
	tail  string
}

// Kind returns KindArray.
func (*Array) Kind() Kind { return KindArray }

// Offset is the place of the opening bracket.
func (a *Array) Offset() int { return a.off }

// Len is the number of values.
func (a *Array) Len() int { return len(a.items) }

// Values returns the values in order.
func (a *Array) Values() []Value { return values(a.items) }

// Path is where the array stands, as in "software.hardware-compatibility".
func (a *Array) Path() string { return a.path() }

// Group is "{ ... }": settings in order, each with a name of its own.
type Group struct {
	holder
	format   Format // in which edits are written
	off      int
	settings []*Setting
	byName   map[string]*Setting // of a group with many settings, else nil
	tail     string              // what stands between the last setting and the brace
}

// Kind returns KindGroup.
func (*Group) Kind() Kind { return KindGroup }

// Offset is the place of the opening brace; of Root in libconfig, 0.
func (g *Group) Offset() int { return g.off }

// Path is where the group stands, as in "software.stable.copy1.images[0]". Root
// has the path "".
func (g *Group) Path() string { return g.path() }

// Len is the number of settings.
func (g *Group) Len() int { return len(g.settings) }

// Settings returns the settings in order.
func (g *Group) Settings() []*Setting { return slices.Clone(g.settings) }

// Get returns the setting called name, or nil. Names are case sensitive.
func (g *Group) Get(name string) *Setting {
	if g.byName != nil {
		return g.byName[name]
	}
	for _, s := range g.settings {
		if s.name == name {
			return s
		}
	}
	return nil
}

// manySettings is the number from which on a group looks names up in a map. The
// groups of a sw-description are small but for the odd list of variables.
const manySettings = 16

// put adds s, whose name is new to g, at index at.
func (g *Group) put(at int, s *Setting) {
	g.settings = slices.Insert(g.settings, at, s)
	switch {
	case g.byName != nil:
		g.byName[s.name] = s
	case len(g.settings) == manySettings:
		g.byName = make(map[string]*Setting, 2*manySettings)
		for _, s := range g.settings {
			g.byName[s.name] = s
		}
	}
}

// Setting is a name and its value.
type Setting struct {
	parent *Group
	off    int
	name   string
	value  Value
	edited bool // the setting, or what stands before it

	// The text around the value, in order: lead nameText beforeSep sep afterSep
	// value beforeEnd end. nameText is the name as written, quoted in JSON; sep is
	// "=" or ":", end is ";", "," or nothing.
	lead, nameText, beforeSep, sep, afterSep, beforeEnd, end string
}

// Name is the setting's name, in JSON with its escapes resolved.
func (s *Setting) Name() string { return s.name }

// Value is the setting's value.
func (s *Setting) Value() Value { return s.value }

// Offset is the byte at which the name begins in the parsed source, with its
// quote in JSON. A setting
// that came with an edit has the offset of the one it was put behind.
func (s *Setting) Offset() int { return s.off }

// Path is where the setting stands, as in "software.version". It is meant for
// people: names longer than any that a device can hold are shortened in it.
func (s *Setting) Path() string {
	name := s.name
	if len(name) > maxName {
		name = clip(name)
	}
	if p := s.parent.Path(); p != "" {
		return p + "." + name
	}
	return name
}

// maxName is the longest name of a component, a board or a file that fits the
// buffers of SWUpdate's releases up to 2026.05.
const maxName = 255

// holder is where a group, list or array stands: the value of a setting, or the
// index-th value of a list. The root has neither.
type holder struct {
	setting *Setting
	list    *List
	index   int
}

func (h holder) path() string {
	switch {
	case h.setting != nil:
		return h.setting.Path()
	case h.list != nil:
		return h.list.Path() + "[" + strconv.Itoa(h.index) + "]"
	}
	return ""
}
