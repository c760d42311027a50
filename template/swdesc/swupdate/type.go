package swupdate

import "strings"

// Type is a kind of value, or a set of kinds.
type Type uint8

// The kinds of values.
const (
	TypeString  Type = 1 << iota
	TypeBool         // true or false, without quotes
	TypeInt          // a whole number, without quotes
	TypeStrings      // an array or list of strings
	TypeGroup        // settings in braces
	TypeGroups       // a list of groups
)

var typeNames = []string{"a string", "a boolean", "an integer", "an array of strings", "a group", "a list of groups"}

// Has tells whether all of other is in t.
func (t Type) Has(other Type) bool { return t&other == other }

// String says what is allowed: "a string or a boolean".
func (t Type) String() string {
	var names []string
	for i, name := range typeNames {
		if t.Has(1 << i) {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// TypeSince is a kind of value that clients take only from a release on.
type TypeSince struct {
	Type  Type
	Since Release
}

// typesIn is types without those that came after release r.
func typesIn(types Type, later []TypeSince, r Release) Type {
	for _, l := range later {
		if !r.Has(l.Since) {
			types &^= l.Type
		}
	}
	return types
}
