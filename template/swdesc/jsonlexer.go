package swdesc

import "strings"

// jsonTrivia moves past white space. Comments are reported, the first one only,
// and passed over: where there is one there are more.
func (l *lexer) jsonTrivia() {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.at++
		case c == '#' || strings.HasPrefix(l.src[l.at:], "//") || strings.HasPrefix(l.src[l.at:], "/*"):
			if !l.commented {
				l.report(l.at, "JSON has no comments", "comment in a JSON file")
			}
			l.commented = true
			n, _ := triviaLen(l.src[l.at:])
			l.at += n
		default:
			return
		}
	}
}

// jsonToken moves past one token. Whatever looks like a number or a word is one
// token up to its end, so that messages name it whole.
func (l *lexer) jsonToken() tokenKind {
	if l.at == len(l.src) {
		return tokEOF
	}
	switch c := l.src[l.at]; c {
	case '"':
		return l.jsonString()
	case ':', ',', '{', '}', '[', ']':
		l.at++
		return tokenKind(c)
	}
	n := wordLen(l.src[l.at:])
	if n == 0 {
		return l.garbage()
	}
	word := l.src[l.at : l.at+n]
	l.at += n
	return jsonWord(word)
}

// wordLen is the length of the letters, digits and signs that s begins with.
func wordLen(s string) int {
	n := 0
	for n < len(s) && (isNameByte(s[n], false) || s[n] == '+' || s[n] == '.') {
		n++
	}
	return n
}

func jsonWord(word string) tokenKind {
	switch word {
	case "true", "false":
		return tokBool
	case "null":
		return tokNull
	}
	if n, kind := jsonNumberLen(word); n == len(word) {
		return kind
	}
	return tokName
}

// jsonNumberLen is the length of the number that s begins with: an optional
// minus, digits without a leading zero; with a fraction or an exponent it is a
// float (RFC 8259, section 6).
func jsonNumberLen(s string) (int, tokenKind) {
	sign := 0
	if strings.HasPrefix(s, "-") {
		sign = 1
	}
	digits := digitsLen(s[sign:])
	if digits == 0 || digits > 1 && s[sign] == '0' {
		return 0, 0
	}
	n, kind := sign+digits, tokInt
	if strings.HasPrefix(s[n:], ".") {
		fraction := digitsLen(s[n+1:])
		if fraction == 0 {
			return n, kind
		}
		n, kind = n+1+fraction, tokFloat
	}
	if e := exponentLen(s[n:]); e > 0 {
		return n + e, tokFloat
	}
	return n, kind
}

// jsonString moves past a string. A line end inside means that the quote before
// or behind it is missing, and where strings begin and end is lost.
func (l *lexer) jsonString() tokenKind {
	for i := l.at + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '"':
			l.at = i + 1
			return tokString
		case c == '\\':
			i++
		case c == '\n':
			l.report(l.at, `close it, or write \n for a line end`, "string is not closed on its line")
			return l.cutShort()
		case c < ' ':
			l.report(i, "write "+escapeJSON(c), "string holds the control byte %#02x", c)
		}
	}
	l.report(l.at, "", "string is not closed")
	return l.cutShort()
}

// cutShort gives up the rest of the text.
func (l *lexer) cutShort() tokenKind {
	l.cut = true
	l.at = len(l.src)
	return tokEOF
}
