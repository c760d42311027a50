package lint

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// sequence is a list or an array.
type sequence interface {
	swdesc.Value
	place
	Values() []swdesc.Value
}

// typeOf is the kind of v in the words of the tables; 0 where they have no word
// for it. An empty sequence is whatever it should be.
func typeOf(v swdesc.Value) swupdate.Type {
	switch v := v.(type) {
	case *swdesc.String:
		return swupdate.TypeString
	case *swdesc.Bool:
		return swupdate.TypeBool
	case *swdesc.Int:
		return swupdate.TypeInt
	case *swdesc.Group:
		return swupdate.TypeGroup
	case sequence:
		return sequenceType(v.Values())
	}
	return 0
}

func sequenceType(values []swdesc.Value) swupdate.Type {
	t := swupdate.TypeStrings | swupdate.TypeGroups
	for _, v := range values {
		switch v.(type) {
		case *swdesc.String:
			t &= swupdate.TypeStrings
		case *swdesc.Group:
			t &= swupdate.TypeGroups
		default:
			return 0
		}
	}
	return t
}

// fits tells whether v is of one of the types. Links fit everything: what they
// lead to is found by its own name.
func fits(v swdesc.Value, types swupdate.Type) bool {
	if g, ok := v.(*swdesc.Group); ok && g.Link() != nil {
		return true
	}
	return typeOf(v)&types != 0
}

// describe names a value in a message, short ones as they are written.
func describe(v swdesc.Value) string {
	switch v := v.(type) {
	case *swdesc.String:
		return "the text " + quote(v.Value())
	case swdesc.Scalar:
		return v.Kind().String() + ", " + clip(v.Raw())
	case *swdesc.List:
		if t := sequenceType(v.Values()); v.Len() > 0 && t != 0 {
			return "a list of " + map[bool]string{true: "strings", false: "groups"}[t == swupdate.TypeStrings]
		}
	}
	return v.Kind().String()
}

func quote(s string) string { return fmt.Sprintf("%q", clip(s)) }

// clip keeps messages short whatever the text holds.
func clip(s string) string {
	if len(s) <= 60 {
		return s
	}
	return s[:57] + "..."
}

// text returns the string called name, if it is there and stands for itself.
func (c *checker) text(g *swdesc.Group, name string) (string, bool) {
	if g == nil {
		return "", false
	}
	setting := g.Get(name)
	if setting == nil {
		return "", false
	}
	s, ok := setting.Value().(*swdesc.String)
	if !ok || !c.known(s.Value()) {
		return "", false
	}
	return s.Value(), true
}

// isTrue tells whether g has the boolean called name and it is true.
func isTrue(g *swdesc.Group, name string) bool {
	v, _, _ := g.GetBool(name)
	return v
}

// given tells whether g has something called name that is not an empty string.
func given(g *swdesc.Group, name string) bool {
	if g == nil {
		return false
	}
	setting := g.Get(name)
	if setting == nil {
		return false
	}
	s, ok := setting.Value().(*swdesc.String)
	return !ok || s.Value() != ""
}

// strings returns the setting's strings: its own, or those of a sequence.
func stringsOf(v swdesc.Value) []*swdesc.String {
	if s, ok := v.(*swdesc.String); ok {
		return []*swdesc.String{s}
	}
	seq, ok := v.(sequence)
	if !ok {
		return nil
	}
	var all []*swdesc.String
	for _, v := range seq.Values() {
		if s, ok := v.(*swdesc.String); ok {
			all = append(all, s)
		}
	}
	return all
}
