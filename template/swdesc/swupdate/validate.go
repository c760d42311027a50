package swupdate

import (
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Validate finds the names in p that mean nothing: a typing slip in a list
// would otherwise be a handler that the device seems to lack. The problems have
// no positions. It is nil where there are none.
func (p Profile) Validate() error {
	var problems diag.List
	known(&problems, "handler", p.Handlers, HandlerNames())
	known(&problems, "compression", p.Compressions, compressionNames())
	known(&problems, "file system", p.FileSystems, FileSystems())
	seen := map[string]bool{}
	for _, c := range p.Custom {
		c.validate(&problems)
		if seen[c.Name] {
			problems.Addf(diag.Pos{}, "custom handler %q is there twice", c.Name)
		}
		seen[c.Name] = true
	}
	return problems.Err()
}

// maxHandlerName is the most bytes that a client takes as a handler's name.
const maxHandlerName = 63

func (c CustomHandler) validate(problems *diag.List) {
	if c.Name == "" || len(c.Name) > maxHandlerName {
		problems.Addf(diag.Pos{}, "custom handler %q: a name has 1 to %d bytes", c.Name, maxHandlerName)
	}
	for _, s := range c.Sections {
		if s == 0 || !Entries.Has(s) {
			problems.Addf(diag.Pos{}, "custom handler %q: %q has no handlers: %s", c.Name, s, Entries)
		}
	}
}

// known reports the names that are not among all.
func known(problems *diag.List, what string, names, all []string) {
	for _, name := range names {
		if !slices.Contains(all, name) {
			problems.AddHint(diag.Pos{}, diag.DidYouMean(name, all), "%q is no %s of SWUpdate: %s", name, what, strings.Join(all, ", "))
		}
	}
}

func compressionNames() []string {
	names := make([]string, len(compressions))
	for i, c := range compressions {
		names[i] = c.Name
	}
	return names
}
