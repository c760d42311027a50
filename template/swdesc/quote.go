package swdesc

import (
	"fmt"
	"strings"
)

// quote writes s as a string that every libconfig release reads back alike:
// control bytes as \xHH in lower case but for those with an escape of their own.
func quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := range len(s) {
		b.WriteString(escape(s[i]))
	}
	b.WriteByte('"')
	return b.String()
}

func escape(c byte) string {
	switch c {
	case '"', '\\':
		return `\` + string(rune(c))
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	case '\f':
		return `\f`
	}
	if c < ' ' || c == 0x7f {
		return fmt.Sprintf(`\x%02x`, c)
	}
	return string([]byte{c})
}

// unquote resolves the escapes of s, which stands between quotes. nul is the
// place of an escaped NUL, which libconfig 1.5 leaves out of the string, or -1.
func unquote(s string) (text string, nul int) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, -1
	}
	var b strings.Builder
	b.Grow(len(s))
	nul = -1
	for i := 0; i < len(s); {
		c, n := unescape(s[i:])
		if n > 2 && c == 0 {
			nul = i
		}
		b.WriteByte(c)
		i += n
	}
	return b.String(), nul
}

// unescape returns the first byte that s stands for and how many bytes of s that
// took. A backslash that begins no escape stands for itself.
func unescape(s string) (c byte, n int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'f':
		return '\f', 2
	case '\\', '"':
		return s[1], 2
	case 'x', 'X':
		if len(s) >= 4 && isHex(s[2]) && isHex(s[3]) {
			return hexDigit(s[2])<<4 | hexDigit(s[3]), 4
		}
	}
	return '\\', 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hexDigit(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
