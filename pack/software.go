package pack

import (
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Software is a [bundle.software] table: a sw-description that is declared in
// the project instead of written as a template. A value in it may be a table of
// values by selector, one for each board or slot.
type Software struct {
	Format swdesc.Format

	lines    *diag.Lines
	offset   int        // of the table
	keys     []declared // settings of software itself
	sections []section
}

// section is one list of entries, before it is known where it is written.
type section struct {
	kind    swupdate.Section
	offset  int // of its key
	entries []entry
}

// entry is what stands in the braces of an entry.
type entry struct {
	offset     int
	settings   []declared
	properties *properties // nil where there are none
}

// properties are the settings of an entry's handler.
type properties struct {
	offset   int
	settings []declared
}

// firstKeys are written before all others, which follow by name.
var firstKeys = []string{"version", "description", "hardware-compatibility"}

// softwareKeys are the settings of software that a project may declare, in the
// order in which they are written. Sections have forms of their own, and
// embedded-script is a file that belongs to the bundle.
func softwareKeys() []swupdate.Key {
	keys := slices.DeleteFunc(swupdate.Keys(), func(k swupdate.Key) bool {
		return k.Section != 0 || k.Name == "embedded-script"
	})
	rank := func(k swupdate.Key) int {
		if i := slices.Index(firstKeys, k.Name); i >= 0 {
			return i
		}
		return len(firstKeys)
	}
	slices.SortStableFunc(keys, func(a, b swupdate.Key) int { return rank(a) - rank(b) })
	return keys
}

// sectionOrder is the order in which sections are written: scripts first, so
// that they lie before the images in the archive and a damaged one is noticed
// before anything is written.
var sectionOrder = []swupdate.Section{
	swupdate.Scripts, swupdate.Partitions, swupdate.Images, swupdate.Files, swupdate.Bootenv, swupdate.Vars,
}

// software reads [bundle.software].
func (d *decoder) software(t *table) *Software {
	before := len(d.problems)
	s := &Software{lines: d.lines, offset: t.offset()}
	t.text("format", &s.Format)
	for _, key := range softwareKeys() {
		t.knows(key.Name)
		if setting := d.softwareKey(t, key); setting != nil {
			s.keys = append(s.keys, *setting)
		}
	}
	if t.has("embedded-script") {
		d.problems.AddHint(t.keyPos("embedded-script"), `write embedded-script = "FILE" into its [[bundle]]`,
			"embedded-script is no key of [bundle.software]")
		t.knows("embedded-script")
	}
	for _, kind := range sectionOrder {
		if entries := d.section(t, kind); entries != nil {
			s.sections = append(s.sections, section{kind: kind, offset: t.place(kind.String()).Key, entries: entries})
		}
	}
	t.rest()
	if len(d.problems) == before {
		d.problems = append(d.problems, s.checkScopes()...)
	}
	return s
}

// softwareKey reads a setting of software itself.
func (d *decoder) softwareKey(t *table, key swupdate.Key) *declared {
	if key.Name == "version" && !t.has(key.Name) {
		return d.projectVersion()
	}
	setting := t.declared(key.Name, form{types: key.Types})
	if setting == nil || key.Name != "reboot" {
		return setting
	}
	for value := range setting.values() {
		if word, ok := stringOf(value); ok && word != "enabled" && word != "disabled" {
			d.problems.Addf(d.lines.Pos(value.Offset()), `reboot is %q: true, false, "enabled" and "disabled" are allowed`, word)
		}
	}
	return setting
}

// projectVersion is the version of the project as the one of the software.
func (d *decoder) projectVersion() *declared {
	offset := d.place("project.version", "project").Value
	version, err := swdesc.NewString(offset, d.project.Version)
	if err != nil || d.project.Version == "" {
		return nil // header has said that it is missing
	}
	return &declared{name: "version", offset: offset, value: version}
}

// section reads the entries of one section, nil where there is none.
func (d *decoder) section(t *table, kind swupdate.Section) []entry {
	key := kind.String()
	if _, isTable := t.values[key].(map[string]any); isTable && swupdate.Variables.Has(kind) {
		return d.variables(key, t.table(key))
	}
	var entries []entry
	for _, sub := range t.tables(key) {
		entries = append(entries, d.entry(kind, sub))
	}
	return entries
}
