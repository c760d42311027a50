package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// verb is a command that is made when it is called: to make all of them, with
// their flags, takes longer than a firmware takes to sign.
type verb struct {
	names string // and aliases, with blanks between
	make  func(surroundings) *cobra.Command
}

// addVerbs adds to parent the verb that args begin with, or all of them where
// they begin with none: then parent's help, or its error, names them.
func addVerbs(parent *cobra.Command, verbs []verb, s surroundings, args []string) {
	if len(args) > 0 {
		called := slices.IndexFunc(verbs, func(v verb) bool { return slices.Contains(strings.Fields(v.names), args[0]) })
		if called >= 0 {
			verbs = verbs[called : called+1]
		}
	}
	for _, v := range verbs {
		parent.AddCommand(v.make(s))
	}
}
