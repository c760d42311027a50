package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// Description is what is different between two descriptions, as far as it means
// something to a device: layout, comments, the order of settings and the notation
// of values do not. Links are compared as links.
type Description struct {
	Settings []Change `json:"settings,omitempty"` // outside of entries, by their paths
	Entries  []Entry  `json:"entries,omitempty"`  // of sections
	More     int      `json:"more,omitempty"`     // changes that are not listed, for there are too many
}

// Entry is an entry of a section that is not the same. Entries belong together by
// what they are, wherever they stand in their section.
type Entry struct {
	Mark     Mark     `json:"change"`
	Section  string   `json:"section"`            // "images"
	Places   []string `json:"places"`             // where the section stands: "software.stable.copy1"
	Name     string   `json:"name"`               // the name of its file, or what else it is known by
	Was      string   `json:"was,omitempty"`      // the name it had, where it had another
	Says     string   `json:"says,omitempty"`     // of one that was added or removed: what a device does with it
	Settings []Change `json:"settings,omitempty"` // by their paths below the entry

	hasFile bool // there is a payload, which tells more
}

const (
	// maxChanges is how many changes of a description are listed. It bounds memory:
	// a description of 16 MiB has millions of settings.
	maxChanges = 10_000
	// maxPath is how many bytes of a path are kept: more than a device can hold.
	maxPath = 1000
)

// Descriptions compares two descriptions.
func Descriptions(old, new *swdesc.Document) *Description {
	c := &comparing{d: &Description{}, versions: [2]string{versionOf(old), versionOf(new)}}
	if old.Format != new.Format {
		c.note(&c.d.Settings, Change{Mark: Changed, Name: "format", Old: old.Format.String(), New: new.Format.String()})
	}
	c.groups("", old.Root, new.Root)
	slices.SortStableFunc(c.d.Settings, order)
	c.d.Entries = joined(c.d.Entries)
	return c.d
}

// Empty tells whether there is no difference.
func (d *Description) Empty() bool {
	return len(d.Settings) == 0 && len(d.Entries) == 0 && d.More == 0
}

// Matters tells whether something is different that is more than a detail.
func (d *Description) Matters() bool {
	return d.More > 0 || matter(d.Settings) ||
		slices.ContainsFunc(d.Entries, func(e Entry) bool { return e.matters() })
}

// matters tells whether more than details are different. Another name of the file is
// one: the version in it is told elsewhere.
func (e *Entry) matters() bool { return e.Mark != Changed || e.Was != "" || matter(e.Settings) }

// versionOf is the version that file names may hold, "" where there is none.
func versionOf(doc *swdesc.Document) string {
	if setting := doc.Find("software", "version"); setting != nil {
		if s, ok := setting.Value().(*swdesc.String); ok {
			return s.Value()
		}
	}
	return ""
}

// comparing collects the differences of two descriptions.
type comparing struct {
	d        *Description
	versions [2]string // of the old one and of the new one
	count    int
}

// note adds a change to a list, as long as there are not too many.
func (c *comparing) note(list *[]Change, change Change) {
	if c.count++; c.count > maxChanges {
		c.d.More++
		return
	}
	*list = append(*list, change)
}

// groups compares the groups between the file and its sections; nil is one that is
// not there.
func (c *comparing) groups(path string, old, new *swdesc.Group) {
	for _, name := range namesOf(old, new) {
		was, is := valueOf(old, name), valueOf(new, name)
		at := below(path, name)
		a, oldIsGroup := was.(*swdesc.Group)
		b, newIsGroup := is.(*swdesc.Group)
		switch {
		case oldIsGroup && newIsGroup, oldIsGroup && is == nil && a.Len() > 0, newIsGroup && was == nil && b.Len() > 0:
			c.groups(at, a, b)
		case isSection(was) || isSection(is):
			c.section(path, name, was, is)
		default:
			c.setting(&c.d.Settings, at, was, is, false)
		}
	}
}

// setting compares two values, nil where there is none.
func (c *comparing) setting(list *[]Change, path string, old, new swdesc.Value, detail bool) {
	if old != nil && new != nil && swdesc.Equal(old, new) {
		return
	}
	change, _ := change(path, text(old), text(new))
	if change.Mark == "" { // another type of value that is written the same way
		change = Change{Mark: Changed, Name: path, Old: text(old), New: text(new)}
	}
	change.Detail = detail
	c.note(list, change)
}

// namesOf are the names of the settings in two groups, each once.
func namesOf(old, new *swdesc.Group) []string {
	var names []string
	if new != nil {
		for _, setting := range new.Settings() {
			names = append(names, setting.Name())
		}
	}
	if old != nil {
		for _, setting := range old.Settings() {
			if new == nil || new.Get(setting.Name()) == nil {
				names = append(names, setting.Name())
			}
		}
	}
	return names
}

// valueOf is the value of a setting, nil where there is none.
func valueOf(group *swdesc.Group, name string) swdesc.Value {
	if group == nil {
		return nil
	}
	if setting := group.Get(name); setting != nil {
		return setting.Value()
	}
	return nil
}

// below is the path of a setting.
func below(path, name string) string {
	if path == "" {
		return bounded(name)
	}
	return bounded(path + "." + name)
}

// bounded cuts a path that no device can hold.
func bounded(path string) string {
	if len(path) > maxPath {
		return strings.ToValidUTF8(path[:maxPath], "") + "..."
	}
	return path
}

// Lines says what is different in lines of plain text, details left out.
func (d *Description) Lines() []string {
	var lines []string
	for _, c := range d.Settings {
		lines = append(lines, c.Line())
	}
	for i := range d.Entries {
		lines = append(lines, d.Entries[i].lines()...)
	}
	if d.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", d.More))
	}
	return lines
}

// Line says in plain text what is different.
func (c Change) Line() string {
	switch {
	case c.Mark == Added && c.New != "":
		return fmt.Sprintf("%s: new, %s", c.Name, c.New)
	case c.Mark == Added:
		return c.Name + ": new"
	case c.Mark == Removed && c.Old != "":
		return fmt.Sprintf("%s: gone, was %s", c.Name, c.Old)
	case c.Mark == Removed:
		return c.Name + ": gone"
	}
	return fmt.Sprintf("%s: %s after %s", c.Name, c.New, c.Old)
}

func (e *Entry) lines() []string {
	var lines []string
	for _, place := range e.Places {
		name := fmt.Sprintf("%s.%s %s", place, e.Section, e.Name)
		if e.Mark != Changed {
			lines = append(lines, Change{Mark: e.Mark, Name: name, Old: e.Says, New: e.Says}.Line())
			continue
		}
		if e.Was != "" {
			lines = append(lines, fmt.Sprintf("%s: was %s", name, e.Was))
		}
		for _, c := range e.Settings {
			if !c.Detail {
				c.Name = name + ": " + c.Name
				lines = append(lines, c.Line())
			}
		}
	}
	return lines
}
