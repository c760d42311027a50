package swupdate

import (
	"strconv"
	"strings"
)

// ParseSize reads a size or an offset that is text: a number, decimal, hex
// after 0x or octal after 0, and K, M or G for powers of 1024, behind which "i"
// or "iB" may stand. It is false for everything that a release of SWUpdate
// refuses, reads otherwise, or passes over in part: lower-case m and g among
// them, while k is the same as K.
func ParseSize(s string) (int64, bool) {
	for _, r := range []Release{Oldest(), Newest()} {
		if _, ok, exact := ParseOffset(s, r); !ok || !exact {
			return 0, false
		}
	}
	n, _, _ := ParseOffset(s, Newest())
	return n, true
}

// strictSizes is the first release known to refuse text behind a number, and to
// know m and g as units. 2022.12 passes over such text; releases between the
// two are taken to be like it.
var strictSizes = Release{2026, 5}

// ParseOffset reads a size or an offset that is text as a client of release r
// does. It is not ok where the client refuses it, and not exact where the
// client passes over some of the text: "16kb" is 16384 for all, and "1.5K" and
// "1m" are 1 for older clients.
func ParseOffset(s string, r Release) (n int64, ok, exact bool) {
	if s == "" {
		return 0, true, false // as if the attribute were not there
	}
	text := strings.TrimPrefix(strings.TrimLeft(s, " \t\n\v\f\r"), "+")
	digits, base, rest := splitNumber(text)
	n, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return 0, false, false
	}
	n, ok, exact = scale(n, rest, r)
	return n, ok, exact && text == s
}

// splitNumber cuts s behind the number that it begins with, as C does.
func splitNumber(s string) (number string, base int, rest string) {
	base, allowed := 10, digits
	if hex := strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X"); len(hex) == len(s)-2 && leading(hex, hexDigits) > 0 {
		s, base, allowed = hex, 16, hexDigits
	} else if strings.HasPrefix(s, "0") {
		base, allowed = 8, digits[:8]
	}
	end := leading(s, allowed)
	return s[:end], base, s[end:]
}

const hexDigits = digits + "abcdefABCDEF"

// leading is how many bytes at the beginning of s are in set.
func leading(s, set string) int { return len(s) - len(strings.TrimLeft(s, set)) }

// scale applies the unit behind n.
func scale(n int64, unit string, r Release) (scaled int64, ok, exact bool) {
	if unit == "" {
		return n, true, true
	}
	shift := unitShift(unit[0], r)
	if shift == 0 {
		return n, !r.Has(strictSizes), false
	}
	if n > (1<<63-1)>>shift {
		return 0, false, false
	}
	rest := unit[1:]
	return n << shift, true, rest == "" || rest == "i" || rest == "iB"
}

// unitShift is the power of two that a unit stands for; 0 where it is none.
func unitShift(unit byte, r Release) uint {
	switch {
	case unit == 'K' || unit == 'k':
		return 10
	case unit == 'M' || unit == 'm' && r.Has(strictSizes):
		return 20
	case unit == 'G' || unit == 'g' && r.Has(strictSizes):
		return 30
	}
	return 0
}
