package swdesc

// sequence reads the values of a list or an array that opens at off, from its
// opening bracket to the closing one.
func (p *parser) sequence(off int, what string, end tokenKind, element func(index int) Value) (items []item, tail string) {
	p.advance()
	comma := -1
	for p.tok.kind != end {
		if p.atEnd() {
			p.reportOpen(off, what, end)
			return items, ""
		}
		it := item{lead: p.lead(), value: element(len(items))}
		if it.value == nil {
			p.skip()
		}
		items = append(items, it)
		comma = p.comma(&items[len(items)-1])
		if comma >= 0 || p.atEnd() {
			continue
		}
		if it.value == nil || !p.missingComma(what, end) {
			return items, ""
		}
	}
	if comma >= 0 {
		p.report(comma, "libconfig before 1.7 refuses it", "comma behind the last value of the %s", what)
	}
	tail = p.lead()
	p.advance()
	return items, tail
}

// atEnd reports whether the current token ends something: not always what is
// being read.
func (p *parser) atEnd() bool {
	switch p.tok.kind {
	case tokEOF, '}', ')', ']':
		return true
	}
	return false
}

// comma moves past a comma, which becomes part of it, and returns its offset, or
// -1 where there is none.
func (p *parser) comma(it *item) int {
	if p.tok.kind != ',' {
		return -1
	}
	off := p.tok.off
	it.comma = p.src[p.tok.lead:p.tok.end]
	p.advance()
	return off
}

// missingComma reports what stands where a comma must, and whether the sequence
// goes on there.
func (p *parser) missingComma(what string, end tokenKind) bool {
	p.report(p.tok.off, p.quoteHint(), "expected \",\" or %q behind a value of the %s, found %s", string(rune(end)), what, p.found())
	switch p.tok.kind {
	case tokBool, tokInt, tokFloat, tokString, '{', '(', '[':
		return true
	}
	p.skip()
	if p.tok.kind == ',' {
		p.advance()
		return true
	}
	return p.atEnd()
}

// reportOpen complains about a sequence that ends at the current token without
// having been closed.
func (p *parser) reportOpen(off int, what string, end tokenKind) {
	if p.tok.kind == tokEOF {
		p.report(off, "", "%s has no closing %q", what, string(rune(end)))
		return
	}
	p.report(p.tok.off, "", "expected %q of the %s before %s", string(rune(end)), what, p.found())
}

// element reads a value of an array a, whose first one set the kind.
func (p *parser) element(first *Kind, a *Array) Value {
	v := p.value(a.holder)
	scalar, ok := v.(Scalar)
	switch {
	case v == nil:
		return nil
	case !ok:
		p.report(v.Offset(), "a list, ( ... ), may hold any values", "%s inside an array, which holds scalars only", v.Kind())
	case *first == KindGroup:
		*first = elementKind(scalar)
	case *first != elementKind(scalar):
		p.report(v.Offset(), "a list, ( ... ), may hold any values", "array holds %s and %s", describeElement(*first), describeElement(elementKind(scalar)))
	}
	return v
}

// kindLong tells 64-bit integers apart, which libconfig does inside arrays.
const kindLong = KindBool + 1

func elementKind(v Scalar) Kind {
	if i, ok := v.(*Int); ok && i.long {
		return kindLong
	}
	return v.Kind()
}

func describeElement(k Kind) string {
	if k == kindLong {
		return "an integer with L"
	}
	return k.String()
}
