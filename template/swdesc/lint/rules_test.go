package lint

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var idForm = regexp.MustCompile(`^SWD[0-8][0-9]{2}$`)
var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestRulesAreWellFormed(t *testing.T) {
	names := map[string]string{}
	last := ""
	for _, r := range Rules() {
		if !idForm.MatchString(r.ID) || r.ID <= last {
			t.Errorf("%s: no id, or not above %s", r.ID, last)
		}
		last = r.ID
		if !nameForm.MatchString(r.Name) || names[r.Name] != "" {
			t.Errorf("%s: name %q is not in kebab-case, or that of %q", r.ID, r.Name, names[r.Name])
		}
		names[r.Name] = r.ID
		if !sentence(r.Why) {
			t.Errorf("%s: not one sentence: %s", r.ID, r.Why)
		}
		if r.Hint == "" || strings.HasSuffix(r.Hint, ".") || strings.ToLower(r.Hint[:1]) != r.Hint[:1] {
			t.Errorf("%s: hints begin in lower case and end without a full stop: %s", r.ID, r.Hint)
		}
		if len(r.Failing) == 0 || len(r.Passing) == 0 {
			t.Errorf("%s: an example is missing", r.ID)
		}
	}
}

// sentence tells whether text begins with a capital (or a key) and ends with its
// only full stop that a blank follows.
func sentence(text string) bool {
	return strings.HasSuffix(text, ".") && !strings.Contains(text, ". ") && !strings.Contains(text, "\n")
}

func TestLookup(t *testing.T) {
	for _, id := range []string{"SWD101", "missing-filename"} {
		if r, ok := Lookup(id); !ok || r.ID != "SWD101" || r.Name != "missing-filename" {
			t.Errorf("%s: got %v, %v", id, r.ID, ok)
		}
	}
	if _, ok := Lookup("SWD999"); ok {
		t.Error("SWD999 is a rule")
	}
}

func TestFailingExamples(t *testing.T) {
	for _, r := range Rules() {
		for i, e := range r.Failing {
			findings, err := e.Check()
			if err != nil {
				t.Errorf("%s, failing example %d: %v\n%s", r.ID, i+1, err, e.Description)
				continue
			}
			got := ids(findings)
			if !slices.Contains(got, r.ID) || !slices.Equal(without(got, r.ID), slices.Sorted(slices.Values(e.Also))) {
				t.Errorf("%s, failing example %d: got %v, want it and %v\n%s\n%v", r.ID, i+1, got, e.Also, e.Description, findings)
			}
			worst(t, r, findings)
		}
	}
}

// worst checks that no finding is louder than its rule says.
func worst(t *testing.T, r Rule, findings []Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Rule == r.ID && f.Severity < r.Severity {
			t.Errorf("%s: a finding is %s, and the rule %s", r.ID, f.Severity, r.Severity)
		}
		if f.Msg == "" || f.Hint == "" || strings.HasSuffix(f.Msg, ".") {
			t.Errorf("%s: not a message with a hint: %+v", r.ID, f)
		}
	}
}

// A passing example shows the rule kept; it breaks no other, but for those that
// are listed.
func TestPassingExamples(t *testing.T) {
	for _, r := range Rules() {
		for i, e := range r.Passing {
			findings, err := e.Check()
			if err != nil {
				t.Errorf("%s, passing example %d: %v\n%s", r.ID, i+1, err, e.Description)
				continue
			}
			if got := ids(findings); !slices.Equal(got, slices.Sorted(slices.Values(e.Also))) {
				t.Errorf("%s, passing example %d: got %v, want %v\n%s\n%v", r.ID, i+1, got, e.Also, e.Description, findings)
			}
		}
	}
}

// Every severity that a rule can have is the one that it is said to have at its
// worst in at least one example.
func TestSeverityIsReached(t *testing.T) {
	for _, r := range Rules() {
		least, most := Note, Error
		for _, e := range r.Failing {
			findings, err := e.Check()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Rule == r.ID {
					least, most = min(least, f.Severity), max(most, f.Severity)
				}
			}
		}
		if least != r.Severity {
			t.Errorf("%s: is %s, and the worst example %s", r.ID, r.Severity, least)
		}
		if most != least && r.Depends == "" {
			t.Errorf("%s: is %s or %s, and nothing says when", r.ID, least, most)
		}
	}
}

func ids(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Rule)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(s string) bool { return s == id })
}
