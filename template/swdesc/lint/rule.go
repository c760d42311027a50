package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Rule is something that a sw-description can break.
type Rule struct {
	ID       string   // "SWD101"; never another rule's
	Name     string   // "missing-filename"
	Severity Severity // at its worst
	// Depends says where it is less than Severity; "" where it never is.
	Depends string
	Why     string // one sentence: what happens on the device
	Hint    string // one sentence: how to mend it
	Failing []Example
	Passing []Example
}

// Example is a small description with what is known around it.
type Example struct {
	Description string
	Format      swdesc.Format
	Archive     *swupdate.Archive
	Target      string            // name of a profile, see swupdate.LookupProfile; "" for none
	Device      *swupdate.Profile // in place of Target, a device without a name
	Draft       bool
	Also        []string // other rules that the description cannot but break
}

// Check returns what the example breaks.
func (e Example) Check() ([]Finding, error) {
	doc, err := swdesc.ParseAs([]byte(e.Description), e.Format)
	var syntax swdesc.SyntaxErrors
	if errors.As(err, &syntax) {
		rule, _ := Lookup(SyntaxRule)
		return []Finding{{Rule: rule.ID, Offset: syntax[0].Offset, Msg: syntax[0].Msg, Hint: cmp.Or(syntax[0].Hint, rule.Hint)}}, nil
	}
	if err != nil {
		return nil, err
	}
	target, err := e.profile()
	return Check(Subject{Doc: doc, Draft: e.Draft, Archive: e.Archive}, target), err
}

func (e Example) profile() (swupdate.Profile, error) {
	if e.Device != nil {
		return *e.Device, nil
	}
	target, ok := swupdate.LookupProfile(e.Target)
	if !ok && e.Target != "" {
		return target, fmt.Errorf("there is no profile %q", e.Target)
	}
	return target, nil
}

// rule is a Rule with the code that looks for what breaks it.
type rule struct {
	Rule
	check func(*checker)
}

// rules is the table, sorted by id. It is made when it is first asked for: its
// examples are a megabyte of text, which programs that never lint do without.
var rules = sync.OnceValue(func() []rule {
	return sorted(
		structureRules, keyRules, typeRules, textRules, contentRules, jsonRules, linkRules,
		filenameRules, digestRules, attributeRules, versionRules, scriptRules, hookRules, shareRules, partitionRules,
		handlerRules, propertyRules, swapRules, diskpartRules, deltaRules, sizeRules, restrictionRules,
		archiveRules, unpackedRules, compressionRules, encryptionRules, streamRules,
		signatureRules, variableRules, releaseRules, practiceRules,
	)
})

func sorted(tables ...func() []rule) []rule {
	var all []rule
	for _, table := range tables {
		all = append(all, table()...)
	}
	slices.SortFunc(all, func(a, b rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Rules returns all rules, sorted by id. What lies below the outermost slice is
// shared and must not be changed.
func Rules() []Rule {
	var all []Rule
	for _, r := range rules() {
		all = append(all, r.Rule)
	}
	return all
}

// Lookup finds a rule by its id or its name.
func Lookup(id string) (Rule, bool) {
	for _, r := range rules() {
		if r.ID == id || r.Name == id {
			return r.Rule, true
		}
	}
	return Rule{}, false
}
