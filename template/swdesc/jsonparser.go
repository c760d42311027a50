package swdesc

import (
	"strconv"
	"strings"
)

// jsonFile reads the one object that a file is (RFC 8259). SWUpdate's json-c is
// more tolerant; what it tolerates beyond the RFC, other readers refuse.
func (p *parser) jsonFile(doc *Document) {
	doc.before = p.lead()
	if p.tok.kind != '{' {
		p.report(p.tok.off, "a sw-description is one object, with the name \"software\" in it", `expected "{", found %s`, p.found())
		return
	}
	p.deeper()
	p.object(doc.Root)
	p.higher()
	doc.after = p.lead()
	if p.tok.kind != tokEOF {
		p.report(p.tok.off, "", `expected the end of the file behind the last "}", found %s`, p.found())
	}
}

// object reads the members of g, braces included.
func (p *parser) object(g *Group) {
	g.off = p.tok.off
	var s *Setting
	g.tail = p.separated(brackets{g.off, "object", '}'}, func() bool {
		s = p.member(g)
		return s != nil
	}, func(comma string) {
		if s != nil {
			s.beforeEnd, s.end = comma[:len(comma)-1], ","
		}
	})
}

// member reads "name": value and adds it to g; nil where it could not.
func (p *parser) member(g *Group) *Setting {
	if p.tok.kind != tokString {
		p.report(p.tok.off, p.jsonHint(), "expected the name of a setting, found %s", p.found())
		return nil
	}
	s := &Setting{parent: g, off: p.tok.off, lead: p.lead(), name: p.jsonText(), nameText: p.text()}
	p.advance()
	if p.tok.kind != ':' {
		p.report(p.tok.off, "", `expected ":" after %q, found %s`, clip(s.name), p.found())
		return nil
	}
	s.beforeSep, s.sep = p.lead(), p.text()
	p.advance()
	s.afterSep = p.lead()
	if s.value = p.jsonValue(holder{setting: s}); s.value == nil {
		return nil
	}
	p.add(g, s)
	return s
}

// jsonValue reads any value, or reports what it finds instead and returns nil.
func (p *parser) jsonValue(h holder) Value {
	if p.tok.kind == '{' || p.tok.kind == '[' {
		if !p.deeper() {
			return nil
		}
		defer p.higher()
		return p.jsonContainer(h)
	}
	if v := p.jsonScalar(); v != nil {
		p.advance()
		return v
	}
	p.report(p.tok.off, p.jsonHint(), "expected a value, found %s", p.found())
	if p.tok.kind == tokName || p.tok.kind == tokGarbage {
		p.advance()
	}
	return nil
}

// jsonContainer reads an object or an array. What kind of sequence an array is
// depends on what it holds.
func (p *parser) jsonContainer(h holder) Value {
	if p.tok.kind == '{' {
		g := &Group{holder: h, format: JSON}
		p.object(g)
		return g
	}
	l := &List{holder: h, off: p.tok.off}
	l.items, l.tail = p.sequence(brackets{l.off, "array", ']'}, func(i int) Value {
		return p.jsonValue(holder{list: l, index: i})
	})
	if oneKind(l.items) {
		return &Array{holder: h, off: l.off, items: l.items, tail: l.tail}
	}
	return l
}

// jsonScalar returns the value that the current token is, or nil.
func (p *parser) jsonScalar() Scalar {
	at := source{p.tok.off, p.text()}
	switch p.tok.kind {
	case tokString:
		return &String{source: at, text: p.jsonText()}
	case tokInt, tokFloat:
		return p.jsonNumber(at)
	case tokBool:
		return &Bool{source: at, value: at.raw == "true"}
	case tokNull:
		return &Null{source: at}
	}
	return nil
}

// jsonNumber reads a number: integers that do not fit 64 bits are floats.
func (p *parser) jsonNumber(at source) Scalar {
	if p.tok.kind == tokInt {
		if v, err := strconv.ParseInt(at.raw, 10, 64); err == nil {
			return &Int{source: at, value: v}
		}
	}
	return p.float(p.tok)
}

// jsonHint says how the current token, which is out of place, may be mended.
func (p *parser) jsonHint() string {
	switch word := p.text(); {
	case p.tok.kind == ',':
		return "one comma is enough"
	case word == "(" || word == ")":
		return "arrays stand in [ and ]"
	case word == "'":
		return "strings stand in double quotes"
	case p.tok.kind != tokName:
		return ""
	case isSwitch(word) || nameKind(word) == tokBool || strings.EqualFold(word, "null"):
		return "true, false and null are written in lower case; there are no other words"
	case strings.EqualFold(strings.TrimLeft(word, "+-"), "nan") || strings.EqualFold(strings.TrimLeft(word, "+-"), "infinity"):
		return "numbers are finite"
	case strings.IndexByte("+-.0123456789", word[0]) >= 0:
		return "numbers are decimal: no plus sign, no leading zero, no L, digits on both sides of a dot"
	}
	return "strings and names stand in double quotes"
}
