package zephyr

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// maxDepth is how deep nodes may be nested. Those of the largest chips are 9 deep.
const maxDepth = 64

// parseTree reads a merged devicetree as Zephyr's dtlib writes it: the syntax of
// the Devicetree Specification 0.4, chapter 6, without what a merge leaves
// nothing of. There are no includes, no expressions, no deletions, and no node or
// property stands there twice. An error is of type diag.Diagnostic.
func parseTree(file string, src []byte) (*tree, error) {
	p := &treeParser{scanner: scanner{src: string(src), lines: diag.NewLines(file, src)}, labels: map[string]*node{}}
	t := &tree{labels: p.labels, root: p.file()}
	if p.err != nil {
		return nil, p.err
	}
	for _, r := range p.refs {
		if t.find(r.ref) == nil {
			return nil, diag.Diagnostic{Pos: r.pos, Msg: fmt.Sprintf("&%s: no node has that label or path", r.ref)}
		}
	}
	return t, nil
}

// treeParser reads as long as err is nil: after an error all its functions return
// zero values.
type treeParser struct {
	scanner
	labels map[string]*node
	refs   []reference
}

type reference struct {
	ref string
	pos diag.Pos
}

// file reads the version tag, reserved memory, and the root.
func (p *treeParser) file() *node {
	p.expect("/dts-v1/")
	p.expect(";")
	for p.take("/memreserve/") {
		p.cell()
		p.cell()
		p.expect(";")
	}
	root := &node{name: "/", pos: p.pos()}
	p.expect("/")
	p.body(root, 1)
	if p.err == nil && p.more() {
		p.fail("%s behind the root node: a merged tree ends here", p.excerpt())
	}
	return root
}

// body reads what stands in the braces of a node.
func (p *treeParser) body(n *node, depth int) {
	if depth > maxDepth {
		p.fail("nodes are nested more than %d deep", maxDepth)
	}
	n.props = map[string]*property{}
	names := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.take("}") {
		p.item(n, names, depth)
	}
	p.expect(";")
}

// item reads a property or a node with what stands below; names are those of the
// nodes before it.
func (p *treeParser) item(parent *node, names map[string]bool, depth int) {
	p.skip()
	if directive := p.directive(); directive != "" {
		p.fail("%s: does not occur in a merged tree", directive)
		return
	}
	labels := p.dataLabels()
	p.skip()
	pos, name := p.pos(), p.name()
	switch {
	case p.err != nil:
	case !p.at("{"):
		p.property(parent, name, pos)
	case names[name]:
		p.failAt(pos, "node %s: there are two below %s", name, parent.name)
	case strings.Count(name, "@") > 1:
		p.failAt(pos, "node %s: more than one @", name)
	default:
		names[name] = true
		n := &node{name: name, labels: labels, pos: pos, parent: parent}
		parent.children = append(parent.children, n)
		p.label(n)
		p.body(n, depth+1)
	}
}

// label makes n known by its labels.
func (p *treeParser) label(n *node) {
	for _, label := range n.labels {
		if p.labels[label] != nil {
			p.failAt(n.pos, "label %s: another node has it", label)
		}
		p.labels[label] = n
	}
}

func (p *treeParser) property(n *node, name string, pos diag.Pos) {
	prop := &property{name: name, pos: pos}
	switch {
	case strings.Contains(name, "@"):
		p.failAt(pos, "property %s: only names of nodes have an @", name)
	case n.props[name] != nil:
		p.failAt(pos, "property %s: there are two in %s", name, n.name)
	case len(n.children) > 0:
		p.failAt(pos, "property %s: behind a node, properties come first", name)
	}
	n.props[name] = prop
	if !p.take("=") {
		p.expect(";")
		return
	}
	for p.err == nil {
		prop.values = append(prop.values, p.value())
		if !p.take(",") {
			break
		}
	}
	p.expect(";")
}

// value reads a value and the labels around it.
func (p *treeParser) value() value {
	p.dataLabels()
	p.skip()
	v := value{pos: p.pos()}
	switch {
	case p.at(`"`):
		text := p.quoted()
		v.text = &text
	case p.at("&"):
		v.ref = p.reference()
	case p.at("["):
		data := p.byteString()
		v.bytes = &data
	case p.at("/bits/"):
		v.bits = p.bits()
		v.cells = p.cells(v.bits)
	case p.at("<"):
		v.bits = 32
		v.cells = p.cells(v.bits)
	default:
		p.fail(`%s: want a value: "text", <cells>, [bytes] or &label`, p.excerpt())
	}
	p.dataLabels()
	return v
}

// bits reads how many bits the cells of the next group have.
func (p *treeParser) bits() int {
	p.expect("/bits/")
	p.skip()
	pos, word := p.pos(), p.word(isNameByte)
	switch word {
	case "8", "16", "32", "64":
		bits, _ := strconv.Atoi(word)
		return bits
	}
	p.failAt(pos, "/bits/ %s: want 8, 16, 32 or 64", p.shown(word))
	return 0
}

// cells reads a group of cells of that many bits each.
func (p *treeParser) cells(bits int) []cell {
	var cells []cell
	p.expect("<")
	for p.err == nil && !p.take(">") {
		p.dataLabels()
		if p.take(">") {
			break
		}
		pos, c := p.pos(), p.cell()
		if bits < 64 && c.number > 1<<bits-1 {
			p.failAt(pos, "cell %#x: want at most %d bits", c.number, bits)
		}
		cells = append(cells, c)
	}
	return cells
}

// cell reads a number or a reference.
func (p *treeParser) cell() cell {
	p.skip()
	if p.at("&") {
		return cell{ref: p.reference()}
	}
	pos, word := p.pos(), p.word(isNameByte)
	base, digits := 10, word
	if hex, ok := strings.CutPrefix(strings.ToLower(word), "0x"); ok {
		base, digits = 16, hex
	}
	number, err := strconv.ParseUint(digits, base, 64)
	if octal := base == 10 && len(word) > 1 && word[0] == '0'; p.err == nil && (err != nil || octal) {
		p.failAt(pos, "cell %s: want a decimal or hexadecimal number of up to 64 bits, or &label", p.shown(word))
	}
	return cell{number: number}
}

func (p *treeParser) reference() string {
	pos := p.pos()
	p.expect("&")
	ref := ""
	if p.at("{") {
		ref = p.word(func(c byte) bool { return c != '}' && c > ' ' })
		p.expect("}")
		ref += "}"
		if p.err == nil && !strings.HasPrefix(ref, "{/") {
			p.failAt(pos, "&%s: want a path that begins with a slash", ref)
		}
	} else if ref = p.word(isLabelByte); ref == "" {
		p.fail("%s: want a label behind the ampersand", p.excerpt())
	}
	p.refs = append(p.refs, reference{ref, pos})
	return ref
}

// byteString reads pairs of hexadecimal digits.
func (p *treeParser) byteString() []byte {
	data := []byte{}
	digits := ""
	p.expect("[")
	for p.err == nil && !p.take("]") {
		p.dataLabels()
		p.skip()
		word := p.word(isHexByte)
		if word == "" && !p.at("]") {
			p.fail("%s: want pairs of hexadecimal digits", p.excerpt())
		}
		digits += word
		if len(digits)%2 != 0 {
			p.fail("%s: want pairs of hexadecimal digits", word)
			return nil
		}
		for i := 0; i < len(digits); i += 2 {
			b, _ := strconv.ParseUint(digits[i:i+2], 16, 8)
			data = append(data, byte(b))
		}
		digits = ""
	}
	return data
}

// quoted reads a string with C's escapes.
func (p *treeParser) quoted() string {
	begin := p.pos()
	p.expect(`"`)
	var out strings.Builder
	for p.err == nil {
		rest := p.src[p.offset:]
		i := strings.IndexAny(rest, "\"\\\x00")
		if i < 0 || rest[i] == 0 {
			p.failAt(begin, "the string has no end")
			break
		}
		out.WriteString(rest[:i])
		p.offset += i
		if p.take(`"`) {
			break
		}
		p.escape(&out)
	}
	return out.String()
}

// escape reads a backslash and what belongs to it.
func (p *treeParser) escape(out *strings.Builder) {
	const simple, meaning = `abfnrtv\"'`, "\a\b\f\n\r\t\v\\\"'"
	p.offset++
	rest := p.src[p.offset:]
	if rest == "" {
		p.fail("a backslash at the end of the file")
		return
	}
	if i := strings.IndexByte(simple, rest[0]); i >= 0 {
		out.WriteByte(meaning[i])
		p.offset++
		return
	}
	base, digits := 8, take(rest, 3, "01234567")
	if rest[0] == 'x' {
		p.offset++
		base, digits = 16, take(rest[1:], 2, "0123456789abcdefABCDEF")
	}
	code, err := strconv.ParseUint(digits, base, 64)
	if err != nil || code > math.MaxUint8 {
		p.fail(`\%c: not an escape of a string`, rest[0])
		return
	}
	out.WriteByte(byte(code))
	p.offset += len(digits)
}

// take returns up to n bytes of text that are in set.
func take(text string, n int, set string) string {
	end := 0
	for end < min(n, len(text)) && strings.IndexByte(set, text[end]) >= 0 {
		end++
	}
	return text[:end]
}
