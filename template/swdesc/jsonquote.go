package swdesc

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoteJSON writes s, which is UTF-8, as a string of JSON: control characters
// with the short escapes where they have one, else as \u00XX; all other
// characters as they are.
func quoteJSON(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	done := 0
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			b.WriteString(s[done:i])
			b.WriteString(escapeJSON(c))
			done = i + 1
		}
	}
	b.WriteString(s[done:])
	b.WriteByte('"')
	return b.String()
}

func escapeJSON(c byte) string {
	switch c {
	case '"', '\\', '\n', '\r', '\t', '\f':
		return escape(c)
	case '\b':
		return `\b`
	}
	return fmt.Sprintf(`\u%04x`, c)
}

const escapeHint = `escapes are \" \\ \/ \b \f \n \r \t and \uXXXX; a backslash is written \\`

// jsonText is what the current token, a string, stands for. What json-c reads as
// something else than is written, it refuses: half a surrogate pair, which
// becomes U+FFFD, and NUL, at which C strings end.
func (p *parser) jsonText() string {
	body := p.src[p.tok.off+1 : p.tok.end-1]
	next := strings.IndexByte(body, '\\')
	if next < 0 {
		return body
	}
	var b strings.Builder
	b.Grow(len(body))
	at := 0
	for next >= 0 {
		b.WriteString(body[at : at+next])
		at += next
		r, n, wrong := unescapeJSON(body[at:])
		if wrong != "" {
			p.report(p.tok.off+1+at, escapeHint, "%s", wrong)
		}
		b.WriteRune(r)
		at += n
		next = strings.IndexByte(body[at:], '\\')
	}
	b.WriteString(body[at:])
	return b.String()
}

// unescapeJSON returns the character that s stands for, which begins with a
// backslash and goes on, how many bytes that took, and what is wrong with it.
func unescapeJSON(s string) (r rune, n int, wrong string) {
	switch s[1] {
	case '"', '\\', '/':
		return rune(s[1]), 2, ""
	case 'b':
		return '\b', 2, ""
	case 'f':
		return '\f', 2, ""
	case 'n':
		return '\n', 2, ""
	case 'r':
		return '\r', 2, ""
	case 't':
		return '\t', 2, ""
	case 'u':
		return unescapeUTF16(s)
	}
	_, n = utf8.DecodeRuneInString(s[1:])
	return utf8.RuneError, 1 + n, fmt.Sprintf("%q is no escape of JSON", s[:1+n])
}

// unescapeUTF16 reads \uXXXX, or two of them that are a surrogate pair.
func unescapeUTF16(s string) (r rune, n int, wrong string) {
	r, ok := codeUnit(s)
	switch {
	case !ok:
		return utf8.RuneError, 2, `\u is not followed by four hexadecimal digits`
	case r == 0:
		return r, 6, "string holds a NUL byte"
	case !utf16.IsSurrogate(r):
		return r, 6, ""
	}
	if second, ok := codeUnit(s[6:]); ok {
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, 12, ""
		}
	}
	return utf8.RuneError, 6, s[:6] + " is half a surrogate pair"
}

// codeUnit is the number that \uXXXX stands for.
func codeUnit(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(v), err == nil
}
