package template

import "strings"

// lexer cuts a description into the tokens that show where comments, strings,
// groups and the values of settings are. It knows no more of the grammar than
// that, and takes whatever else there is as it comes.
type lexer struct {
	src  string
	json bool // there are no comments
	off  int
}

type tokenKind int

const (
	tokenSign    tokenKind = iota // a single byte of no other kind
	tokenWord                     // a name or a number
	tokenString                   // quotes included; the closing one may be missing
	tokenComment                  // without the line end behind it
)

type token struct {
	kind       tokenKind
	start, end int
}

func newLexer(src string) *lexer {
	return &lexer{src: src, json: isJSON(src)}
}

// isJSON reports whether src is a description in JSON: libconfig has no
// document that begins with a brace.
func isJSON(src string) bool {
	return strings.HasPrefix(strings.TrimLeft(src, " \t\r\n"), "{")
}

// next returns the next token; ok is false at the end of the text.
func (l *lexer) next() (t token, ok bool) {
	for l.off < len(l.src) && isBlank(l.src[l.off]) {
		l.off++
	}
	if l.off == len(l.src) {
		return token{}, false
	}
	t = token{kind: tokenSign, start: l.off, end: l.off + 1}
	c := l.src[l.off]
	switch {
	case c == '"':
		t.kind, t.end = tokenString, l.stringEnd()
	case l.commentEnd() > 0:
		t.kind, t.end = tokenComment, l.commentEnd()
	case isNameByte(c):
		t.kind, t.end = tokenWord, l.wordEnd()
	}
	l.off = t.end
	return t, true
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

func (l *lexer) stringEnd() int {
	for i := l.off + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(l.src)
}

func (l *lexer) wordEnd() int {
	i := l.off
	for i < len(l.src) && isNameByte(l.src[i]) {
		i++
	}
	return i
}

// commentEnd is the end of the comment that begins here, or 0 where none does.
func (l *lexer) commentEnd() int {
	rest := l.src[l.off:]
	switch {
	case l.json:
		return 0
	case strings.HasPrefix(rest, "#"), strings.HasPrefix(rest, "//"):
		return l.off + lengthUntil(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		const open, shut = "/*", "*/"
		return min(l.off+len(open)+lengthUntil(rest[len(open):], shut)+len(shut), len(l.src))
	}
	return 0
}

// lengthUntil is how much of s stands before the first mark.
func lengthUntil(s, mark string) int {
	before, _, _ := strings.Cut(s, mark)
	return len(before)
}

// comments lists the comments of src.
func comments(src string) []token {
	var found []token
	l := newLexer(src)
	for t, ok := l.next(); ok; t, ok = l.next() {
		if t.kind == tokenComment {
			found = append(found, t)
		}
	}
	return found
}

// content is where the text between the quotes of a string begins and ends, and
// whether its closing quote is there.
func (l *lexer) content(t token) (start, end int, closed bool) {
	start, end = t.start+1, t.end
	text := l.src[start:end]
	if body, ok := strings.CutSuffix(text, `"`); ok && !endsEscaped(body) {
		return start, end - 1, true
	}
	return start, end, false
}

// endsEscaped reports whether s ends in a backslash that takes away the meaning
// of what follows.
func endsEscaped(s string) bool {
	backslashes := len(s) - len(strings.TrimRight(s, `\`))
	return backslashes%2 == 1
}
