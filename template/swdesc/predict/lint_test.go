package predict_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// TestLint holds the rules against the table, and so against the client: what it
// refuses because of the description breaks a rule, and so does what it accepts
// and then does otherwise than is written. All else breaks none.
func TestLint(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			var broken []string
			worst := lint.Note
			for _, f := range lint.Check(lint.Subject{Doc: s.parse(t, target), Archive: s.archive(target)}, swupdate.Debian12()) {
				broken = append(broken, f.Rule)
				worst = min(worst, f.Severity)
			}
			for rule := range strings.FieldsSeq(s.lint) {
				if !slices.Contains(broken, rule) {
					t.Errorf("rule %s does not find the fault; %v do", rule, broken)
				}
			}
			switch {
			case s.refused != "" && !s.device && s.lint == "":
				t.Errorf("the client refuses it (%s), and the table names no rule", s.refused)
			case s.refused != "" && !s.device && s.selected == "" && worst != lint.Error:
				t.Errorf("the client refuses it (%s), and that is no error", s.refused)
			case s.lint == "" && worst == lint.Error:
				t.Errorf("the client does what is written, and the rules %v are broken", broken)
			}
		})
	}
}
