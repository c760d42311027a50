package pack

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// bundle plans one bundle: its template and the payloads named in there.
func (pl *planner) bundle(b *Bundle) PlannedBundle {
	plan := PlannedBundle{Name: b.Name, Output: b.Output, Template: b.Description, Sign: b.Sign, Pos: b.Pos}
	if b.Description == "" {
		return plan // Load has said why
	}
	src, err := os.ReadFile(b.Description)
	if err != nil {
		pl.problems.Addf(b.Pos, "bundle %q: description: %v", b.Name, err)
		return plan
	}
	text, err := template.Expand(b.Description, src, pl.project.Vars)
	if err != nil {
		pl.add(err)
		return plan
	}
	doc, err := swdesc.Parse(text.Bytes())
	if err != nil {
		pl.addSyntax(text, err)
		return plan
	}
	plan.Description = text.Bytes()
	bp := &bundlePlanner{planner: pl, text: text, bundle: b, plan: plan}
	bp.document(doc)
	return bp.plan
}

// add takes over the problems of err.
func (pl *planner) add(err error) {
	var list diag.List
	if !errors.As(err, &list) {
		list.Addf(diag.Pos{}, "%v", err)
	}
	pl.problems = append(pl.problems, list...)
}

// addSyntax takes over syntax errors, at the places that the author sees.
func (pl *planner) addSyntax(text *template.Text, err error) {
	var list swdesc.SyntaxErrors
	if !errors.As(err, &list) {
		pl.add(err)
		return
	}
	for _, e := range list {
		pl.problems.AddHint(text.Pos(e.Offset), e.Hint, "%s", e.Msg)
	}
}

// bundlePlanner plans what stands in one description.
type bundlePlanner struct {
	*planner
	text   *template.Text
	bundle *Bundle
	plan   PlannedBundle
}

func (bp *bundlePlanner) errorf(offset int, format string, args ...any) {
	bp.problems.Addf(bp.text.Pos(offset), format, args...)
}

func (bp *bundlePlanner) document(doc *swdesc.Document) {
	software := doc.Find("software")
	if software == nil || software.Value().Kind() != swdesc.KindGroup {
		bp.problems.Addf(diag.Pos{File: bp.bundle.Description}, "the description has no group called software")
		return
	}
	bp.plan.Version = versionOf(doc)
	bp.plan.HardwareCompatibility = hardwareOf(doc)
	for group, filename := range payloadGroups(doc) {
		bp.entry(group, filename)
	}
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
// one whose file has that name, else the file beside the template. The place is
// where a problem with it belongs.
func (bp *bundlePlanner) resolve(name string, offset int) (*Artifact, diag.Pos) {
	if a := bp.project.artifact(name); a != nil {
		return a, a.Pos
	}
	matches := bp.artifactsOfFile(name)
	switch len(matches) {
	case 1:
		return matches[0], matches[0].Pos
	case 0:
		return bp.fileBeside(name, offset), bp.text.Pos(offset)
	}
	bp.errorf(offset, "filename %q is the file of artifact %q and of artifact %q: use the artifact's name", name, matches[0].Name, matches[1].Name)
	return nil, diag.Pos{}
}

func (bp *bundlePlanner) artifactsOfFile(name string) []*Artifact {
	var matches []*Artifact
	for _, a := range bp.project.Artifacts {
		if filepath.Base(a.File) == name {
			matches = append(matches, a)
		}
	}
	return matches
}

func (bp *bundlePlanner) fileBeside(name string, offset int) *Artifact {
	a := besideTemplate(bp.bundle.Description, name)
	if _, err := os.Stat(a.File); err == nil {
		return a
	}
	var known []string
	for _, a := range bp.project.Artifacts {
		known = append(known, a.Name, filepath.Base(a.File))
	}
	bp.problems.AddHint(bp.text.Pos(offset), diag.DidYouMean(name, known),
		"filename %q is neither an artifact of the project nor a file beside the template", name)
	return nil
}
