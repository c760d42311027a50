package pack

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// notDeclared says of some attributes why a project does not set them.
var notDeclared = map[string]string{
	"sha256":    "is filled in: leave it out",
	"ivt":       "is filled in, and drawn anew for each build: leave it out",
	"encrypted": `is filled in where the artifact has encrypt = "KEY": leave it out`,
	"aes-key":   "is a secret that everybody reads who gets the bundle: the devices have it (swupdate -K)",
	"ref":       "is written by fwpack itself where sections are equal",
}

// textForm is a string that is not empty.
var textForm = form{types: swupdate.TypeString}

// entry reads one entry of a section.
func (d *decoder) entry(kind swupdate.Section, t *table) entry {
	e := entry{offset: t.offset()}
	if swupdate.Variables.Has(kind) && !t.has("name") {
		d.problems.Addf(t.here(), "name is missing: what variable is it?")
	} else if filename := d.filename(kind, t); filename != nil {
		e.settings = append(e.settings, *filename)
	}
	for _, key := range t.keys() {
		attribute, known := swupdate.LookupAttribute(kind, key)
		switch why, refused := notDeclared[key]; {
		case !known || key == "filename":
		case refused:
			t.knows(key)
			d.problems.Addf(t.keyPos(key), "%s %s", key, why)
		case key == "properties":
			e.properties = d.properties(t.table(key))
		default:
			if setting := t.declared(key, attributeForm(attribute)); setting != nil {
				e.settings = append(e.settings, *setting)
			}
		}
	}
	for _, name := range swupdate.AttributeNames(kind) {
		if notDeclared[name] == "" {
			t.knows(name)
		}
	}
	t.rest()
	return e
}

// attributeForm is what the value of an attribute may be. Of the values of
// variables an empty one means that the variable is removed.
func attributeForm(a swupdate.Attribute) form {
	return form{types: a.Types &^ a.Deprecated, empty: a.Name == "value"}
}

// filename reads `artifact = "NAME"` or `filename = "..."`. It is nil where
// there is none, or none that is right.
func (d *decoder) filename(kind swupdate.Section, t *table) *declared {
	if _, ok := swupdate.LookupAttribute(kind, "filename"); !ok {
		return nil
	}
	artifact, filename := t.declared("artifact", textForm), t.declared("filename", textForm)
	switch {
	case t.has("artifact") && t.has("filename"):
		t.doc.problems.Addf(t.keyPos("filename"), "filename stands beside artifact: one of the two is allowed")
	case t.has("filename"):
		return filename
	case t.has("artifact"):
		return d.artifactName(artifact)
	default:
		d.checkNoFile(kind, t)
	}
	return nil
}

// artifactName makes the name of an artifact a filename.
func (d *decoder) artifactName(setting *declared) *declared {
	if setting == nil {
		return nil
	}
	setting.name = "filename"
	before := len(d.problems)
	for value := range setting.values() {
		if name, ok := stringOf(value); ok && d.project.artifact(name) == nil {
			d.problems.AddHint(d.lines.Pos(value.Offset()), diag.DidYouMean(name, d.project.artifactNames()),
				"artifact %q is not declared", name)
		}
	}
	if len(d.problems) > before {
		return nil
	}
	return setting
}

// artifactNames lists the artifacts in the order of the file.
func (p *Project) artifactNames() []string {
	var names []string
	for _, a := range p.Artifacts {
		if a.Guards == nil {
			names = append(names, a.Name)
		}
	}
	return names
}

// checkNoFile reports an entry without an artifact, unless its handler takes
// none. Of a handler that does not come with SWUpdate nothing is known.
func (d *decoder) checkNoFile(kind swupdate.Section, t *table) {
	if swupdate.Payloads.Has(kind) {
		d.problems.Addf(t.here(), "artifact is missing: a device passes over an entry of %s without one", kind)
		return
	}
	if !t.has("type") {
		d.problems.Addf(t.here(), "artifact is missing: without a type the script is run as Lua")
		return
	}
	for _, name := range handlerNames(t.values["type"]) {
		name = d.expand(name, t.pos("type"))
		if handler, ok := swupdate.LookupHandler(name); ok && handler.Data == swupdate.NeedsData {
			d.problems.Addf(t.here(), "artifact is missing: handler %s needs one", name)
			return
		}
	}
}

// handlerNames are the strings in the value of type, one or a table of them.
func handlerNames(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case map[string]any:
		var names []string
		for _, selector := range slices.Sorted(maps.Keys(value)) {
			names = append(names, handlerNames(value[selector])...)
		}
		return names
	}
	return nil
}

// propertyForm is what a device reads in properties.
var propertyForm = form{
	types: swupdate.TypeString | swupdate.TypeStrings,
	empty: true,
	why:   ": a device passes over anything else",
}

// properties reads the settings of an entry's handler. Every name is allowed:
// handlers may come from anywhere.
func (d *decoder) properties(t *table) *properties {
	if t == nil {
		return nil
	}
	p := &properties{offset: t.offset()}
	for _, key := range t.keys() {
		if err := checkSettingName(key); err != nil {
			d.problems.Addf(t.keyPos(key), "properties: %v", err)
		} else if setting := t.declared(key, propertyForm); setting != nil {
			p.settings = append(p.settings, *setting)
		}
	}
	return p
}

// variables reads a table of variables by name, in bootenv or vars.
func (d *decoder) variables(section string, t *table) []entry {
	var entries []entry
	for _, key := range t.keys() {
		offset, pos := t.place(key).Key, t.keyPos(key)
		if strings.ContainsAny(key, ",= \t") {
			d.problems.AddHint(pos, fmt.Sprintf("a value by selector is written as %s = { NAME = { %q = ... } }", section, key),
				"%q cannot be the name of a variable", key)
			continue
		}
		name := d.stringNode("the name of a variable", key, offset, false)
		value := t.declared(key, form{types: swupdate.TypeString, empty: true})
		if name == nil || value == nil {
			continue
		}
		value.name = "value"
		entries = append(entries, entry{offset: offset, settings: []declared{{name: "name", offset: offset, value: name}, *value}})
	}
	return entries
}
