package pack

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// SWUpdate applies a patch of rdiff to whatever it finds, and compares neither
// what it begins with nor what comes out. Around the entry of such a patch two
// others are put, among the scripts: one that checks the old image before
// anything is written, and one that reads the new one back.

// guardSuffix is what the name of the script has behind that of the artifact.
const guardSuffix = ".base-check"

// imageMark stands for the digest or the size of an artifact in an entry that
// reads it back, until they are known.
const imageMark = "fwpack image of "

// addGuards gives every rdiff artifact its script, as an artifact of its own.
func (d *decoder) addGuards() {
	for _, a := range d.project.Artifacts {
		if a.Delta != nil && a.Delta.Kind == deltaRdiff {
			guard := &Artifact{Name: a.Name + guardSuffix, File: a.Delta.Base, Guards: a.Delta, Pos: a.Delta.Pos}
			d.project.Artifacts = append(d.project.Artifacts, guard)
		}
	}
	for _, b := range d.project.Bundles {
		if b.Software != nil {
			d.guardSoftware(b.Software)
		}
	}
}

// guardSoftware adds the entries to a declared description. They are for the
// devices that the entry of the patch is for.
func (d *decoder) guardSoftware(s *Software) {
	var guards []entry
	for i := range s.sections {
		if !swupdate.Payloads.Has(s.sections[i].kind) {
			continue
		}
		for j := range s.sections[i].entries {
			guards = append(guards, d.guards(s.sections[i].kind, &s.sections[i].entries[j])...)
		}
	}
	if len(guards) == 0 {
		return
	}
	if len(s.sections) > 0 && s.sections[0].kind == swupdate.Scripts { // which come first
		s.sections[0].entries = append(s.sections[0].entries, guards...)
		return
	}
	scripts := section{kind: swupdate.Scripts, offset: guards[0].offset, entries: guards}
	s.sections = append([]section{scripts}, s.sections...)
}

// guards returns the entries around e, none where it is no patch.
func (d *decoder) guards(kind swupdate.Section, e *entry) []entry {
	filename := e.setting("filename")
	script, digest, size := d.patches(filename, guardName), d.patches(filename, imageMarkOf), d.patches(filename, imageMarkOf)
	if script == nil {
		return nil
	}
	var list []entry
	if base := d.baseOnDevice(kind, e, filename); base != nil {
		base.name = "data"
		list = append(list, entry{offset: e.offset, settings: []declared{*script, constant(e.offset, "type", "preinstall"), *base}})
	}
	if device := e.setting("device"); device != nil {
		digest.name, size.name = "sha256", "size"
		list = append(list, entry{
			offset: e.offset, settings: []declared{constant(e.offset, "type", "readback"), *device},
			properties: &properties{offset: e.offset, settings: []declared{*digest, *size}},
		})
	}
	return list
}

// guardName is the name of the script of a patch that stands under some name in
// the archive.
func guardName(patch *Artifact, _ string) string { return patch.Name + guardSuffix }

func imageMarkOf(_ *Artifact, filename string) string { return imageMark + filename }

// setting finds a setting of the entry, nil where it has none.
func (e *entry) setting(name string) *declared {
	for i := range e.settings {
		if e.settings[i].name == name {
			return &e.settings[i]
		}
	}
	return nil
}

func (p *properties) setting(name string) *declared {
	if p == nil {
		return nil
	}
	return (&entry{settings: p.settings}).setting(name)
}

// constant is a setting with one value for all devices.
func constant(offset int, name, text string) declared {
	value, err := swdesc.NewString(offset, text)
	if err != nil {
		panic("pack: " + err.Error()) // a NUL byte in a text of ours
	}
	return declared{name: name, offset: offset, value: value}
}

// patches maps a filename to what is made of the names of patches in it; other
// choices are left out. It is nil where there are none.
func (d *decoder) patches(filename *declared, of func(patch *Artifact, filename string) string) *declared {
	if filename == nil {
		return nil
	}
	mapped := declared{name: "filename", offset: filename.offset}
	if filename.by == nil {
		mapped.value = d.patch(filename.value, of)
		if mapped.value == nil {
			return nil
		}
		return &mapped
	}
	for _, c := range filename.by {
		if c.value = d.patch(c.value, of); c.value != nil {
			mapped.by = append(mapped.by, c)
		}
	}
	if mapped.by == nil {
		return nil
	}
	return &mapped
}

func (d *decoder) patch(value swdesc.Value, of func(patch *Artifact, filename string) string) swdesc.Value {
	name, _ := stringOf(value)
	patch := d.project.patchOf(name)
	if patch == nil {
		return nil
	}
	made, err := swdesc.NewString(value.Offset(), of(patch, name))
	if err != nil {
		return nil
	}
	return made
}

// patchOf returns the artifact that a filename names where that is an rdiff delta,
// else nil.
func (p *Project) patchOf(filename string) *Artifact {
	a := p.artifact(filename)
	if matches := p.artifactsOfFile(filename); a == nil && len(matches) == 1 {
		a = matches[0]
	}
	if a == nil || a.Delta == nil || a.Delta.Kind != deltaRdiff {
		return nil
	}
	return a
}

// baseOnDevice is where a device has the old image: the file itself in section
// files, else what rdiffbase says.
func (d *decoder) baseOnDevice(kind swupdate.Section, e *entry, filename *declared) *declared {
	where := e.properties.setting("rdiffbase")
	if kind == swupdate.Files && e.setting("path") != nil && e.setting("device") == nil {
		where = e.setting("path")
	}
	if where != nil {
		base := *where
		return &base
	}
	for value := range filename.values() {
		name, _ := stringOf(value)
		if patch := d.project.patchOf(name); patch != nil && patch.Delta.RdiffBase != "" {
			base := constant(e.offset, "data", patch.Delta.RdiffBase)
			return &base
		}
	}
	return nil // the check of the entry says that rdiffbase is missing
}

// guard adds the entries to a description that an author wrote.
func (b *PlannedBundle) guard(doc *swdesc.Document) error {
	if len(b.patches) == 0 {
		return nil
	}
	for group := range doc.Groups() {
		if group.Get("ref") != nil {
			return errors.New("has links: the entries around a patch cannot be added to it. Write them, or declare the description in [bundle.software]")
		}
	}
	var groups []*swdesc.Group
	for group := range swufile.Groups(doc) {
		groups = append(groups, group) // before any is added
	}
	for _, group := range groups {
		if err := b.guardGroup(doc, group); err != nil {
			return err
		}
	}
	return nil
}

func (b *PlannedBundle) guardGroup(doc *swdesc.Document, group *swdesc.Group) error {
	name := textOf(group, "filename", "")
	patch, scope := b.patches[name], group.Parent()
	if patch == nil || scope == nil {
		return nil
	}
	scripts, err := scope.EnsureList("scripts")
	if err != nil {
		return err
	}
	base := patch.Delta.RdiffBase
	if properties, _ := group.GetGroup("properties"); properties != nil {
		base = textOf(properties, "rdiffbase", base)
	}
	device := textOf(group, "device", "")
	if device == "" {
		base = textOf(group, "path", base)
	}
	check := scripts.AppendGroup(doc.Format)
	if err := setAll(check, [][2]string{{"filename", guardName(patch, name)}, {"type", "preinstall"}, {"data", base}}); err != nil || device == "" {
		return err
	}
	readback := scripts.AppendGroup(doc.Format)
	if err := setAll(readback, [][2]string{{"type", "readback"}, {"device", device}}); err != nil {
		return err
	}
	properties, err := readback.EnsureGroup("properties")
	if err != nil {
		return err
	}
	return setAll(properties, [][2]string{{"sha256", imageMarkOf(patch, name)}, {"size", imageMarkOf(patch, name)}})
}

func setAll(group *swdesc.Group, settings [][2]string) error {
	for _, s := range settings {
		if err := setMissing(group, s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

// maxReadback is what the handler readback counts up to: 32 bits.
const maxReadback = 1<<32 - 1

// fillReadbacks puts digests and sizes into the entries that read images back.
func fillReadbacks(doc *swdesc.Document, byName map[string]attributes) error {
	for group := range doc.Groups() {
		name, marked := strings.CutPrefix(textOf(group, "sha256", ""), imageMark)
		if !marked || !swufile.IsProperties(group) {
			continue
		}
		a := byName[name]
		if a.size > maxReadback {
			return fmt.Errorf("artifact %q has %d bytes, and the handler readback, which checks what a patch makes, counts up to %d", name, a.size, int64(maxReadback))
		}
		if err := group.SetString("sha256", a.image); err != nil {
			return err
		}
		if err := group.SetString("size", strconv.FormatInt(a.size, 10)); err != nil {
			return err
		}
	}
	return nil
}
