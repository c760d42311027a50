package pack

import (
	"cmp"
	"iter"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Where an entry is written follows from the selectors in it. A section that
// names boards is written for every board that the software names anywhere, and
// one that names slots for every slot; so an entry that names none is wherever
// its section is. A device takes each section from the most special group that
// has it, so that a section stands in groups of one kind only.

// scopes returns what the selectors of the software name, each board and each
// slot once, in the order of the file.
func (s *Software) scopes() (boards []string, slots []scope) {
	var all []choice
	for i := range s.keys {
		all = append(all, s.keys[i].by...)
	}
	for i := range s.sections {
		for setting := range s.sections[i].settings() {
			all = append(all, setting.by...)
		}
	}
	slices.SortFunc(all, func(a, b choice) int { return cmp.Compare(a.offset, b.offset) })
	for _, c := range all {
		if c.scope.board != "" && !slices.Contains(boards, c.scope.board) {
			boards = append(boards, c.scope.board)
		}
		if c.scope.set != "" && !slices.Contains(slots, c.scope.slot()) {
			slots = append(slots, c.scope.slot())
		}
	}
	return boards, slots
}

// sectionScopes returns where the section is written if it has entries there.
func (s *Software) sectionScopes(sec *section) []scope {
	boards, slots := s.scopes()
	var namesBoard, namesSlot bool
	for setting := range sec.settings() {
		for _, c := range setting.by {
			namesBoard = namesBoard || c.scope.board != ""
			namesSlot = namesSlot || c.scope.set != ""
		}
	}
	if !namesBoard {
		boards = []string{""}
	}
	if !namesSlot {
		slots = []scope{{}}
	}
	var all []scope
	for _, board := range boards {
		for _, slot := range slots {
			all = append(all, scope{board: board, set: slot.set, mode: slot.mode})
		}
	}
	return all
}

// settings goes over all settings of all entries.
func (sec *section) settings() iter.Seq[*declared] {
	return func(yield func(*declared) bool) {
		for i := range sec.entries {
			for setting := range sec.entries[i].all() {
				if !yield(setting) {
					return
				}
			}
		}
	}
}

// all goes over the settings of the entry and its properties.
func (e *entry) all() iter.Seq[*declared] {
	return func(yield func(*declared) bool) {
		lists := [][]declared{e.settings}
		if e.properties != nil {
			lists = append(lists, e.properties.settings)
		}
		for _, list := range lists {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// in tells whether the entry is written for the devices of s: every setting
// must have a value for them.
func (e *entry) in(s scope) bool {
	for setting := range e.all() {
		if setting.in(s) == nil {
			return false
		}
	}
	return true
}

// checkScopes reports what no device would ever see: entries whose tables have
// no selector in common, and values for devices that another table of the entry
// leaves out.
func (s *Software) checkScopes() diag.List {
	var problems diag.List
	for i := range s.sections {
		sec := &s.sections[i]
		scopes := s.sectionScopes(sec)
		for j := range sec.entries {
			sec.entries[j].checkScopes(sec.kind, scopes, s.lines, &problems)
		}
	}
	return problems
}

func (e *entry) checkScopes(kind swupdate.Section, scopes []scope, lines *diag.Lines, problems *diag.List) {
	var in []scope
	for _, s := range scopes {
		if e.in(s) {
			in = append(in, s)
		}
	}
	if len(in) == 0 {
		problems.Addf(lines.Pos(e.offset), "no device gets this entry of %s: its tables have no selector in common", kind)
		return
	}
	for setting := range e.all() {
		for _, c := range setting.by {
			if !slices.ContainsFunc(in, c.scope.covers) {
				problems.Addf(lines.Pos(c.offset), "%s for %q is never used: another table of the entry has no value for it", setting.name, c.scope)
			}
		}
	}
}
