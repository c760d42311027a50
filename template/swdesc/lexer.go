package swdesc

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is a kind of token; punctuation is its own byte.
type tokenKind byte

const (
	tokEOF tokenKind = iota
	tokName
	tokBool
	tokInt
	tokFloat
	tokString
	tokNull
	tokGarbage
)

// token is one word of the text. The white space and comments before it are
// src[lead:off], the token itself src[off:end].
type token struct {
	kind           tokenKind
	lead, off, end int
}

// lexer cuts the source into tokens. How is a matter of the format: skipTrivia
// moves past what means nothing, scan past one token.
type lexer struct {
	src        string
	at         int
	cut        bool // the text ended inside a comment or a string
	commented  bool // a comment in JSON has been reported
	skipTrivia func()
	scan       func() tokenKind
	report     func(off int, hint, format string, args ...any)
	hint       func() string // for a string that is not closed
}

func (l *lexer) next() token {
	t := token{lead: l.at}
	l.skipTrivia()
	t.off = l.at
	t.kind = l.scan()
	t.end = l.at
	return t
}

// libconfigTrivia moves past white space and comments.
func (l *lexer) libconfigTrivia() {
	for l.at < len(l.src) {
		n, closed := triviaLen(l.src[l.at:])
		if n == 0 {
			return
		}
		if !closed {
			l.reportComment()
		}
		l.at += n
	}
}

func (l *lexer) reportComment() {
	if strings.HasPrefix(l.src[l.at:], "/*") {
		l.report(l.at, "", "comment is not closed")
		l.cut = true
		return
	}
	l.report(l.at, "end the file with a line end", "comment in a last line that has no line end")
}

// triviaLen is the length of the white space character or comment that s begins
// with, and whether a comment ends as it must.
func triviaLen(s string) (n int, closed bool) {
	switch {
	case isSpace(s[0]):
		return 1, true
	case s[0] == '#' || strings.HasPrefix(s, "//"):
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end + 1, true
		}
		return len(s), false
	case strings.HasPrefix(s, "/*"):
		if end := strings.Index(s[2:], "*/"); end >= 0 {
			return end + 4, true
		}
		return len(s), false
	}
	return 0, true
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}

// libconfigToken moves past one token, the longest at each place as libconfig's
// scanner does: "5a" is the integer 5 and the name a.
func (l *lexer) libconfigToken() tokenKind {
	if l.at == len(l.src) {
		return tokEOF
	}
	rest := l.src[l.at:]
	if n, kind := numberLen(rest); n > 0 {
		l.at += n
		return kind
	}
	if n := nameLen(rest); n > 0 {
		l.at += n
		return nameKind(rest[:n])
	}
	switch c := rest[0]; c {
	case '"':
		return l.scanString()
	case '=', ':', ',', ';', '{', '}', '(', ')', '[', ']':
		l.at++
		return tokenKind(c)
	}
	return l.garbage()
}

// garbage moves past one character that begins no token.
func (l *lexer) garbage() tokenKind {
	_, n := utf8.DecodeRuneInString(l.src[l.at:])
	l.at += n
	return tokGarbage
}

func (l *lexer) scanString() tokenKind {
	for i := l.at + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case '"':
			l.at = i + 1
			return tokString
		}
	}
	l.report(l.at, l.hint(), "string is not closed")
	l.cut = true
	l.at = len(l.src)
	return tokEOF
}

// nameLen is the length of the name that s begins with.
func nameLen(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n], n == 0) {
		n++
	}
	return n
}

func isNameByte(c byte, first bool) bool {
	if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '*' {
		return true
	}
	return !first && (isDigit(c) || c == '-' || c == '_')
}

// nameKind tells the two words that are not names, in any letter case.
func nameKind(word string) tokenKind {
	if strings.EqualFold(word, "true") || strings.EqualFold(word, "false") {
		return tokBool
	}
	return tokName
}
