package pack

import (
	"fmt"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc/lint"
)

// Finding is something that a check has to say about a description, or about
// the project or the archive around it.
type Finding struct {
	Rule     string        `json:"rule"` // "SWD201"; "" where it is no rule of a description: a problem of the project
	Name     string        `json:"name,omitempty"`
	Severity lint.Severity `json:"severity"`
	Bundle   string        `json:"bundle,omitempty"`
	File     string        `json:"file"`
	Line     int           `json:"line,omitempty"`
	Column   int           `json:"column,omitempty"` // in bytes, from 1
	Path     string        `json:"path,omitempty"`   // in the description, as in "software.images[0].type"
	Message  string        `json:"message"`
	Why      string        `json:"why,omitempty"` // what happens on the device
	Hint     string        `json:"hint,omitempty"`
	Allowed  string        `json:"allowed,omitempty"` // the reason for which the project allows it
}

// Pos is where the finding is.
func (f Finding) Pos() diag.Pos {
	return diag.Pos{File: f.File, Line: f.Line, Col: f.Column}
}

// String is the finding on a line, without its place: `error SWD201
// unknown-handler: ...`.
func (f Finding) String() string {
	switch {
	case f.Rule == "":
		return fmt.Sprintf("%s: %s", f.Severity, f.Message)
	case f.Allowed != "":
		return fmt.Sprintf("allowed %s %s: %s", f.Rule, f.Name, f.Message)
	}
	return fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, f.Name, f.Message)
}

// Counts is how many findings there are of each kind.
type Counts struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	Allowed  int `json:"allowed"` // of any severity
}

// Count counts findings.
func Count(findings []Finding) Counts {
	var c Counts
	for _, f := range findings {
		switch {
		case f.Allowed != "":
			c.Allowed++
		case f.Severity == lint.Error:
			c.Errors++
		case f.Severity == lint.Warning:
			c.Warnings++
		default:
			c.Notes++
		}
	}
	return c
}

// problemFindings turns problems, which all are errors, into findings.
func problemFindings(problems diag.List) []Finding {
	var findings []Finding
	for _, d := range problems {
		rule, _ := lint.Lookup(d.Rule)
		findings = append(findings, Finding{
			Rule: rule.ID, Name: rule.Name, Why: rule.Why,
			Severity: lint.Error, File: d.Pos.File, Line: d.Pos.Line, Column: d.Pos.Col, Message: d.Msg, Hint: d.Hint,
		})
	}
	return findings
}

// split separates the findings that end a build from the others. What has been
// reported already of the same setting is not said again.
func (s *Subject) split(reported diag.List) (problems diag.List, others []Finding) {
	known := s.reported(reported)
	for _, f := range s.Check() {
		switch {
		case f.Severity != lint.Error || f.Allowed != "":
			others = append(others, f)
		case !known[f.Pos()]:
			problems.AddHint(f.Pos(), f.Hint, "%s (%s)", f.Message, f.Rule)
		}
	}
	return problems, others
}

// reported is where problems are: settings whose value has one among them.
func (s *Subject) reported(problems diag.List) map[diag.Pos]bool {
	places := map[diag.Pos]bool{}
	for _, d := range problems {
		places[d.Pos] = true
	}
	if len(places) == 0 {
		return places
	}
	for group := range s.Doc.Groups() {
		for _, setting := range group.Settings() {
			if places[s.Pos(setting.Value().Offset())] {
				places[s.Pos(setting.Offset())] = true
			}
		}
	}
	return places
}
