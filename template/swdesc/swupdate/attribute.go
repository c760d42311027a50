package swupdate

import "slices"

// Attribute is a setting of an entry that the client's parser reads. All others
// it passes over in silence.
type Attribute struct {
	Name     string
	Sections Section // where it is read
	Types    Type    // what the newest release takes; see TypesIn
	// Later are those of Types that older clients pass over or misread.
	Later []TypeSince
	// Deprecated are those of Types that work with a warning.
	Deprecated Type
	Since      Release
	Required   bool   // the client refuses an entry without it, whatever its handler
	Max        int    // bytes of the text that fit; 0: no limit
	Hex        int    // exactly so many hex digits; 0: any text
	Function   bool   // the value is the name of a Lua function
	Doc        string // one line
}

// TypesIn returns what a client of release r takes as the value.
func (a Attribute) TypesIn(r Release) Type { return typesIn(a.Types, a.Later, r) }

// Attributes returns the attributes of entries, sorted by name. A name appears
// more than once where its meaning depends on the section.
func Attributes() []Attribute { return slices.Clone(attributes) }

// LookupAttribute finds what an attribute means in one section.
func LookupAttribute(section Section, name string) (Attribute, bool) {
	for _, a := range attributes {
		if a.Name == name && a.Sections.Has(section) {
			return a, true
		}
	}
	return Attribute{}, false
}

// AttributeNames returns the names of the attributes that are read in one
// section, sorted.
func AttributeNames(section Section) []string {
	var names []string
	for _, a := range attributes {
		if a.Sections.Has(section) {
			names = append(names, a.Name)
		}
	}
	return names
}
