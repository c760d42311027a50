package swdesc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// maxErrors is how many errors are reported before the rest of a file is left
// alone: it may not be a description at all.
const maxErrors = 20

// maxTokens bounds the tree of a hostile file, whose nodes take fifty times the
// memory of "{},". The 5 MB that were seen to work on a device have half as many.
const maxTokens = 1 << 20

const byteOrderMark = "\uFEFF"

// Parse reads a sw-description in libconfig's syntax. The error is
// [SyntaxErrors]: parsing goes on behind an error where the text allows it, so
// that several are reported at once. Time and memory are linear in the size of
// src, of which Parse keeps a copy, and bounded beyond that: a file of more than
// 2^20 tokens is refused.
func Parse(src []byte) (*Document, error) {
	return ParseAs(src, Libconfig)
}

// ParseAs reads a sw-description in the given format, as [Parse] does.
func ParseAs(src []byte, format Format) (*Document, error) {
	p := newParser(string(src), format)
	doc := &Document{Format: format, Root: &Group{format: format}, src: p.src}
	if p.checkBytes() {
		p.advance()
		p.file(doc)
	}
	if len(p.errs) > 0 {
		slices.SortStableFunc(p.errs, func(a, b *SyntaxError) int { return cmp.Compare(a.Offset, b.Offset) })
		return nil, p.errs
	}
	doc.lines = diag.NewLines("", src)
	return doc, nil
}

// ParseAny reads a sw-description in the format that it is evidently in, see
// [Detect], so that its errors are those of that format.
func ParseAny(src []byte) (*Document, error) {
	return ParseAs(src, Detect(src))
}

// parser builds the tree, one token ahead.
type parser struct {
	src        string
	format     Format
	lex        lexer
	tok        token
	lastString token // the last string passed, for a hint about its quotes
	depth      int
	tokens     int // passed so far
	errs       SyntaxErrors
	stopped    bool // the rest of the text is not looked at
}

func newParser(src string, format Format) *parser {
	p := &parser{src: src, format: format}
	p.lex = lexer{src: src, report: p.report, hint: p.quoteHint}
	p.lex.skipTrivia, p.lex.scan = p.lex.libconfigTrivia, p.lex.libconfigToken
	if format == JSON {
		p.lex.skipTrivia, p.lex.scan = p.lex.jsonTrivia, p.lex.jsonToken
	}
	return p
}

// file reads all there is.
func (p *parser) file(doc *Document) {
	if p.format == JSON {
		p.jsonFile(doc)
		return
	}
	p.settings(doc.Root, tokEOF)
}

// checkBytes refuses what makes the rest of the text meaningless.
func (p *parser) checkBytes() bool {
	if strings.HasPrefix(p.src, byteOrderMark) {
		p.report(0, "save the file as UTF-8 without it", "file begins with a byte order mark")
		p.lex.at = len(byteOrderMark)
	}
	nul := strings.IndexByte(p.src, 0)
	if nul >= 0 {
		p.report(nul, "", "file holds a NUL byte")
	}
	return nul < 0
}

// report notes an error, unless the parser has stopped or complained about the
// same place just before: what it finds then only follows from an error already
// reported.
func (p *parser) report(off int, hint, format string, args ...any) {
	if n := len(p.errs); p.stopped || n > 0 && p.errs[n-1].Offset == off {
		return
	}
	p.errs = append(p.errs, &SyntaxError{Offset: off, Msg: fmt.Sprintf(format, args...), Hint: hint})
	if len(p.errs) == maxErrors {
		p.stopped = true
	}
}

// advance moves to the next token.
func (p *parser) advance() {
	if p.tok.kind == tokString {
		p.lastString = p.tok
	}
	if p.tokens++; p.tokens == maxTokens {
		p.report(p.tok.off, "", "file has more than %d names, values and signs", maxTokens)
		p.stopped = true
	}
	if p.stopped {
		p.lex.at = len(p.src)
	}
	p.tok = p.lex.next()
	p.stopped = p.stopped || p.lex.cut
}

// lead is the white space and the comments before the current token.
func (p *parser) lead() string {
	return p.src[p.tok.lead:p.tok.off]
}

// text is the current token as written.
func (p *parser) text() string {
	return p.src[p.tok.off:p.tok.end]
}

// settings reads the settings of g up to the token that ends it.
func (p *parser) settings(g *Group, end tokenKind) {
	for {
		switch p.tok.kind {
		case tokName:
			p.setting(g)
		case end:
			g.tail = p.lead()
			return
		case tokEOF:
			p.report(g.off, "", `group has no closing "}"`)
			return
		case '}', ')', ']':
			if end == '}' {
				p.report(p.tok.off, "", `expected "}" of the group before %s`, p.found())
				return
			}
			p.report(p.tok.off, "", "%s closes nothing", p.found())
			p.advance()
		default:
			p.reportNoSetting()
			p.skipSetting()
		}
	}
}

// setting reads "name = value;" and adds it to g.
func (p *parser) setting(g *Group) {
	s := &Setting{parent: g, off: p.tok.off, lead: p.lead(), name: p.text(), nameText: p.text()}
	p.advance()
	if !p.separator(s) {
		p.skipSetting()
		return
	}
	s.value = p.value(holder{setting: s})
	if s.value == nil {
		p.skipSetting()
		return
	}
	if p.tok.kind == ';' || p.tok.kind == ',' {
		s.beforeEnd, s.end = p.lead(), p.text()
		p.advance()
	}
	p.add(g, s)
}

func (p *parser) separator(s *Setting) bool {
	if p.tok.off == s.off+len(s.name) && p.tok.kind == tokFloat {
		p.dottedName(s)
	}
	if p.tok.kind != '=' && p.tok.kind != ':' {
		p.report(p.tok.off, p.quoteHint(), `expected "=" or ":" after %s, found %s`, clip(s.name), p.found())
		return false
	}
	s.beforeSep, s.sep = p.lead(), p.text()
	p.advance()
	s.afterSep = p.lead()
	return true
}

// dottedName reports a name with a dot in it, as SWUpdate's documentation shows
// in "rev1.0 = { ... }", and moves behind it.
func (p *parser) dottedName(s *Setting) {
	end := s.off + len(s.name)
	for p.tok.off == end && (p.tok.kind == tokFloat || p.tok.kind == tokInt || p.tok.kind == tokName) {
		end = p.tok.end
		p.advance()
	}
	p.report(s.off, nameHint, "name %q has a dot in it", clip(p.src[s.off:end]))
}

// add puts s into g, whose names are unique.
func (p *parser) add(g *Group, s *Setting) {
	if first := g.Get(s.name); first != nil {
		p.report(s.off, p.linesAbove(first.off, s.off), "duplicate setting %q", clip(s.name))
		return
	}
	g.put(len(g.settings), s)
}

func (p *parser) linesAbove(first, second int) string {
	switch n := strings.Count(p.src[first:second], "\n"); n {
	case 0:
		return "the first one is on the same line"
	case 1:
		return "the first one is on the line above"
	default:
		return fmt.Sprintf("the first one is %d lines above", n)
	}
}

// value reads any value, or reports what it finds instead and returns nil.
func (p *parser) value(h holder) Value {
	switch p.tok.kind {
	case '{', '(', '[':
		if !p.deeper() {
			return nil
		}
		defer p.higher()
		return p.container(h)
	}
	if v := p.scalar(); v != nil {
		return v
	}
	p.reportNoValue()
	if p.tok.kind == tokName || p.tok.kind == tokGarbage {
		p.advance()
	}
	return nil
}

// deeper counts a container that is being read, until higher is called. It gives
// up where too many stand in each other.
func (p *parser) deeper() bool {
	if p.depth == p.format.maxDepth() {
		p.report(p.tok.off, "", "values are nested more than %d deep", p.depth)
		p.stopped = true
		return false
	}
	p.depth++
	return true
}

func (p *parser) higher() { p.depth-- }

func (p *parser) container(h holder) Value {
	switch off := p.tok.off; p.tok.kind {
	case '{':
		g := &Group{holder: h, format: Libconfig, off: off}
		p.advance()
		p.settings(g, '}')
		if p.tok.kind == '}' {
			p.advance()
		}
		return g
	case '(':
		l := &List{holder: h, off: off}
		l.items, l.tail = p.sequence(brackets{off, "list", ')'}, func(i int) Value {
			return p.value(holder{list: l, index: i})
		})
		return l
	default:
		a := &Array{holder: h, off: off}
		first := KindGroup
		a.items, a.tail = p.sequence(brackets{off, "array", ']'}, func(int) Value {
			return p.element(&first, a)
		})
		return a
	}
}

// scalar reads a value of one token, or of several strings; nil where there is
// none.
func (p *parser) scalar() Scalar {
	t := p.tok
	var v Scalar
	switch t.kind {
	case tokBool:
		v = &Bool{source: source{t.off, p.text()}, value: t.end-t.off == len("true")}
	case tokInt:
		v = p.number(t)
	case tokFloat:
		v = p.float(t)
	case tokString:
		return p.stringParts()
	default:
		return nil
	}
	p.advance()
	return v
}

// stringParts reads one string or more; libconfig joins those that follow each
// other.
func (p *parser) stringParts() *String {
	s := &String{source: source{off: p.tok.off}}
	var parts []string
	end := 0
	for ; p.tok.kind == tokString; p.advance() {
		text, nul := unquote(p.src[p.tok.off+1 : p.tok.end-1])
		if nul >= 0 {
			p.report(p.tok.off+1+nul, "", "string holds a NUL byte")
		}
		parts = append(parts, text)
		end = p.tok.end
	}
	s.raw, s.text = p.src[s.off:end], strings.Join(parts, "")
	return s
}
