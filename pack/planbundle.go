package pack

import (
	"iter"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// source tells where in a file of the author a byte of a description came from.
// A template.Text does, and so do the lines of the project file.
type source interface {
	Pos(offset int) diag.Pos
}

// bundlePlanner plans what stands in one description.
type bundlePlanner struct {
	*planner
	source source
	bundle *Bundle
	plan   PlannedBundle
}

// bundle plans one bundle: its description and the payloads that are named in
// there or beside it.
func (pl *planner) bundle(b *Bundle) (PlannedBundle, *Subject) {
	bp := &bundlePlanner{planner: pl, bundle: b, plan: PlannedBundle{
		Name: b.Name, Output: b.Output, Template: b.file(pl.project), Sign: b.Sign, Release: b.Release, Require: b.Require, Pos: b.Pos, CipherPos: b.CipherPos,
	}}
	if pl.project.signsLater(b) {
		bp.plan.Output, bp.plan.Request = unsignedNames(b.Output)
	}
	doc := bp.description()
	if doc != nil {
		bp.document(doc)
	}
	bp.extras()
	bp.checkCipher()
	bp.checkKeysShipped()
	if doc == nil {
		return bp.plan, nil
	}
	bp.resolveCalls(doc)
	if b.Software != nil && !bp.whole() {
		return bp.plan, nil
	}
	return bp.plan, bp.subject(doc)
}

// whole tells whether nothing has been found wrong so far. What is wrong may be
// missing in the archive, and in a description that the project declares.
func (bp *bundlePlanner) whole() bool {
	return len(bp.project.problems) == 0 && len(bp.problems) == 0
}

// file is the file that holds the description.
func (b *Bundle) file(p *Project) string {
	if b.Software != nil {
		return p.File
	}
	return b.Description
}

// description returns the description as it is before anything is filled in;
// nil where there is none, and somebody has said why.
func (bp *bundlePlanner) description() *swdesc.Document {
	script := bp.script()
	switch {
	case bp.bundle.Software != nil:
		return bp.declaration(script)
	case bp.bundle.Description != "":
		return bp.template(script)
	}
	return nil // Load has said why
}

// declaration writes the description that the project declares.
func (bp *bundlePlanner) declaration(script string) *swdesc.Document {
	software := bp.bundle.Software
	bp.source = software.lines
	var embedded *swdesc.String
	if script != "" {
		var err error
		if embedded, err = swdesc.NewString(bp.bundle.scriptOffset, script); err != nil {
			bp.problems.Addf(bp.bundle.ScriptPos, "%s: %v", embeddedScript, err)
		}
	}
	doc, err := software.document(embedded)
	if err != nil {
		bp.errorf(software.offset, "bundle %q: %v", bp.bundle.Name, err)
		return nil
	}
	bp.plan.Description, bp.plan.Format = doc.Bytes(), doc.Format
	return doc
}

// template expands and reads the description that the author wrote.
func (bp *bundlePlanner) template(script string) *swdesc.Document {
	b := bp.bundle
	src, err := bp.project.log.ReadFile(b.Description)
	if err != nil {
		bp.problems.Addf(b.Pos, "bundle %q: description: %v", b.Name, err)
		return nil
	}
	text, err := bp.project.expander().Expand(b.Description, src)
	if err != nil {
		bp.add(err)
		return nil
	}
	bp.source, bp.plan.text = text, text
	doc, err := swdesc.ParseAny(text.Bytes())
	if err != nil {
		bp.problems = append(bp.problems, syntaxProblems(text, err)...)
		return nil
	}
	bp.plan.Description, bp.plan.Format, bp.plan.script = text.Bytes(), doc.Format, script
	bp.checkScript(doc)
	bp.guardTemplate(doc)
	return doc
}

// guardTemplate puts the entries around patches into a description that an author
// wrote.
func (bp *bundlePlanner) guardTemplate(doc *swdesc.Document) {
	bp.plan.patches = map[string]*Artifact{}
	for group := range swufile.Groups(doc) {
		name := textOf(group, "filename", "")
		if patch := bp.project.patchOf(name); patch != nil {
			bp.plan.patches[name] = patch
		}
	}
	if err := bp.plan.guard(doc); err != nil {
		bp.errorf(0, "%v", err)
	}
}

// add takes over the problems of err.
func (pl *planner) add(err error) {
	pl.problems = append(pl.problems, listOf(err)...)
}

func (bp *bundlePlanner) errorf(offset int, format string, args ...any) {
	bp.problems.Addf(bp.source.Pos(offset), format, args...)
}

func (bp *bundlePlanner) document(doc *swdesc.Document) {
	software := doc.Find("software")
	if software == nil || software.Value().Kind() != swdesc.KindGroup {
		return // its check says so
	}
	bp.plan.Version = versionOf(doc)
	bp.plan.HardwareCompatibility = hardwareOf(doc)
	for group, filename := range bp.payloadGroups(doc) {
		bp.entry(group, filename)
	}
}

// payloadGroups goes over the groups with a filename in the order in which
// their payloads are packed: that of the template, or scripts first.
func (bp *bundlePlanner) payloadGroups(doc *swdesc.Document) iter.Seq2[*swdesc.Group, *swdesc.Setting] {
	if bp.bundle.Software == nil {
		return swufile.Groups(doc)
	}
	return scriptsFirst(swufile.Groups(doc))
}

// entry plans the payload of one group that has a filename.
func (bp *bundlePlanner) entry(group *swdesc.Group, filename *swdesc.Setting) {
	offset := filename.Value().Offset()
	value, ok := filename.Value().(*swdesc.String)
	if !ok {
		bp.errorf(offset, "filename is %s, and must be a string", filename.Value().Kind())
		return
	}
	name := value.Value()
	if err := swu.CheckName(name); err != nil {
		bp.errorf(offset, "filename: %v", err)
		return
	}
	artifact, pos := bp.resolve(name, offset)
	if artifact == nil {
		return
	}
	payload, ok := bp.payload(artifact, pos)
	if ok {
		bp.use(name, payload, group, offset)
	}
}

// use notes that the archive holds the payload under the name, once.
func (bp *bundlePlanner) use(name string, payload int, group *swdesc.Group, offset int) {
	for i := range bp.plan.Entries {
		entry := &bp.plan.Entries[i]
		switch {
		case entry.Name == name:
			bp.checkAuthor(group, entry)
			return
		case entry.Payload == payload:
			bp.errorf(offset, "artifact %q is called %q here and %q before: one name is allowed, it is packed once",
				bp.planner.plan.Payloads[payload].Artifact, name, entry.Name)
			return
		}
	}
	bp.plan.Entries = append(bp.plan.Entries, PlannedEntry{Name: name, Payload: payload})
	bp.checkAuthor(group, &bp.plan.Entries[len(bp.plan.Entries)-1])
}

// resolve finds what a filename stands for: the artifact of that name, else the
// one whose file has that name, else the file beside the template or, where the
// description is declared, beside the project file. The place is
// where a problem with it belongs.
func (bp *bundlePlanner) resolve(name string, offset int) (*Artifact, diag.Pos) {
	if a := bp.project.artifact(name); a != nil {
		return a, a.Pos
	}
	matches := bp.project.artifactsOfFile(name)
	switch len(matches) {
	case 1:
		return matches[0], matches[0].Pos
	case 0:
		return bp.fileBeside(name, offset), bp.source.Pos(offset)
	}
	bp.errorf(offset, "filename %q is the file of artifact %q and of artifact %q: use the artifact's name", name, matches[0].Name, matches[1].Name)
	return nil, diag.Pos{}
}

// artifactsOfFile are those whose file has the name.
func (p *Project) artifactsOfFile(name string) []*Artifact {
	var matches []*Artifact
	for _, a := range p.Artifacts {
		if a.Guards == nil && filepath.Base(a.File) == name {
			matches = append(matches, a)
		}
	}
	return matches
}

func (bp *bundlePlanner) fileBeside(name string, offset int) *Artifact {
	a := &Artifact{Name: name, File: filepath.Join(filepath.Dir(bp.plan.Template), name)}
	if _, err := bp.project.log.Stat(a.File); err == nil {
		return a
	}
	beside := "template"
	if bp.bundle.Software != nil {
		beside = "project file"
	}
	bp.problems.AddHint(bp.source.Pos(offset), diag.DidYouMean(name, bp.project.payloadNames()),
		"filename %q is neither an artifact of the project nor a file beside the %s", name, beside)
	return nil
}

// payloadNames lists what a filename can stand for: artifacts and their files.
func (p *Project) payloadNames() []string {
	var names []string
	for _, a := range p.Artifacts {
		if a.Guards == nil {
			names = append(names, a.Name, filepath.Base(a.File))
		}
	}
	return names
}
