package pack

import (
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// level is a group of a description in the making: its settings are written
// before the groups in it.
type level struct {
	name     string
	offset   int
	settings []setting
	levels   []*level
}

// setting is a finished setting of a level.
type setting struct {
	name   string
	offset int
	value  swdesc.Value
}

// down returns the level at path below l, which is made where it is missing.
func (l *level) down(offset int, path ...string) *level {
	for _, name := range path {
		next := l.find(name)
		if next == nil {
			next = &level{name: name, offset: offset}
			l.levels = append(l.levels, next)
		}
		l = next
	}
	return l
}

func (l *level) find(name string) *level {
	for _, sub := range l.levels {
		if sub.name == name {
			return sub
		}
	}
	return nil
}

func (l *level) add(offset int, name string, value swdesc.Value) {
	l.settings = append(l.settings, setting{name, offset, value})
}

// group is the level as a group.
func (l *level) group() (*swdesc.Group, error) {
	g := swdesc.NewGroup(l.offset)
	for _, s := range l.settings {
		if err := g.Add(s.offset, s.name, s.value); err != nil {
			return nil, err
		}
	}
	for _, sub := range l.levels {
		group, err := sub.group()
		if err != nil {
			return nil, err
		}
		if err := g.Add(sub.offset, sub.name, group); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// document writes the declared description. The offsets of its nodes are those
// in the project file. script is the embedded script, nil where there is none.
func (s *Software) document(script *swdesc.String) (*swdesc.Document, error) {
	root := &level{}
	software := root.down(s.offset, "software")
	for i := range s.keys {
		addKey(software, &s.keys[i])
	}
	if script != nil {
		software.add(script.Offset(), embeddedScript, script)
	}
	for i := range s.sections {
		if err := s.addSection(software, &s.sections[i]); err != nil {
			return nil, err
		}
	}
	group, err := root.group()
	if err != nil {
		return nil, err
	}
	return swdesc.Build(group, s.Format)
}

// addKey puts a setting of software, or one for each of its scopes.
func addKey(software *level, d *declared) {
	if d.by == nil {
		software.add(d.offset, d.name, d.value)
	}
	for _, c := range d.by {
		software.down(c.offset, c.scope.path()...).add(d.offset, d.name, c.value)
	}
}

// addSection puts a section wherever it has entries: once in full, and where it
// is the same again as a link. Links to a whole section are followed by every
// client, in libconfig as in JSON (SWUpdate 2022.12 was asked). The variables of
// vars are left alone: SWUpdate reads a link in there as one to bootenv.
func (s *Software) addSection(software *level, sec *section) error {
	first := map[string][]string{}
	for _, at := range s.sectionScopes(sec) {
		list, err := sec.list(at)
		if err != nil {
			return err
		}
		if list == nil {
			continue
		}
		var value swdesc.Value = list
		text, err := printed(list)
		if err != nil {
			return err
		}
		if target, ok := first[text]; ok && sec.kind != swupdate.Vars {
			if value, err = link(sec.offset, slices.Concat(target, []string{sec.kind.String()})); err != nil {
				return err
			}
		} else {
			first[text] = at.path()
		}
		software.down(sec.offset, at.path()...).add(sec.offset, sec.kind.String(), value)
	}
	return nil
}

// list is the section for the devices of s, nil where it has no entries for them.
func (sec *section) list(s scope) (*swdesc.List, error) {
	var entries []swdesc.Value
	for i := range sec.entries {
		e := &sec.entries[i]
		if !e.in(s) {
			continue
		}
		group, err := e.group(s)
		if err != nil {
			return nil, err
		}
		entries = append(entries, group)
	}
	if len(entries) == 0 {
		return nil, nil
	}
	return swdesc.NewList(sec.offset, entries...), nil
}

// group is the entry for the devices of s.
func (e *entry) group(s scope) (*swdesc.Group, error) {
	l := level{offset: e.offset}
	for _, d := range e.settings {
		l.add(d.offset, d.name, d.in(s))
	}
	if e.properties != nil {
		sub := l.down(e.properties.offset, "properties")
		for _, d := range e.properties.settings {
			sub.add(d.offset, d.name, d.in(s))
		}
	}
	return l.group()
}

// printed is the text of a value, for comparison: equal values have equal text.
func printed(v swdesc.Value) (string, error) {
	g := swdesc.NewGroup(0)
	if err := g.Add(0, "value", v); err != nil {
		return "", err
	}
	text, err := swdesc.Print(g, swdesc.Libconfig)
	return string(text), err
}

// link is a link to the setting at path below software.
func link(offset int, path []string) (*swdesc.Group, error) {
	target, err := swdesc.NewString(offset, "#/software/"+strings.Join(path, "/"))
	if err != nil {
		return nil, err
	}
	l := level{offset: offset}
	l.add(offset, "ref", target)
	return l.group()
}
