package swupdate

import (
	"strings"
	"testing"
)

func TestMatchHardware(t *testing.T) {
	for _, test := range []struct {
		entry, revision string
		want            bool
	}{
		{"1.0", "1.0", true}, {"1.0", "1.0.0", false}, {"1", "1.0", false}, {"", "", true}, {"#re:1", "1", false}, {"#RE:1", "2.1", true}, {"#RE:^1", "2.1", false},
		{`#RE:^1\.[0-9]+$`, "1.12", true}, {`#RE:^1\.[0-9]+$`, "1.12a", false}, {"#RE:^(a|b){2}$", "ba", true}, {"#RE:^[[:digit:]]$", "7", true}, {"#RE:", "any", true},
		{`#RE:^a\{,2}$`, "a{,2}", true},
	} {
		if got, err := MatchHardware(test.entry, test.revision); got != test.want || err != nil {
			t.Errorf("%q, %q: %v, %v", test.entry, test.revision, got, err)
		}
	}
	for entry, want := range map[string]string{
		"#RE:(": "missing closing )", `#RE:\d`: "invalid escape sequence", "#RE:a{,2}": "a minimum is missing", "#RE:[": "missing closing ]", "#RE:a{9999}": "invalid repeat count",
	} {
		got, err := MatchHardware(entry, "1")
		if got || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "is no portable POSIX extended regular expression: ") {
			t.Errorf("%q: %v, %v", entry, got, err)
		}
	}
}

func TestAnchored(t *testing.T) {
	for entry, want := range map[string]bool{
		"1.0": true, "#RE:^1$": true, "#RE:1": false, "#RE:^1": false, "#RE:1$": false, `#RE:^1\$`: false, `#RE:^1\\$`: true, "#RE:": false, "#RE:^$": true, "#RE:^1|2$": false, "#RE:^(1|2)$": true,
		"#RE:^[|]$": true, `#RE:^1\|2$`: true, "#RE:^": false, "#RE:^1$|^2$": true, "#RE:(^1$)|(^2$)": false, `#RE:^a\\|b$`: false, "#RE:^[]|]$": true, "#RE:^[^]|]$": true,
	} {
		if got := Anchored(entry); got != want {
			t.Errorf("%q: %v", entry, got)
		}
	}
}

func FuzzMatchHardware(f *testing.F) {
	f.Add(`#RE:^1\.[0-9]$`, "1.2")
	f.Add("#RE:((a{9}){9}){9}", "a")
	f.Add("#RE:[", "[")
	f.Fuzz(func(t *testing.T, entry, revision string) {
		matches, err := MatchHardware(entry, revision)
		if err != nil && (matches || !strings.HasPrefix(entry, "#RE:")) {
			t.Errorf("%q: %v, %v", entry, matches, err)
		}
		Anchored(entry)
	})
}
