package swupdate

import (
	"strconv"
	"strings"
)

// ParseSize reads a size as SWUpdate's manual has it: a number, decimal, hex
// after 0x or octal after 0, and K, M or G for powers of 1024, which "i" or
// "iB" may follow. It is false for anything else.
func ParseSize(s string) (int64, bool) {
	n, ok, exact := ParseOffset(s, Newest())
	return n, ok && exact
}

// ParseOffset reads an offset or size that is text as a client of release r
// does. It is not ok where the client refuses it, and not exact where the
// client passes over some of the text: "16kb" is 16384 for all, "1.5K" is 1
// for older clients.
func ParseOffset(s string, r Release) (n int64, ok, exact bool) {
	digits, base := splitNumber(s)
	rest := s[len(s)-len(strings.TrimPrefix(s, digits)):]
	if n, err := strconv.ParseInt(strings.TrimPrefix(strings.ToLower(digits), "0x"), base, 64); err == nil {
		return scale(n, rest, r)
	}
	return 0, false, false
}

// splitNumber returns the longest number at the beginning of s, and its base.
func splitNumber(s string) (digits string, base int) {
	base, allowed, prefix := 10, "0123456789", ""
	switch {
	case len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X"):
		base, allowed, prefix = 16, "0123456789abcdefABCDEF", s[:2]
	case len(s) > 1 && s[0] == '0':
		base, allowed = 8, "01234567"
	}
	rest := strings.TrimLeft(s[len(prefix):], allowed)
	return s[:len(s)-len(rest)], base
}

// scale applies the suffix to n.
func scale(n int64, suffix string, r Release) (int64, bool, bool) {
	if suffix == "" {
		return n, true, true
	}
	shift := map[byte]uint{'k': 10, 'm': 20, 'g': 30}[suffix[0]|0x20]
	if shift == 0 {
		return n, !r.Has(strictSizes), false
	}
	if n > (1<<63-1)>>shift {
		return 0, false, false
	}
	unit := suffix[1:]
	return n << shift, true, unit == "" || unit == "i" || unit == "iB"
}

// strictSizes is the first release that refuses text behind a number that is
// no unit; 2022.12 passes over it.
var strictSizes = Release{2026, 5}

// TrueProperty tells whether a property that is a switch is on: for "true" and
// "TRUE", and nothing else.
func TrueProperty(s string) bool { return s == "true" || s == "TRUE" }

// DefaultHandler returns the handler of an entry without type; "" where the
// client refuses such an entry.
func DefaultHandler(section Section, hasVolume, hasDevice bool) string {
	switch {
	case section == Files:
		return "rawfile"
	case section == Scripts:
		return "lua"
	case section == Partitions:
		return "ubipartition"
	case section == Images && hasVolume:
		return "ubivol"
	case section == Images && hasDevice:
		return "raw"
	}
	return ""
}
