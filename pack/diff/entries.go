package diff

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// isSection tells whether a value is a list of groups, as sections are.
func isSection(v swdesc.Value) bool {
	list, ok := v.(sequence)
	if !ok || list.Len() == 0 {
		return false
	}
	return !slices.ContainsFunc(list.Values(), func(v swdesc.Value) bool { return v.Kind() != swdesc.KindGroup })
}

// section compares two lists of entries. One of them may be missing, or something
// else.
func (c *comparing) section(path, name string, old, new swdesc.Value) {
	at := below(path, name)
	was, is := entriesOf(old), entriesOf(new)
	if was == nil && !isEmpty(old) || is == nil && !isEmpty(new) {
		c.setting(&c.d.Settings, at, old, new, false)
		return
	}
	pairs := match(was, is, c.versions)
	for _, p := range pairs {
		c.entry(path, name, p)
	}
	if change, moved := reordered(at, pairs); moved {
		c.note(&c.d.Settings, change)
	}
}

// isEmpty tells whether a value is missing or a list of nothing.
func isEmpty(v swdesc.Value) bool {
	list, ok := v.(sequence)
	return v == nil || ok && list.Len() == 0
}

// entriesOf are the entries of a section, nil where there is none.
func entriesOf(v swdesc.Value) []*swdesc.Group {
	if !isSection(v) {
		return nil
	}
	var all []*swdesc.Group
	for _, element := range v.(sequence).Values() {
		all = append(all, element.(*swdesc.Group))
	}
	return all
}

// entry compares an entry with what it was; one of the two may be missing.
func (c *comparing) entry(path, section string, p pair) {
	e := Entry{Mark: Changed, Section: section, Places: []string{path}}
	switch {
	case p.old == nil:
		e.Mark, e.Name, e.Says = Added, nameOf(p.new), useOf(p.new)
	case p.new == nil:
		e.Mark, e.Name, e.Says = Removed, nameOf(p.old), useOf(p.old)
	default:
		e.Name = nameOf(p.new)
		if was := nameOf(p.old); was != e.Name {
			e.Was = was
		}
	}
	e.hasFile = stringOf(p.old, "filename") != "" || stringOf(p.new, "filename") != ""
	c.entrySettings(&e, "", p.old, p.new)
	if e.Mark == Changed && e.Was == "" && len(e.Settings) == 0 {
		return
	}
	if e.Mark != Changed && len(e.Settings) == 0 { // it counts all the same
		if c.count++; c.count > maxChanges {
			c.d.More++
			return
		}
	}
	c.d.Entries = append(c.d.Entries, e)
}

// entrySettings compares the settings of two entries, and of the groups in them.
func (c *comparing) entrySettings(e *Entry, path string, old, new *swdesc.Group) {
	for _, name := range namesOf(old, new) {
		was, is := valueOf(old, name), valueOf(new, name)
		at := below(path, name)
		a, oldIsGroup := was.(*swdesc.Group)
		b, newIsGroup := is.(*swdesc.Group)
		switch {
		case (oldIsGroup || was == nil) && (newIsGroup || is == nil):
			c.entrySettings(e, at, a, b)
		case at == "filename" && e.Was != "": // told already
		default:
			c.setting(&e.Settings, at, was, is, e.Mark != Changed || slices.Contains(ofPayload, at) && e.hasFile)
		}
	}
	if path == "" {
		slices.SortFunc(e.Settings, order)
	}
}

// ofPayload are settings that change with the payload, or with each build of it.
var ofPayload = []string{
	"sha256", "ivt", "aes-key", "size", "decompressed-size", "decrypted-size",
	"properties.decompressed-size", "properties.decrypted-size",
}

// reordered tells whether the entries that both sections have come in another order.
func reordered(path string, pairs []pair) (Change, bool) {
	both := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.old == nil || p.new == nil })
	byOld := func(a, b pair) int { return cmp.Compare(a.oldAt, b.oldAt) }
	if slices.IsSortedFunc(both, byOld) {
		return Change{}, false
	}
	is := list(both, func(p pair) string { return nameOf(p.new) })
	slices.SortFunc(both, byOld)
	was := list(both, func(p pair) string { return nameOf(p.old) })
	return Change{Mark: Changed, Name: "order of " + path, Old: was, New: is}, true
}

// mostNames is how many names a list shows.
const mostNames = 20

// list is the names of some things on one line.
func list[T any](things []T, name func(T) string) string {
	var names []string
	for _, thing := range things[:min(len(things), mostNames)] {
		names = append(names, name(thing))
	}
	if len(things) > mostNames {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// joined makes one entry of those that are the same in several places, such as both
// slots.
func joined(entries []Entry) []Entry {
	var all []Entry
	at := map[string]int{}
	for _, e := range entries {
		bare := e
		bare.Places = nil
		key, _ := json.Marshal(bare) // plain values always have a form
		if i, ok := at[string(key)]; ok {
			all[i].Places = append(all[i].Places, e.Places...)
			continue
		}
		at[string(key)] = len(all)
		all = append(all, e)
	}
	return all
}

// nameOf is what people call an entry by.
func nameOf(entry *swdesc.Group) string {
	for _, by := range []string{"filename", "name", "ref", "device", "volume", "mtdname", "path", "type"} {
		if name := stringOf(entry, by); name != "" {
			return bounded(name)
		}
	}
	return "(no name)"
}

// useOf says what a device does with an entry: "raw to /dev/mmcblk0p2, zstd,
// encrypted"; of a variable, its value.
func useOf(entry *swdesc.Group) string {
	use := stringOf(entry, "type")
	for _, where := range []string{"device", "path", "volume", "mtdname"} {
		if value := stringOf(entry, where); value != "" {
			use += " to " + value
		}
	}
	var parts []string
	if use = strings.TrimSpace(use); use != "" {
		parts = append(parts, use)
	}
	for _, how := range []string{"compressed", "encrypted"} {
		switch v := valueOf(entry, how).(type) {
		case *swdesc.String:
			parts = append(parts, v.Value())
		case *swdesc.Bool:
			if v.Value() {
				parts = append(parts, how)
			}
		}
	}
	if value := stringOf(entry, "value"); len(parts) == 0 && value != "" { // of the environment
		parts = append(parts, strconv.Quote(value))
	}
	return bounded(strings.Join(parts, ", "))
}

// stringOf is the text of a setting, "" where there is none.
func stringOf(group *swdesc.Group, name string) string {
	if s, ok := valueOf(group, name).(*swdesc.String); ok {
		return s.Value()
	}
	return ""
}
