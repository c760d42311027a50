package swdesc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const nameHint = `names begin with a letter or "*" and go on with letters, digits, "-", "_" and "*"`

// skip moves to where parsing can go on after an error: a terminator, a closing
// bracket, or a name that begins a line (in JSON a string), none of them inside
// further brackets.
func (p *parser) skip() {
	name := p.format.nameToken()
	for depth := 0; p.tok.kind != tokEOF; p.advance() {
		switch p.tok.kind {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth == 0 {
				return
			}
			depth--
		case ';', ',':
			if depth == 0 {
				return
			}
		case name:
			if depth == 0 && strings.Contains(p.lead(), "\n") {
				return
			}
		}
	}
}

// skipSetting moves behind the setting that could not be read.
func (p *parser) skipSetting() {
	p.skip()
	if p.tok.kind == ';' || p.tok.kind == ',' {
		p.advance()
	}
}

// reportNoSetting complains about a token that begins no setting.
func (p *parser) reportNoSetting() {
	off := p.tok.off
	switch {
	case strings.HasPrefix(p.src[off:], "@include"):
		p.report(off, "put the text of the other file here", "@include is not allowed in a sw-description")
	case p.tok.kind == ';' || p.tok.kind == ',':
		p.report(off, "one terminator is enough", "%s ends no setting", p.found())
	case p.tok.kind == tokBool:
		p.report(off, "", "%s is a value and cannot name a setting", p.found())
	case p.tok.kind == tokInt || p.tok.kind == tokFloat || p.text() == "_" || p.text() == "-":
		p.report(off, nameHint, "expected the name of a setting, found %s", p.found())
	default:
		p.report(off, p.quoteHint(), "expected the name of a setting, found %s", p.found())
	}
}

// reportNoValue complains about a token that begins no value.
func (p *parser) reportNoValue() {
	hint := p.quoteHint()
	switch word := p.text(); {
	case p.tok.kind == tokName && isSwitch(word):
		hint = "booleans are true and false"
	case p.tok.kind == tokName || word == "'":
		hint = "strings stand in double quotes"
	}
	p.report(p.tok.off, hint, "expected a value, found %s", p.found())
}

func isSwitch(word string) bool {
	switch strings.ToLower(word) {
	case "yes", "no", "on", "off":
		return true
	}
	return false
}

// quoteHint suspects the string before an error where it has a line end in it:
// with a quote missing, it took in the text up to the next one.
func (p *parser) quoteHint() string {
	t := p.lastString
	if strings.Contains(p.src[t.off:t.end], "\n") {
		return "the string before runs over a line end: is its closing quote missing?"
	}
	return ""
}

// found names the current token in a message.
func (p *parser) found() string {
	switch p.tok.kind {
	case tokEOF:
		return "the end of the file"
	case tokString:
		return "a string"
	}
	return fmt.Sprintf("%q", clip(p.text()))
}

// clip keeps messages short whatever the text holds.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	end := 37
	for end > 33 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}
