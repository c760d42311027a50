package swupdate

import (
	"strings"
	"testing"
)

func TestVersionKind(t *testing.T) {
	for version, want := range map[string]Kind{
		"1": Numeric, "1.2.3.4": Numeric, "1.2.3.4.70000": Numeric, "65535": Numeric, ".": Numeric, "1..2": Numeric, "01.02": Numeric,
		"65536": Semver, "1.2.3.70000": Semver, "1.0.0-rc.1": Semver, "1.0+7": Semver, "1-a": Semver, "-": Semver, "20240101": Semver, "1.2.3.4.x": Semver,
		"": Text, "v1.0.0": Text, "1.0 ": Text, "1.x": Text, "1.2.3.x": Text, "1.0.0~rc1": Text, "ä": Text, "1_0": Text, strings.Repeat("1", 256) + "-a": Text,
	} {
		if got := VersionKind(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}

// Every line is in ascending order; = joins what is equal.
func TestCompareVersions(t *testing.T) {
	for _, line := range []string{
		". = 0 < 0.1 < .1 = 1 = 1.0 = 1.0.0.0 = 01 < 1.0.2 < 1.2 = 1..2 < 1.9 < 1.10 < 2 < 10",
		"1.2.3.4 = 1.2.3.4.5 = 1.2.3.4.70000 < 1.2.3.5",
		"1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0",
		"1.0.0- = 1.0.0-0 = 1.0.0-00 < 1.0.0-9 < 1.0.0-10 < 1.0.0-1a < 1.0.0-A < 1.0.0-a < 1.0.0 = 1.0.0+1 = 1.0.0+2",
		"1.0-a = 1.0.0-a = 1.-a = 1-a < 1.0 = 1+b",
		"2024.01.01-3 < 2024.01.01-12",
		"1.2.3.9 = 1.2.3.70000", // the last one is semantic, and so the third number is the last that counts
		"1.65535 < 1.65536 < 1.65537 < 2.0.0",
		"3000000000.0.0 < 99999999999999999999 < 4294967296.0.0 = 0 < 9", // wrapped around
		"1.0.0~rc1 < v1.0.10 < v1.0.2 < v2",
		"2 < v1",
	} {
		checkOrder(t, strings.Fields(line))
	}
}

// checkOrder compares neighbours, and what they say about the others.
func checkOrder(t *testing.T, line []string) {
	t.Helper()
	for i := 0; i+2 < len(line); i += 2 {
		want := map[string]int{"<": -1, "=": 0}[line[i+1]]
		if got := CompareVersions(line[i], line[i+2]); got != want {
			t.Errorf("%s, %s: %d, want %d", line[i], line[i+2], got, want)
		}
		if got := CompareVersions(line[i+2], line[i]); got != -want {
			t.Errorf("%s, %s: %d, want %d", line[i+2], line[i], got, -want)
		}
	}
}

func FuzzCompareVersions(f *testing.F) {
	f.Add("1.2.3", "1.2.3-rc.1")
	f.Add("1..2", "99999999999999999999.-")
	f.Add("v1", "1.0.0-a..b+c")
	f.Fuzz(func(t *testing.T, a, b string) {
		if CompareVersions(a, a) != 0 || CompareVersions(a, b) != -CompareVersions(b, a) {
			t.Errorf("%q, %q: %d, %d", a, b, CompareVersions(a, b), CompareVersions(b, a))
		}
		if VersionKind(a) == Text && a != b && CompareVersions(a, b) == 0 {
			t.Errorf("%q equals %q", a, b)
		}
	})
}
