package pack

import (
	"iter"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// declared is a setting of a sw-description as a project declares it: one value
// for all devices, or values for some of them.
type declared struct {
	name   string
	offset int          // of the key, in the project file
	value  swdesc.Value // nil where there are choices
	by     []choice     // in the order of the file
}

// choice is the value for the devices of one scope.
type choice struct {
	scope  scope
	offset int // of the selector
	value  swdesc.Value
}

// in returns the value for the devices of s, nil where there is none.
func (d *declared) in(s scope) swdesc.Value {
	if d.by == nil {
		return d.value
	}
	for _, c := range d.by {
		if c.scope.covers(s) {
			return c.value
		}
	}
	return nil
}

// values goes over all values, whomever they are for.
func (d *declared) values() iter.Seq[swdesc.Value] {
	return func(yield func(swdesc.Value) bool) {
		if d.by == nil {
			yield(d.value)
			return
		}
		for _, c := range d.by {
			if !yield(c.value) {
				return
			}
		}
	}
}

// form is what a value may be.
type form struct {
	types swupdate.Type
	empty bool   // a string may be empty
	why   string // what happens to other types, for the message; "" for nothing of note
}

// declared reads the value of key, or a table of values by selector. It is nil
// where there is none, or none that is right.
func (t *table) declared(key string, f form) *declared {
	value, ok := t.lookup(key)
	if !ok {
		return nil
	}
	d := &declared{name: key, offset: t.place(key).Key}
	if _, isTable := value.(map[string]any); isTable {
		if d.by = t.table(key).choices(key, f); d.by == nil {
			return nil
		}
		return d
	}
	if d.value = t.node(key, key, f); d.value == nil {
		return nil
	}
	return d
}

// choices reads the table as values by selector of the setting called name.
func (t *table) choices(name string, f form) []choice {
	if len(t.values) == 0 {
		t.doc.problems.Addf(t.here(), "%s has a table without a value for any device", name)
	}
	var list []choice
	for _, key := range t.keys() {
		selector, ok := t.scope(key, name)
		if !ok {
			continue
		}
		c := choice{scope: selector, offset: t.place(key).Key, value: t.node(key, name, f)}
		if t.checkChoice(key, list, c) && c.value != nil {
			list = append(list, c)
		}
	}
	return list
}

// scope reads a key of the table as a selector for the setting called name.
func (t *table) scope(key, name string) (scope, bool) {
	before := len(t.doc.problems)
	selector := t.doc.expand(key, t.keyPos(key))
	if len(t.doc.problems) > before {
		return scope{}, false
	}
	s, err := parseScope(selector)
	if err != nil {
		t.doc.problems.Addf(t.keyPos(key), "%s: %v", name, err)
	}
	return s, err == nil
}

// checkChoice holds a choice against those before it in its table.
func (t *table) checkChoice(key string, before []choice, c choice) bool {
	for _, b := range before {
		switch {
		case b.scope == c.scope:
			t.doc.problems.Addf(t.keyPos(key), "%q has a value already", c.scope)
			return false
		case b.scope.kind() != c.scope.kind():
			t.doc.problems.Addf(t.keyPos(key), "%q names %s, but %q before it %s: the selectors of one table are of one kind",
				c.scope, c.scope.kind(), b.scope, b.scope.kind())
			return false
		}
	}
	return true
}

// node reads the value of key as one of a description, where the setting is
// called name. It is nil where the value is wrong.
func (t *table) node(key, name string, f form) swdesc.Value {
	offset := t.place(key).Value
	switch value := t.values[key].(type) {
	case string:
		if f.types.Has(swupdate.TypeString) {
			return t.doc.stringNode(name, value, offset, f.empty)
		}
	case bool:
		if f.types.Has(swupdate.TypeBool) {
			return swdesc.NewBool(offset, value)
		}
	case int64:
		if f.types.Has(swupdate.TypeInt) {
			return swdesc.NewInt(offset, value)
		}
	case []any:
		if f.types.Has(swupdate.TypeStrings) {
			return t.arrayNode(key, name)
		}
	}
	t.errorf(key, "%s is %s, and must be %s%s", name, typeName(t.values[key]), f.types, f.why)
	return nil
}

// stringNode is the string s, its variables expanded.
func (d *document) stringNode(name, s string, offset int, empty bool) swdesc.Value {
	before, pos := len(d.problems), d.lines.Pos(offset)
	if empty {
		s = d.expand(s, pos)
	} else {
		s = d.filled(name, s, pos)
	}
	node, err := swdesc.NewString(offset, s)
	if err != nil {
		d.problems.Addf(pos, "%s: %v", name, err)
	}
	if len(d.problems) > before {
		return nil
	}
	return node
}

// arrayNode is the array of strings at key.
func (t *table) arrayNode(key, name string) swdesc.Value {
	before, offset := len(t.doc.problems), t.place(key).Value
	list := t.strings(key)
	if len(list) == 0 {
		t.errorf(key, "%s is empty", name)
	}
	var elements []swdesc.Scalar
	for i, s := range list {
		element, err := swdesc.NewString(t.elementPlace(key, i).Value, s)
		if err != nil {
			t.doc.problems.Addf(t.elementPos(key, i), "%s: %v", name, err)
			continue
		}
		elements = append(elements, element)
	}
	if len(t.doc.problems) > before {
		return nil
	}
	return swdesc.NewArray(offset, elements...)
}

// stringOf returns the string that v is.
func stringOf(v swdesc.Value) (string, bool) {
	s, ok := v.(*swdesc.String)
	if !ok {
		return "", false
	}
	return s.Value(), true
}
