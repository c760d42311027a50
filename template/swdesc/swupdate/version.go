package swupdate

import (
	"cmp"
	"strconv"
	"strings"
)

// Kind is how SWUpdate reads a version.
type Kind uint8

// The kinds. Two versions are compared as the first kind that both are of.
const (
	Numeric Kind = iota // numbers from 0 to 65535 with dots between them
	Semver              // major.minor.patch, with -pre and +build
	Text                // anything else, byte by byte
)

// String names the kind.
func (k Kind) String() string { return [...]string{"numeric", "semver", "text"}[k] }

// VersionKind returns the first kind that s is of.
func VersionKind(s string) Kind {
	if _, ok := parseNumeric(s); ok {
		return Numeric
	}
	if _, ok := parseSemver(s); ok {
		return Semver
	}
	return Text
}

// CompareVersions compares two versions as install-if-higher, install-if-different
// and the client's limits do: negative where a is lower, 0 where both are equal.
//
// Of numbers the first four count, and missing ones are 0: 1.2 equals 1.2.0.0.
// Of a semantic version the first three count, missing ones are 0, and the
// build counts for nothing: 1.2-rc.1 is lower than 1.2.0+7. Odd input is read
// as SWUpdate 2022.12 on a 64-bit machine does: empty numbers are dropped from
// numeric versions and are 0 in semantic ones, where numbers above 2147483647
// wrap around.
func CompareVersions(a, b string) int {
	if x, ok := parseNumeric(a); ok {
		if y, ok := parseNumeric(b); ok {
			return cmp.Compare(x, y)
		}
	}
	if x, ok := parseSemver(a); ok {
		if y, ok := parseSemver(b); ok {
			return x.compare(y)
		}
	}
	return strings.Compare(a, b)
}

const digits = "0123456789"

// parseNumeric packs four numbers of 16 bits into one.
func parseNumeric(s string) (n uint64, ok bool) {
	if s == "" || strings.Trim(s, digits+".") != "" {
		return 0, false
	}
	shift := 64
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '.' }) {
		if shift == 0 {
			break
		}
		v, err := strconv.ParseUint(field, 10, 16)
		if err != nil {
			return 0, false
		}
		shift -= 16
		n |= v << shift
	}
	return n, true
}

// semver is a semantic version without its build.
type semver struct {
	core   [3]int32
	pre    string
	hasPre bool // pre may be empty and still be there
}

const semverBytes = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.+"

func parseSemver(s string) (v semver, ok bool) {
	if s == "" || len(s) > MaxString || strings.Trim(s, semverBytes) != "" {
		return semver{}, false
	}
	s, _, _ = strings.Cut(s, "+")
	s, v.pre, v.hasPre = strings.Cut(s, "-")
	for i, field := range strings.Split(s, ".") {
		if i > len(v.core) { // a fourth number must be one, but counts no more
			break
		}
		if !isNumber(field) {
			return semver{}, false
		}
		if i < len(v.core) {
			v.core[i] = wrap(field)
		}
	}
	return v, true
}

// isNumber tells whether s has nothing but digits; none are a 0.
func isNumber(s string) bool { return strings.Trim(s, digits) == "" }

// wrap is the number that is left of s in 32 bits.
func wrap(s string) int32 {
	n, _ := strconv.ParseInt("0"+s, 10, 64) // beyond 64 bits it is the largest number
	return int32(n)
}

func (v semver) compare(w semver) int {
	for i := range v.core {
		if c := cmp.Compare(v.core[i], w.core[i]); c != 0 {
			return c
		}
	}
	switch {
	case v.hasPre && w.hasPre:
		return comparePre(v.pre, w.pre)
	case v.hasPre:
		return -1
	case w.hasPre:
		return 1
	}
	return 0
}

// comparePre orders what stands behind the minus, part by part (semver.org
// 2.0.0, item 11).
func comparePre(a, b string) int {
	more, moreB := true, true
	for more && moreB {
		var x, y string
		x, a, more = strings.Cut(a, ".")
		y, b, moreB = strings.Cut(b, ".")
		if c := comparePart(x, y); c != 0 {
			return c
		}
	}
	switch {
	case more:
		return 1
	case moreB:
		return -1
	}
	return 0
}

// comparePart orders numbers by value, and below all other text.
func comparePart(x, y string) int {
	switch nx, ny := isNumber(x), isNumber(y); {
	case nx && ny:
		return cmp.Compare(wrap(x), wrap(y))
	case nx:
		return -1
	case ny:
		return 1
	}
	return strings.Compare(x, y)
}
