package swdesc

import (
	"math"
	"strconv"
	"strings"
)

// numberLen is the length of the number that s begins with: an optional sign,
// then digits for an integer, 0x and digits for a hexadecimal one (no sign), with
// L or LL behind either; a dot or an exponent makes it a float.
func numberLen(s string) (int, tokenKind) {
	if n := hexLen(s); n > 0 {
		return n + suffixLen(s[n:]), tokInt
	}
	i := 0
	if s[0] == '+' || s[0] == '-' {
		i++
	}
	digits := digitsLen(s[i:])
	i += digits
	if i < len(s) && s[i] == '.' {
		i += 1 + digitsLen(s[i+1:])
		return i + exponentLen(s[i:]), tokFloat
	}
	if digits == 0 {
		return 0, 0
	}
	if n := exponentLen(s[i:]); n > 0 {
		return i + n, tokFloat
	}
	return i + suffixLen(s[i:]), tokInt
}

func hexLen(s string) int {
	if len(s) < 3 || s[0] != '0' || s[1]|0x20 != 'x' {
		return 0
	}
	n := 2
	for n < len(s) && isHex(s[n]) {
		n++
	}
	if n == 2 {
		return 0
	}
	return n
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func exponentLen(s string) int {
	if s == "" || s[0]|0x20 != 'e' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := digitsLen(s[n:])
	if digits == 0 {
		return 0
	}
	return n + digits
}

func suffixLen(s string) int {
	switch {
	case strings.HasPrefix(s, "LL"):
		return 2
	case strings.HasPrefix(s, "L"):
		return 1
	}
	return 0
}

// number reads an integer token. A leading zero means nothing: 010 is ten.
// Without the L, a number beyond 32 bits is marked, see Int.Overflows; one beyond
// 64 bits is an error, as no release reads it as written.
func (p *parser) number(t token) *Int {
	raw := p.src[t.off:t.end]
	digits := strings.TrimRight(raw, "L")
	n := &Int{source: source{t.off, raw}, long: len(digits) < len(raw), hex: hexLen(digits) > 0}
	var fits bool
	var err error
	if n.hex {
		n.value, fits, err = parseHex(digits[2:])
	} else {
		n.value, err = strconv.ParseInt(digits, 10, 64)
		fits = isInt32(n.value)
	}
	if err != nil {
		p.report(t.off, "", "integer %s does not fit 64 bits", clip(raw))
	}
	n.overflows = !fits && !n.long
	return n
}

func isInt32(v int64) bool { return v == int64(int32(v)) }

// parseHex reads hexadecimal digits as the 64-bit pattern they are: libconfig
// reads 0xFFFFFFFFFFFFFFFFL as -1. fits tells whether they are a number of 32
// bits, of which libconfig takes the sign from the highest, too.
func parseHex(digits string) (v int64, fits bool, err error) {
	u, err := strconv.ParseUint(digits, 16, 64)
	return int64(u), u <= math.MaxInt32, err
}

// float reads a float token. libconfig reads "." as zero and overflows to
// infinity; neither is a number anybody means.
func (p *parser) float(t token) *Float {
	raw := p.src[t.off:t.end]
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) {
		p.report(t.off, "", "%s is not a number", clip(raw))
	}
	return &Float{source: source{t.off, raw}, value: v}
}
