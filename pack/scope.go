package pack

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// scope says which devices a group of a description is for: those of a board,
// those that select a mode of a set, or those to which both apply. The zero
// scope is all of them.
type scope struct {
	board     string
	set, mode string
}

// selectorForms lists the ways to write a scope.
const selectorForms = `"SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`

// parseScope reads a selector.
func parseScope(selector string) (scope, error) {
	board, slot, hasBoard := strings.Cut(selector, ":")
	set, mode, hasSlot := strings.Cut(slot, ",")
	if !hasBoard {
		set, mode, hasSlot = strings.Cut(selector, ",")
	}
	var names []string
	s := scope{}
	if hasBoard || !hasSlot {
		s.board, names = board, append(names, board)
	}
	if hasBoard && !hasSlot {
		return scope{}, fmt.Errorf("selector %q names no mode behind the board: %s", selector, selectorForms)
	}
	if hasSlot {
		s.set, s.mode, names = set, mode, append(names, set, mode)
	}
	for _, name := range names {
		if err := checkScopeName(name); err != nil {
			return scope{}, fmt.Errorf("selector %q: %w", selector, err)
		}
	}
	return s, nil
}

// checkScopeName refuses names by which no device finds a group.
func checkScopeName(name string) error {
	_, isKey := swupdate.LookupKey(name)
	switch {
	case name == "":
		return fmt.Errorf("a part of it is empty: %s", selectorForms)
	case strings.ContainsAny(name, " \t"):
		return fmt.Errorf("%q has a blank in it, which a device takes for a part of the name", name)
	case isKey || name == "ref":
		return fmt.Errorf("%q is a key of software and cannot name a board, a set or a mode", name)
	}
	return checkSettingName(name)
}

// checkSettingName refuses names that libconfig cannot read.
func checkSettingName(name string) error {
	return swdesc.NewGroup(0).Add(0, name, swdesc.NewBool(0, true))
}

// kind says in words what a selector names.
func (s scope) kind() string {
	switch {
	case s.set == "":
		return "a board"
	case s.board == "":
		return "a slot"
	}
	return "a slot of a board"
}

// String is the selector.
func (s scope) String() string {
	slot := s.set + "," + s.mode
	switch {
	case s.set == "":
		return s.board
	case s.board == "":
		return slot
	}
	return s.board + ":" + slot
}

// slot is s without its board.
func (s scope) slot() scope { return scope{set: s.set, mode: s.mode} }

// path is where below software the groups of s are.
func (s scope) path() []string {
	var path []string
	for _, name := range []string{s.board, s.set, s.mode} {
		if name != "" {
			path = append(path, name)
		}
	}
	return path
}

// covers tells whether all devices of other are devices of s.
func (s scope) covers(other scope) bool {
	return (s.board == "" || s.board == other.board) && (s.set == "" || s.slot() == other.slot())
}
