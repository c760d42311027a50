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
	Numeric Kind = iota // up to four numbers from 0 to 65535, with dots between them
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
// What is missing of a number counts as 0, so that 1.2 equals 1.2.0.0; from the
// fifth number on nothing counts.
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

// parseNumeric packs four numbers of 16 bits into one.
func parseNumeric(s string) (n uint64, ok bool) {
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	for i, field := range strings.Split(s, ".") {
		v, err := strconv.ParseUint("0"+field, 10, 64)
		if err != nil || v > 0xffff {
			return 0, false
		}
		if i < 4 {
			n |= v << (48 - 16*i)
		}
	}
	return n, true
}

// semver is a semantic version without its build.
type semver struct {
	core [3]int64
	pre  string
}

const semverBytes = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.+"

func parseSemver(s string) (v semver, ok bool) {
	if s == "" || len(s) > MaxString || strings.Trim(s, semverBytes) != "" {
		return semver{}, false
	}
	s, _, _ = strings.Cut(s, "+")
	s, v.pre, _ = strings.Cut(s, "-")
	fields := strings.Split(s, ".")
	if len(fields) > len(v.core) {
		return semver{}, false
	}
	for i, field := range fields {
		n, err := strconv.ParseInt(field, 10, 32)
		if err != nil {
			return semver{}, false
		}
		v.core[i] = n
	}
	return v, true
}

func (v semver) compare(w semver) int {
	for i := range v.core {
		if c := cmp.Compare(v.core[i], w.core[i]); c != 0 {
			return c
		}
	}
	return comparePre(v.pre, w.pre)
}

// comparePre orders what stands behind the minus: nothing is the highest.
func comparePre(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return strings.Compare(a, b)
}
