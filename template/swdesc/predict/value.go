package predict

import (
	"github.com/fwpack/fwpack/template/swdesc"
)

// present tells whether there is a value: JSON's null is none to the client.
func present(v swdesc.Value) bool {
	switch v.(type) {
	case *swdesc.Group, *swdesc.List, *swdesc.Array, *swdesc.String, *swdesc.Int, *swdesc.Float, *swdesc.Bool:
		return true
	}
	return false
}

// value returns what the setting called name holds, or nil. Attributes of
// entries are not followed where they are links.
func value(g *swdesc.Group, name string) swdesc.Value {
	if s := g.Get(name); s != nil && present(s.Value()) {
		return s.Value()
	}
	return nil
}

// text reads a string. In libconfig a value of another type counts as missing;
// the reader of JSON takes it for an empty string.
func (c *client) text(g *swdesc.Group, name string) (string, bool) {
	switch v := value(g, name).(type) {
	case nil:
		return "", false
	case *swdesc.String:
		return v.Value(), true
	}
	return "", c.json()
}

// truth reads a boolean. Until 2024.05 an integer does as well, and in JSON a
// string, which is copied over the boolean; later clients warn and pass over
// both.
func (c *client) truth(g *swdesc.Group, name string) bool {
	switch v := value(g, name).(type) {
	case *swdesc.Bool:
		return v.Value()
	case *swdesc.Int:
		return v.Value() != 0 && !c.has(2024, 12)
	case *swdesc.String:
		return v.Value() != "" && c.json() && !c.has(2024, 12)
	}
	return false
}

// integer reads an integer; anything else is 0. JSON's are clamped.
func (c *client) integer(g *swdesc.Group, name string) int64 {
	v, ok := value(g, name).(*swdesc.Int)
	if !ok {
		return 0
	}
	if c.json() {
		return min(v.Value(), maxJSONInt)
	}
	return v.Value()
}

// maxJSONInt is where every release clamps the integers of JSON.
const maxJSONInt = 1<<31 - 1

// members returns the values that a list, an array or, in libconfig, a group
// holds. libconfig counts the settings of a group as its elements.
func (c *client) members(v swdesc.Value) []swdesc.Value {
	switch v := v.(type) {
	case *swdesc.List:
		return v.Values()
	case *swdesc.Array:
		return v.Values()
	case *swdesc.Group:
		return settings(v)
	}
	return nil
}

func settings(g *swdesc.Group) []swdesc.Value {
	all := make([]swdesc.Value, 0, g.Len())
	for _, s := range g.Settings() {
		all = append(all, s.Value())
	}
	return all
}

// strings returns the strings among the members of v.
func (c *client) strings(v swdesc.Value) []string {
	var all []string
	for _, m := range c.members(v) {
		if s, ok := m.(*swdesc.String); ok {
			all = append(all, s.Value())
		}
	}
	return all
}
