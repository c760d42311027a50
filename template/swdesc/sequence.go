package swdesc

// brackets are the ends of what is being read, for messages.
type brackets struct {
	off  int // of the opening one
	what string
	end  tokenKind
}

// separated reads what stands between brackets, from the opening to the closing
// one: elements and the commas between them. element reads one element and
// reports whether it could; comma is given the text up to and including a comma.
// The tail is what stands before the closing bracket.
func (p *parser) separated(b brackets, element func() bool, comma func(text string)) (tail string) {
	p.advance()
	last := -1
	for p.tok.kind != b.end {
		if p.atEnd() {
			p.reportOpen(b)
			return ""
		}
		ok := element()
		if !ok {
			p.skip()
		}
		if last = p.comma(comma); last >= 0 || p.atEnd() {
			continue
		}
		if ok && !p.missingComma(b) || !ok && !p.beginsValue() {
			return ""
		}
	}
	if last >= 0 {
		p.report(last, p.format.lastCommaHint(), "comma behind the last value of the %s", b.what)
	}
	tail = p.lead()
	p.advance()
	return tail
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

// beginsValue reports whether the current token is one that a value begins with.
func (p *parser) beginsValue() bool {
	switch p.tok.kind {
	case tokBool, tokInt, tokFloat, tokString, tokNull, '{', '(', '[':
		return true
	}
	return false
}

// comma moves past a comma and returns its offset, or -1 where there is none.
func (p *parser) comma(text func(string)) int {
	if p.tok.kind != ',' {
		return -1
	}
	off := p.tok.off
	text(p.src[p.tok.lead:p.tok.end])
	p.advance()
	return off
}

// missingComma reports what stands where a comma must, and whether the sequence
// goes on there.
func (p *parser) missingComma(b brackets) bool {
	p.report(p.tok.off, p.quoteHint(), "expected \",\" or %q behind a value of the %s, found %s", string(rune(b.end)), b.what, p.found())
	if p.beginsValue() {
		return true
	}
	p.skip()
	if p.tok.kind == ',' {
		p.advance()
		return true
	}
	return p.atEnd()
}

// reportOpen complains about brackets that end at the current token without
// having been closed.
func (p *parser) reportOpen(b brackets) {
	if p.tok.kind == tokEOF {
		p.report(b.off, "", "%s has no closing %q", b.what, string(rune(b.end)))
		p.stopped = true
		return
	}
	p.report(p.tok.off, "", "expected %q of the %s before %s", string(rune(b.end)), b.what, p.found())
}

// sequence reads the values of a list or an array.
func (p *parser) sequence(b brackets, value func(index int) Value) (items []item, tail string) {
	tail = p.separated(b, func() bool {
		it := item{lead: p.lead(), value: value(len(items))}
		if it.value == nil {
			return false
		}
		items = append(items, it)
		return true
	}, func(comma string) {
		if len(items) > 0 {
			items[len(items)-1].comma = comma
		}
	})
	return items, tail
}

// element reads a value of libconfig's array a, whose first one set the kind.
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
const kindLong = KindNull + 1

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

// oneKind reports whether items are scalars of one kind, at least one.
func oneKind(items []item) bool {
	for _, it := range items {
		if _, ok := it.value.(Scalar); !ok || it.value.Kind() != items[0].value.Kind() {
			return false
		}
	}
	return len(items) > 0
}
