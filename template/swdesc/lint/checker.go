package lint

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// checker is one run of all rules.
type checker struct {
	Subject
	survey
	target   swupdate.Profile
	types    map[string]handler      // by the value of type
	archived map[string]*archiveName // nil where the archive is not known
	packed   []*archiveName          // the same in the order of the archive
	settings []attribute             // what entries and variables have
	names    []string                // of the handlers of the target; nil until asked for
	used     map[string]bool         // names of artifacts that entries name; nil until asked for
	rule     *Rule                   // whose turn it is
	findings []Finding
}

// handler is what the target knows of a type.
type handler struct {
	swupdate.Handler
	state swupdate.HandlerState
}

func newChecker(s Subject, target swupdate.Profile) *checker {
	c := &checker{Subject: s, target: target, types: map[string]handler{}}
	c.archived, c.packed = index(s.Archive)
	c.survey = newSurvey(s.Doc)
	c.settings = c.listAttributes()
	for _, e := range c.entries {
		c.prepare(e)
	}
	return c
}

// place is where something stands: a *swdesc.Group, *swdesc.List,
// *swdesc.Array or *swdesc.Setting, or a spot.
type place interface {
	Offset() int
	Path() string
}

// spot is a place that has no node of its own with a path.
type spot struct {
	offset int
	path   string
}

func (s spot) Offset() int  { return s.offset }
func (s spot) Path() string { return s.path }

// element is the place of value i of a list or an array.
func element(list place, i int, v swdesc.Value) place {
	return spot{v.Offset(), fmt.Sprintf("%s[%d]", list.Path(), i)}
}

// whole is the place of what the description as a whole lacks.
func (c *checker) whole() place {
	if c.software != nil {
		return c.software.group
	}
	return spot{}
}

// report notes that the description breaks the current rule.
func (c *checker) report(at place, format string, args ...any) {
	c.reportAs(c.rule.Severity, "", at, format, args...)
}

// reportAs is report with another severity, and another hint unless it is "".
func (c *checker) reportAs(severity Severity, hint string, at place, format string, args ...any) {
	if hint == "" {
		hint = c.rule.Hint
	}
	c.findings = append(c.findings, Finding{
		Rule: c.rule.ID, Severity: severity, Offset: at.Offset(), Path: at.Path(),
		Msg: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// named tells whether somebody said what release the device runs.
func (c *checker) named() bool { return c.target.Release != swupdate.Release{} }

// assumed is the release that is taken for granted where no target is named.
var assumed = swupdate.Release{Year: 2022, Month: 12}

// newer tells whether something that came with release since needs a word, and
// how loud it must be.
func (c *checker) newer(since swupdate.Release) (Severity, bool) {
	if c.named() {
		return Error, !c.target.Release.Has(since)
	}
	return Note, assumed.Before(since)
}

// lacks tells whether the target is named and older than a feature.
func (c *checker) lacks(f swupdate.Feature) bool { return c.named() && !c.target.Has(f) }

// doubt is Error where the answer is yes and Warning where it is not known.
func doubt(a swupdate.Answer) Severity {
	if a == swupdate.Yes {
		return Error
	}
	return Warning
}

// known tells whether a text stands for itself. In a draft it may be a
// placeholder, whose value nobody knows yet.
func (c *checker) known(text string) bool {
	return !c.Draft || !strings.Contains(text, "@@") && !strings.HasPrefix(text, "@") && !callsFunction(text)
}

// callsFunction tells whether $name( stands in the text. $(...) and ${...} of
// the bootloader's shell are none.
func callsFunction(text string) bool {
	for {
		_, rest, found := strings.Cut(text, "$")
		if !found {
			return false
		}
		name := strings.TrimLeft(rest, wordBytes)
		if len(name) < len(rest) && strings.HasPrefix(name, "(") {
			return true
		}
		text = rest
	}
}

const wordBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
