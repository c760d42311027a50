package pack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// SubjectOptions says how a file is looked at. The zero value is as it is.
type SubjectOptions struct {
	Inputs Inputs   // of a project or a template
	Target string   // the device, in the place of the one that a project names: see FindProfile
	Only   []string // bundles of a project, as in Selection

	Decrypt *swufile.Keys // of a .swu; nil opens nothing
}

// ReadSubjects reads the descriptions of a file: the bundles of a project
// (*.toml), the one in a .swu, or a description or a template by itself. The
// problems are what is wrong with the file apart from what a Subject's Check
// finds; they may leave descriptions out. The error is for what cannot be read
// at all. Of a project neither payloads nor keys are needed.
func ReadSubjects(ctx context.Context, file string, opt SubjectOptions) ([]*Subject, diag.List, error) {
	if filepath.Ext(file) == ".toml" {
		subjects, _, problems, err := projectSubjects(file, opt)
		return subjects, problems, err
	}
	return fileSubjects(ctx, file, opt)
}

// fileSubjects reads what is no project.
func fileSubjects(ctx context.Context, file string, opt SubjectOptions) ([]*Subject, diag.List, error) {
	target, err := findTarget(opt.Target, FindProfile)
	if err != nil {
		return nil, nil, err
	}
	archive, err := isArchive(file)
	if err != nil {
		return nil, nil, err
	}
	read := descriptionSubject
	if archive {
		read = bundleSubject
	}
	subject, problems, err := read(ctx, file, opt)
	if subject == nil {
		return nil, problems, err
	}
	subject.Target = target
	return []*Subject{subject}, problems, err
}

// FindTarget finds the device that a person named: one that FindProfile finds, or a
// TOML file that describes one. No name is the zero Profile.
func FindTarget(name string) (swupdate.Profile, error) { return findTarget(name, FindProfile) }

// findTarget finds the device that a person named: one that find knows, or a
// file that describes one. No name is the zero Profile.
func findTarget(name string, find func(string) (swupdate.Profile, error)) (swupdate.Profile, error) {
	switch {
	case name == "":
		return swupdate.Profile{}, nil
	case filepath.Ext(name) == ".toml":
		return LoadProfile(name)
	}
	profile, err := find(name)
	if err != nil {
		return profile, diag.Diagnostic{Msg: err.Error(), Hint: hintOf(err)}
	}
	return profile, nil
}

// isArchive tells a cpio archive, and so a .swu, from text.
func isArchive(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	head := make([]byte, HeadSize)
	n, err := io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return swufile.Recognise(head[:n]), err
}

// projectSubjects reads the descriptions of a project. The findings are about its
// images, which have none.
func projectSubjects(file string, opt SubjectOptions) ([]*Subject, []Finding, diag.List, error) {
	project, err := Load(file, opt.Inputs)
	if project == nil {
		return nil, nil, nil, err
	}
	target, err := findTarget(opt.Target, project.FindProfile)
	if err != nil {
		return nil, nil, nil, err
	}
	target.Custom = slices.Concat(target.Custom, project.Check.Handlers)
	pl, problems := project.draft(Selection{Only: opt.Only}, true)
	var subjects []*Subject
	for _, d := range pl.drafts {
		pl.plan.Bundles = append(pl.plan.Bundles, d.plan)
		if d.subject == nil {
			continue
		}
		if opt.Target != "" {
			d.subject.Target = target
		}
		subjects = append(subjects, d.subject)
	}
	pl.dropUnused()
	problems = append(problems, pl.takeDFUs(opt.Only)...)
	problems = append(problems, pl.takeImages(opt.Only)...)
	return subjects, pl.plan.Findings, problems.Unique(), nil
}

// descriptionSubject reads a description or a template. Placeholders are expanded
// where there are variables to expand them with; without any they stay, and
// their values count as not known.
func descriptionSubject(_ context.Context, file string, opt SubjectOptions) (*Subject, diag.List, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	vars, err := opt.Inputs.variables()
	if err != nil {
		return nil, nil, err
	}
	s := &Subject{File: file, Draft: isTemplate(src), places: diag.NewLines(file, src)}
	if len(vars) > 0 {
		alone := &Project{File: file, Vars: vars}
		text, err := alone.expander().Expand(file, src)
		if err != nil {
			return nil, listOf(err), nil
		}
		src, s.places = text.Bytes(), text
	}
	s.Doc, err = swdesc.ParseAny(src)
	if err == nil && s.Draft {
		err = standIn(s.Doc)
	}
	if err == nil {
		return s, nil, nil
	}
	problems := syntaxProblems(s.places, err)
	if len(vars) == 0 && bytes.Contains(src, []byte("@@")) {
		problems[0].Hint = "placeholders outside of strings need their values: --vars FILE or --var NAME=VALUE"
	}
	return nil, problems, nil
}

// standIn gives the entries of a template the digests that a build will give them,
// or others: without any a device that verifies signatures refuses.
func standIn(doc *swdesc.Document) error {
	for group, filename := range swufile.Groups(doc) {
		digest, _, _ := group.GetString("sha256")
		name, _ := filename.Value().(*swdesc.String)
		if setting := group.Get("sha256"); name == nil || hexSHA256().MatchString(digest) || setting != nil && setting.Value().Kind() != swdesc.KindString {
			continue
		}
		if err := group.SetString("sha256", hexDigest([]byte(name.Value()))); err != nil {
			return err
		}
	}
	return nil
}

// isTemplate tells whether a build has to fill in something. A description that
// has no digest at all is for a build that adds them.
func isTemplate(src []byte) bool {
	for _, mark := range []string{"@@", "$swupdate_", `"@`} {
		if bytes.Contains(src, []byte(mark)) {
			return true
		}
	}
	return !quotedDigest().Match(src)
}

var quotedDigest = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"[0-9a-fA-F]{64}"`)
})

func bundleSubject(ctx context.Context, file string, opt SubjectOptions) (*Subject, diag.List, error) {
	b, err := readFinished(ctx, file, opt.Decrypt)
	if err != nil {
		return nil, nil, err
	}
	s := subjectOf(b)
	if b.Doc != nil {
		return s, nil, nil
	}
	if sealed, ok := errors.AsType[*swufile.SealedError](b.Unreadable); ok {
		return nil, diag.List{{Pos: diag.Pos{File: s.places.Pos(0).File}, Msg: sealed.Error(), Hint: sealed.Hint(), Rule: lint.SyntaxRule}}, nil
	}
	return nil, syntaxProblems(s.places, b.Unreadable), nil
}

// subjectOf is the description of a bundle, as far as it can be read.
func subjectOf(b *swufile.File) *Subject {
	places := diag.NewLines(b.Name+"/sw-description", b.Source)
	return &Subject{File: b.Name, Doc: b.Doc, Archive: b.Archive(), places: places}
}

// syntaxProblems gives syntax errors the places that the author sees.
func syntaxProblems(places source, err error) diag.List {
	var list swdesc.SyntaxErrors
	if !errors.As(err, &list) {
		return listOf(err)
	}
	var problems diag.List
	for _, e := range list {
		problems = append(problems, diag.Diagnostic{Pos: places.Pos(e.Offset), Msg: e.Msg, Hint: e.Hint, Rule: lint.SyntaxRule})
	}
	return problems
}

// CheckReport is what a check found.
type CheckReport struct {
	Findings []Finding `json:"findings"`
	Counts   Counts    `json:"counts"`
}

// Check checks all descriptions of a file, see ReadSubjects.
func Check(ctx context.Context, file string, opt SubjectOptions) (*CheckReport, error) {
	subjects, findings, problems, err := checked(ctx, file, opt)
	if err != nil {
		return nil, err
	}
	problems.Err() // sorts
	report := &CheckReport{Findings: append(problemFindings(problems), findings...)}
	for _, s := range subjects {
		report.Findings = append(report.Findings, s.Check()...)
	}
	report.Counts = Count(report.Findings)
	return report, nil
}

func checked(ctx context.Context, file string, opt SubjectOptions) ([]*Subject, []Finding, diag.List, error) {
	if filepath.Ext(file) == ".toml" {
		return projectSubjects(file, opt)
	}
	subjects, problems, err := fileSubjects(ctx, file, opt)
	return subjects, nil, problems, err
}
