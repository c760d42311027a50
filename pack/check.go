package pack

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// CheckConfig is the [check] table: how the sw-descriptions of the project are
// checked.
type CheckConfig struct {
	Target   swupdate.Profile         // the device; the zero Profile where none is named
	Allow    []Allowance              // in the order of the file
	Handlers []swupdate.CustomHandler // the project's own, in the order of the file
}

// Allowance is a rule whose findings are accepted.
type Allowance struct {
	Rule   string // its id or name, as it is written
	Reason string // why, never empty
	Pos    diag.Pos
}

// check reads [target.NAME] and [check].
func (d *decoder) check() {
	d.targets()
	t := d.root.table("check")
	if t == nil {
		return
	}
	check := &d.project.Check
	check.Target = d.target(t)
	check.Allow = d.allowances(t.table("allow"))
	check.Handlers = customHandlers(t.table("handlers"))
	t.rest()
}

// allowances reads RULE = "reason" lines.
func (d *decoder) allowances(t *table) []Allowance {
	if t == nil {
		return nil
	}
	var list []Allowance
	for _, rule := range t.keys() {
		if _, ok := lint.Lookup(rule); !ok {
			d.problems.AddHint(t.keyPos(rule), diag.DidYouMean(rule, ruleNames()), "there is no rule %q", rule)
		}
		list = append(list, Allowance{Rule: rule, Reason: t.reason(rule), Pos: t.keyPos(rule)})
	}
	return list
}

// ruleNames are the ids and the names of the rules.
func ruleNames() []string {
	var names []string
	for _, rule := range lint.Rules() {
		names = append(names, rule.ID, rule.Name)
	}
	return names
}

// reason reads why a rule does not hold.
func (t *table) reason(rule string) string {
	value, _ := t.lookup(rule)
	reason, ok := value.(string)
	if !ok {
		t.wrongType(rule, value, "a string: the reason why it is allowed")
		return ""
	}
	return t.doc.filled("the reason to allow "+rule, reason, t.pos(rule))
}

// customHandlers reads NAME = ["SECTION", ...] lines, or
// NAME = { sections = [...], data = false }.
func customHandlers(t *table) []swupdate.CustomHandler {
	if t == nil {
		return nil
	}
	var list []swupdate.CustomHandler
	for _, name := range t.keys() {
		h := swupdate.CustomHandler{Name: name}
		if _, isTable := t.values[name].(map[string]any); isTable {
			sub := t.table(name)
			h.NoData = sub.has("data") && !sub.bool("data")
			h.Sections = sub.handlerSections("sections")
			sub.knows("data")
			sub.rest()
		} else {
			h.Sections = t.handlerSections(name)
		}
		list = append(list, h)
	}
	return list
}

// handlerSections reads the names of sections whose entries have handlers.
func (t *table) handlerSections(key string) []swupdate.Section {
	var list []swupdate.Section
	for i, name := range t.strings(key) {
		section, ok := swupdate.ParseSection(name)
		if name != "" && (!ok || !swupdate.Entries.Has(section)) {
			t.doc.problems.Addf(t.elementPos(key, i), "%q is no section for handlers: %s are", name, swupdate.Entries)
			continue
		}
		list = append(list, section)
	}
	return list
}

// targets reads the [target.NAME] tables.
func (d *decoder) targets() {
	t := d.root.table("target")
	if t == nil {
		return
	}
	for _, name := range t.keys() {
		if _, known := swupdate.LookupProfile(name); known {
			d.problems.Addf(t.keyPos(name), "target name %q is taken by one that every project has", name)
		}
		if sub := t.table(name); sub != nil {
			profile := sub.profile()
			profile.Name = name
			d.project.Targets = append(d.project.Targets, profile)
		}
	}
}

// target reads the name of a device, the zero Profile where there is none.
func (d *decoder) target(t *table) swupdate.Profile {
	name := t.string("target")
	if name == "" {
		return swupdate.Profile{}
	}
	profile, err := d.project.FindProfile(name)
	if err != nil {
		d.problems = append(d.problems, at(t.pos("target"), err)...)
	}
	return profile
}

// at is err as a problem at pos.
func at(pos diag.Pos, err error) diag.List {
	var list diag.List
	list.AddHint(pos, hintOf(err), "%v", err)
	return list
}

// bundleTarget is the device that a bundle is checked for: its own, else that
// of the project, with the project's handlers.
func (d *decoder) bundleTarget(t *table) swupdate.Profile {
	profile := d.project.Check.Target
	if t.has("target") {
		profile = d.target(t)
	}
	profile.Custom = slices.Concat(profile.Custom, d.project.Check.Handlers)
	return profile
}

// FindProfile finds the device called name: one of the project's [target.NAME]
// tables, or one that SWUpdate's releases give.
func (p *Project) FindProfile(name string) (swupdate.Profile, error) {
	var names []string
	for _, profile := range p.Targets {
		if profile.Name == name {
			return profile, nil
		}
		names = append(names, profile.Name)
	}
	return findProfile(name, names)
}

// FindProfile finds a device that every project knows: "debian-12", "newest",
// or the name of a release of SWUpdate such as "2022.12", which has everything
// that it can be built with.
func FindProfile(name string) (swupdate.Profile, error) {
	return findProfile(name, nil)
}

func findProfile(name string, more []string) (swupdate.Profile, error) {
	if profile, ok := swupdate.LookupProfile(name); ok {
		return profile, nil
	}
	known := slices.Concat(more, swupdate.ProfileNames())
	hint := diag.DidYouMean(name, known)
	if hint == "" {
		hint = "known here: " + joinNames(known)
	}
	return swupdate.Profile{}, unknownTarget{name, hint}
}

// unknownTarget says that no device has a name.
type unknownTarget struct{ name, hint string }

func (e unknownTarget) Error() string { return fmt.Sprintf("target %q is not known", e.name) }

// Hint says what could have been meant.
func (e unknownTarget) Hint() string { return e.hint }

// LoadProfile reads a device from a TOML file that has the keys of a
// [target.NAME] table, and its name, which is that of the file otherwise. What
// is wrong in the file comes back at once as a diag.List.
func LoadProfile(path string) (swupdate.Profile, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return swupdate.Profile{}, err
	}
	doc, root, err := parseDocument(path, src)
	if err != nil {
		return swupdate.Profile{}, err
	}
	name := root.string("name")
	profile := root.profile()
	profile.Name = cmp.Or(name, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	return profile, doc.problems.Err()
}
