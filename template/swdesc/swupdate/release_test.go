package swupdate

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

func TestParseRelease(t *testing.T) {
	for text, want := range map[string]Release{
		"2022.12": {2022, 12}, "2022.05": {2022, 5}, "2024.05.2": {2024, 5}, "2026.05.1": {2026, 5}, "newest": {2026, 5}, "2019.11": {2019, 11},
	} {
		r, err := ParseRelease(text)
		if err != nil || r != want {
			t.Errorf("%q: got %v, %v", text, r, err)
		}
	}
	for _, text := range []string{
		"", "2022", "2022.", "2022.5", "2022.13", "2022.11", "2018.11", "2027.05", "2022.12.", "2022.12.x", "2022.12.-1", "+022.12", "2022.012", "v2022.12", "latest", "2022.12 ",
	} {
		if r, err := ParseRelease(text); err == nil {
			t.Errorf("%q: got %v", text, r)
		}
	}
}

func TestParseReleaseError(t *testing.T) {
	_, err := ParseRelease("2022.13")
	var d diag.Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("%#v", err)
	}
	if want := `"2022.13" is no release of SWUpdate that is known: 2019.11, 2020.04,`; !strings.HasPrefix(d.Msg, want) {
		t.Errorf("got %s", d.Msg)
	}
	if want := "did you mean 2022.12?"; d.Hint != want {
		t.Errorf("hint %q", d.Hint)
	}
}

func TestReleaseOrder(t *testing.T) {
	all := Releases()
	if !slices.IsSortedFunc(all, Release.Compare) || all[0] != Oldest() || all[len(all)-1] != Newest() {
		t.Errorf("not in order: %v", all)
	}
	old, recent := Release{2022, 12}, Release{2023, 5}
	for name, ok := range map[string]bool{
		"before":                  old.Before(recent) && !recent.Before(old) && !old.Before(old),
		"has":                     recent.Has(old) && old.Has(old) && !old.Has(recent),
		"an unknown one is new":   Release{}.Has(Newest()) && Release{}.OrNewest() == Newest(),
		"an unknown one is older": Release{}.Before(Oldest()),
		"year before month":       Release{2022, 12}.Compare(Release{2023, 1}) < 0,
	} {
		if !ok {
			t.Error(name)
		}
	}
	all[0] = Release{}
	if Oldest() == (Release{}) {
		t.Error("the table can be changed from outside")
	}
}

func TestReleaseText(t *testing.T) {
	for _, r := range append(Releases(), Release{}) {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Release
		if err := json.Unmarshal(data, &back); err != nil || back != r {
			t.Errorf("%v: got %v from %s, %v", r, back, data, err)
		}
	}
	if err := new(Release).UnmarshalText([]byte("2022.13")); err == nil {
		t.Error("2022.13 is taken")
	}
}
