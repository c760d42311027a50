package pkgdata

import (
	"strconv"
	"strings"
)

// unescape undoes Python's unicode_escape. A backslash that begins no escape
// stands for itself.
func unescape(s string) string {
	var b strings.Builder
	for {
		n := strings.IndexByte(s, '\\')
		if n < 0 || n == len(s)-1 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:n])
		text, length := escaped(s[n:])
		b.WriteString(text)
		s = s[n+length:]
	}
}

// escaped decodes the escape that s begins with, and says how long it is.
func escaped(s string) (text string, length int) {
	switch s[1] {
	case '\\', '\'', '"':
		return s[1:2], 2
	case 'n':
		return "\n", 2
	case 't':
		return "\t", 2
	case 'r':
		return "\r", 2
	case 'x':
		return codePoint(s, 2)
	case 'u':
		return codePoint(s, 4)
	case 'U':
		return codePoint(s, 8)
	}
	return s[:1], 1
}

// codePoint decodes the number of so many hexadecimal digits behind s[:2].
func codePoint(s string, digits int) (text string, length int) {
	if len(s) < 2+digits {
		return s[:1], 1
	}
	n, err := strconv.ParseUint(s[2:2+digits], 16, 32)
	if err != nil || n > 0x10ffff {
		return s[:1], 1
	}
	return string(rune(n)), 2 + digits
}
