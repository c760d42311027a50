package swupdate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Release is a release of SWUpdate, named after the month it was made in. The
// zero Release is an unknown one.
type Release struct{ Year, Month int }

// releases are those that the tables know, in order.
var releases = []Release{
	{2019, 11}, {2020, 4}, {2020, 11}, {2021, 4}, {2021, 11}, {2022, 5}, {2022, 12}, {2023, 5},
	{2023, 12}, {2024, 5}, {2024, 12}, {2025, 5}, {2025, 12}, {2026, 5},
}

// Releases returns the releases that the tables know, the oldest first.
func Releases() []Release { return slices.Clone(releases) }

// Oldest returns the first release that the tables know. What they say to be in
// it may be older.
func Oldest() Release { return releases[0] }

// Newest returns the last release that the tables know.
func Newest() Release { return releases[len(releases)-1] }

// ParseRelease reads a release such as "2022.12" or "newest". The number of a
// later mend, as in "2024.05.2", is allowed and has no meaning here.
func ParseRelease(s string) (Release, error) {
	if s == "newest" {
		return Newest(), nil
	}
	year, rest, _ := strings.Cut(s, ".")
	month, mend, mended := strings.Cut(rest, ".")
	r := Release{Year: number(year, 4), Month: number(month, 2)}
	if !slices.Contains(releases, r) || mended && number(mend, len(mend)) < 0 {
		return Release{}, unknownRelease(s)
	}
	return r, nil
}

// number reads a decimal number of so many digits; what is none is -1.
func number(s string, digits int) int {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || len(s) != digits {
		return -1
	}
	return int(n)
}

func unknownRelease(s string) error {
	names := make([]string, len(releases))
	for i, r := range releases {
		names[i] = r.String()
	}
	return diag.Diagnostic{
		Msg:  fmt.Sprintf("%q is no release of SWUpdate that is known: %s", s, strings.Join(names, ", ")),
		Hint: diag.DidYouMean(s, names),
	}
}

// String formats r as SWUpdate does, "2022.05"; the zero Release is "".
func (r Release) String() string {
	if r == (Release{}) {
		return ""
	}
	return fmt.Sprintf("%d.%02d", r.Year, r.Month)
}

// MarshalText is String.
func (r Release) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is ParseRelease; an empty text is the zero Release.
func (r *Release) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*r = Release{}
		return nil
	}
	*r, err = ParseRelease(string(text))
	return err
}

// Compare is negative where r is older than other, positive where it is newer.
// The zero Release is older than all.
func (r Release) Compare(other Release) int {
	return cmp.Or(cmp.Compare(r.Year, other.Year), cmp.Compare(r.Month, other.Month))
}

// Before tells whether r is older than other.
func (r Release) Before(other Release) bool { return r.Compare(other) < 0 }

// Has tells whether a client of release r has what came with release since.
// A client whose release is unknown is taken for one of the newest.
func (r Release) Has(since Release) bool { return !r.OrNewest().Before(since) }

// OrNewest is r, or the newest release where r is the zero Release.
func (r Release) OrNewest() Release {
	if r == (Release{}) {
		return Newest()
	}
	return r
}
