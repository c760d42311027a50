package swupdate

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// DataNeed says whether entries of a handler come with an artifact.
type DataNeed uint8

// The needs. Of an entry whose handler takes data, clients that verify
// signatures demand a sha256.
const (
	NoData    DataNeed = iota // works without an artifact
	NeedsData                 // needs filename, and the artifact in the archive
)

// Call is one of the times at which a script runs, or a set of them.
type Call uint8

// The calls.
const (
	CallPreinst     Call = 1 << iota // before the first image
	CallPostinst                     // after the last file
	CallPostfailure                  // after a failed update, since 2024.05
)

// Has tells whether all of other is in c.
func (c Call) Has(other Call) bool { return c&other == other }

// Need is an attribute that entries of a handler must have.
type Need struct {
	AnyOf []string // one of these attributes
	Value string   // the only value that it may have; "" for any that is not empty
	// Property makes the need depend on a property: it holds where the property
	// is set, and is true where it is a switch. "" always.
	Property string
}

// String says what is needed: "device or mtdname".
func (n Need) String() string { return strings.Join(n.AnyOf, " or ") }

// Form is what the text of a property must look like.
type Form uint8

// The forms.
const (
	FormText   Form = iota
	FormSwitch      // "true" or "TRUE", see TrueProperty; anything else is false
	FormSize        // see ParseSize
	FormNumber      // decimal digits alone
	FormHex         // 64 hex digits
)

// Property is a setting of a handler. All values are strings, or arrays of
// strings; numbers and booleans vanish in silence.
type Property struct {
	Name string // of numbered ones the part before the number, as in "swap-"
	// Numbered ones are called Name and a number, one after the other from
	// First without a gap.
	Numbered bool
	First    int
	Required bool // of numbered ones: the first is
	// Types are what is documented. For the client an array of one string is the
	// same as that string, and of a longer one a handler that wants a single
	// string sees the last.
	Types   Type
	Count   int      // how many strings the array must have; 0 for any number
	Form    Form     // of each string
	Values  []string // the only strings allowed; nil for any
	Default string   // what the handler does without it
	Since   Release
	Doc     string // one line
}

// Match tells whether name is a name of p, and the number in it.
func (p Property) Match(name string) (number int, ok bool) {
	if !p.Numbered {
		return 0, name == p.Name
	}
	digits, ok := strings.CutPrefix(name, p.Name)
	if !ok {
		return 0, false
	}
	number, err := strconv.Atoi(digits)
	return number, err == nil && strconv.Itoa(number) == digits && number >= p.First
}

// Handler is an installer that comes with SWUpdate.
type Handler struct {
	Name       string
	Aliases    []string
	AliasSince Release // first release with the aliases, where that is not Since
	Since      Release
	Sections   Section // where the client accepts it
	Home       Section // where the manual puts it
	Data       DataNeed
	Calls      Call // when it runs as a script
	Needs      []Need
	Properties []Property // see also CommonProperties and Chain
	// Chain is the property that names another handler: that one does the work,
	// and what it needs and knows must be in the same entry.
	Chain string
	// Streamable ones work with installed-directly.
	Streamable bool
	// OffsetAllowed ones write at the entry's offset. Others pass it over,
	// or refuse it where Refuses names it.
	OffsetAllowed bool
	// NeedsSize: for an artifact that is compressed the property
	// decompressed-size must be set, for one that is encrypted only
	// decrypted-size.
	NeedsSize bool
	Ignores   []string // attributes without effect although one would expect one
	Refuses   []string // attributes that make the handler fail
	Unusable  string   // why the handler cannot be used in any release; "" where it can
	Doc       string   // one line
}

// PostOnly tells whether h is a script that runs after the installation only.
func (h Handler) PostOnly() bool { return h.Calls == CallPostinst }

// SinceAs returns the first release that knows h by a name of it.
func (h Handler) SinceAs(name string) Release {
	if name != h.Name && h.AliasSince != (Release{}) {
		return h.AliasSince
	}
	return h.Since
}

// Names returns the name of h and its aliases.
func (h Handler) Names() []string { return append([]string{h.Name}, h.Aliases...) }

// Property finds what a property means for h, those that all handlers share
// included. For a handler with Chain, ask the chained one as well.
func (h Handler) Property(name string) (Property, bool) {
	for _, list := range [][]Property{h.Properties, commonProperties} {
		for _, p := range list {
			if _, ok := p.Match(name); ok {
				return p, true
			}
		}
	}
	return Property{}, false
}

// Handlers returns the handlers of all releases, sorted by name.
func Handlers() []Handler { return slices.Clone(handlers()) }

// LookupHandler finds a handler by its name or an alias.
func LookupHandler(name string) (Handler, bool) {
	i, ok := handlerIndex()[name]
	if !ok {
		return Handler{}, false
	}
	return handlers()[i], true
}

// HandlerNames returns the names and aliases of all handlers, sorted.
func HandlerNames() []string {
	names := make([]string, 0, len(handlerIndex()))
	for name := range handlerIndex() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// handlers is the table, sorted by name. It and the index are not changed.
var handlers = sync.OnceValue(func() []Handler {
	return slices.SortedFunc(
		slices.Values(slices.Concat(plainHandlers, flashHandlers, diskHandlers, diskScripts, deltaHandlers, scriptHandlers, otherHandlers, dockerHandlers)),
		func(a, b Handler) int { return strings.Compare(a.Name, b.Name) },
	)
})

var handlerIndex = sync.OnceValue(func() map[string]int {
	index := map[string]int{}
	for i, h := range handlers() {
		for _, name := range h.Names() {
			index[name] = i
		}
	}
	return index
})

// CommonProperties returns the properties that are harmless for every handler.
func CommonProperties() []Property { return slices.Clone(commonProperties) }

var commonProperties = []Property{
	{Name: "decompressed-size", Types: TypeString, Form: FormSize, Since: Release{2020, 11},
		Doc: "bytes of a compressed artifact once it is decompressed; some handlers need it, others check the free space with it"},
	{Name: "decrypted-size", Types: TypeString, Form: FormSize, Since: Release{2020, 11},
		Doc: "bytes of an artifact that is encrypted but not compressed, once it is decrypted"},
}
