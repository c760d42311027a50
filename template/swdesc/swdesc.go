// Package swdesc reads, looks up, edits, writes and converts SWUpdate's
// sw-description, in libconfig's syntax and in JSON, without losing a byte of
// what its author wrote.
//
// Call [ParseAny] first, or [Parse] and [ParseAs] where the format is known. The
// [Document] gives access to every group and setting, each with its place in the
// text ([Document.Position]); [Document.Bytes] prints it back. Without edits the
// bytes are those that were parsed. [Group.SetString], [Group.SetBool],
// [Group.SetInt], [Group.EnsureGroup] and [Group.Remove] change values in place
// or add and remove settings the way the author lays them out; comments, order
// and spacing elsewhere stay as they were. [Build] makes a document from nothing,
// [Print] writes one in canonical layout, [Convert] in the other format.
//
// # libconfig
//
// The grammar is the part that libconfig 1.5 (Debian's SWUpdate 2022.12) and the
// later releases up to 1.8 read alike:
//
//	document  { setting }
//	setting   name ( "=" | ":" ) value [ ";" | "," ]
//	name      a letter or "*", then letters, digits, "-", "_" and "*"
//	value     scalar | array | list | group
//	group     "{" { setting } "}"              names are unique in a group
//	array     "[" [ scalar { "," scalar } ] "]"   all of one type
//	list      "(" [ value { "," value } ] ")"
//	scalar    true | false | integer | float | string { string }
//	integer   decimal or 0x hexadecimal, with L beyond 32 bits
//	string    double quotes; escapes \\ \" \n \r \t \f \xHH, any other
//	          backslash stands for itself
//
// Comments are "# ...", "// ..." and "/* ... */". What one of these releases
// refuses is refused here: @include, a byte order mark, a trailing comma in a
// list, octal and binary numbers, a "#" or "//" comment in a last line without
// line end. So is what they read as something the author cannot have meant:
// integers that do not fit 64 bits, NUL bytes, comments and strings that are never
// closed. An integer that needs an L and has none is read, as real files have
// them; [Int.Overflows] tells.
//
// # JSON
//
// The grammar is that of RFC 8259; a file is one object, a name occurs once in an
// object, and values stand on 32 levels at most, which is what SWUpdate's json-c
// reads. What json-c tolerates beyond that is refused: comments, trailing commas
// and text, single quotes, control bytes in strings, words such as TRUE and NaN,
// numbers such as 01 and 1., half a surrogate pair. Bytes in strings that are not
// UTF-8 are read, as json-c does, but not written.
//
// The nodes are the same: an object is a [Group], whose names are free, an array
// of scalars of one kind an [Array], any other a [List]; [Null] is JSON's alone.
package swdesc

import (
	"iter"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Document is one sw-description: a tree of groups that still knows the text it
// was made from.
type Document struct {
	// Format is the syntax that the document is written in.
	Format Format

	// Root is the file itself: the group whose settings stand outside all
	// braces, in JSON the object that is the file. In a sw-description its one
	// setting is "software".
	Root *Group

	src           string      // what was parsed; "" of a built document
	lines         *diag.Lines // of src, or nil
	before, after string      // the white space around Root, in JSON
}

// Bytes prints the document: the bytes that were parsed with the edits spliced
// in.
func (d *Document) Bytes() []byte {
	p := printer{format: d.Format}
	p.WriteString(d.before)
	if d.Format == JSON {
		p.value(d.Root)
	} else {
		p.group(d.Root)
	}
	p.WriteString(d.after)
	return []byte(p.String())
}

// Position is the line and the column, both from 1 and the column in bytes, of an
// offset in the parsed text, such as that of a node; one past the end belongs to
// the last line. The offsets of a document made by [Build] are not places in a
// text of its own: its positions are all 0, 0.
func (d *Document) Position(offset int) (line, col int) {
	if d.lines == nil {
		return 0, 0
	}
	pos := d.lines.Pos(max(0, offset))
	return pos.Line, pos.Col
}

// Find returns the setting at the given path, as in Find("software",
// "version"), or nil where there is none. Steps lead through groups, not lists,
// and links ("ref") are not followed.
func (d *Document) Find(path ...string) *Setting {
	group := d.Root
	var found *Setting
	for _, name := range path {
		if group == nil {
			return nil
		}
		if found = group.Get(name); found == nil {
			return nil
		}
		group, _ = found.value.(*Group)
	}
	return found
}

// Groups walks over every group of the document in the order of the text,
// beginning with Root. The groups may be edited on the way: what is added inside
// a group after the walk has reached it is not visited. [Group.Path] tells where
// a group stands.
func (d *Document) Groups() iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		walk(d.Root, yield)
	}
}

func walk(v Value, yield func(*Group) bool) bool {
	switch v := v.(type) {
	case *Group:
		before := slices.Clone(v.settings)
		if !yield(v) {
			return false
		}
		for _, s := range before {
			if !walk(s.value, yield) {
				return false
			}
		}
	case *List:
		for _, item := range v.items {
			if !walk(item.value, yield) {
				return false
			}
		}
	}
	return true
}

// printer writes the text of nodes. A strings.Builder cannot fail.
type printer struct {
	strings.Builder
	format Format
}

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

func (p *printer) value(v Value) {
	switch v := v.(type) {
	case *Group:
		p.write("{")
		p.group(v)
		p.write("}")
	case *List:
		if p.format == JSON {
			p.sequence("[", v.items, v.tail, "]")
			return
		}
		p.sequence("(", v.items, v.tail, ")")
	case *Array:
		p.sequence("[", v.items, v.tail, "]")
	case Scalar:
		p.write(v.Raw())
	}
}

func (p *printer) sequence(open string, items []item, tail, end string) {
	p.write(open)
	for _, it := range items {
		p.write(it.lead)
		p.value(it.value)
		p.write(it.comma)
	}
	p.write(tail, end)
}

// group writes what stands between the braces of g.
func (p *printer) group(g *Group) {
	for i, s := range g.settings {
		p.write(s.lead, s.nameText, s.beforeSep, s.sep, s.afterSep)
		p.value(s.value)
		p.write(s.beforeEnd, s.end)
		if p.format == Libconfig && i+1 < len(g.settings) && glued(s, g.settings[i+1]) {
			p.write(";")
		}
	}
	p.write(g.tail)
}

// glued reports whether an edited setting would run into the next one: in
// "a="x"b=1" nothing but the quote keeps the value and the name apart, and a
// number or a boolean in its place needs a terminator. JSON always has a comma.
func glued(s, next *Setting) bool {
	return s.end == "" && next.lead == "" && (s.edited || next.edited)
}
