package swdesc

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How the formats differ in what is written stands in this file. Where a setting
// is put is the same for both, see layout.go.

// maxDepth bounds how deep groups, lists and arrays may stand in each other.
// libconfig has no bound of its own; SWUpdate looks settings up by paths of at
// most 20 nodes, so 64 is three times what a device can reach. SWUpdate's JSON
// library, json-c, reads values on 32 levels, the innermost scalars included.
func (f Format) maxDepth() int {
	if f == JSON {
		return 31
	}
	return 64
}

// nameToken is the token that a setting begins with.
func (f Format) nameToken() tokenKind {
	if f == JSON {
		return tokString
	}
	return tokName
}

// lastCommaHint says why a comma behind the last value is refused.
func (f Format) lastCommaHint() string {
	if f == JSON {
		return "in JSON commas stand between values only"
	}
	return "libconfig before 1.7 refuses it"
}

// spacing is how a setting is written that has no example to follow.
func (f Format) spacing() (beforeSep, sep, afterSep string) {
	if f == JSON {
		return "", ":", " "
	}
	return " ", "=", " "
}

// endOfOnly is what ends the only setting of a group; outer is what ends the group.
func (f Format) endOfOnly(outer string) string {
	if f == JSON {
		return ""
	}
	return cmp.Or(outer, ";")
}

// indentStep is how much further than own a line is indented that has no example
// to follow.
func (f Format) indentStep(own string) string {
	switch {
	case f == JSON && !strings.HasPrefix(own, "\t"):
		return "  "
	case strings.HasPrefix(own, " "):
		return "    "
	}
	return "\t"
}

// checkName refuses names that no client could read back.
func (f Format) checkName(name string) error {
	switch {
	case f == JSON:
		if err := f.checkText(name); err != nil {
			return fmt.Errorf("%q cannot name a setting: it %w", clip(name), err)
		}
	case name == "" || nameLen(name) < len(name):
		return fmt.Errorf("%q cannot name a setting: %s", clip(name), nameHint)
	case nameKind(name) != tokName:
		return fmt.Errorf("%q cannot name a setting: it is a value", clip(name))
	}
	return nil
}

// checkText refuses what a string cannot hold. The error goes on from "it".
func (f Format) checkText(text string) error {
	if nul := strings.IndexByte(text, 0); nul >= 0 {
		return fmt.Errorf("has a NUL byte at offset %d", nul)
	}
	if f == JSON && !utf8.ValidString(text) {
		return fmt.Errorf("is not UTF-8 at offset %d", invalidAt(text))
	}
	return nil
}

// invalidAt is the offset of the first byte of text that is not UTF-8.
func invalidAt(text string) int {
	for i, r := range text {
		if _, n := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && n == 1 {
			return i
		}
	}
	return len(text)
}

// spellName is the name of a setting as it is written.
func (f Format) spellName(name string) string {
	if f == JSON {
		return quoteJSON(name)
	}
	return name
}

// spell is the canonical text of a scalar.
func (f Format) spell(v Scalar) string {
	switch v := v.(type) {
	case *String:
		if f == JSON {
			return quoteJSON(v.text)
		}
		return quote(v.text)
	case *Int:
		return f.spellInt(v.value, f.needsL(v.value))
	case *Float:
		return f.spellFloat(v)
	case *Bool:
		return strconv.FormatBool(v.value)
	}
	return "null"
}

// needsL reports whether an integer is written with an L.
func (f Format) needsL(v int64) bool { return f == Libconfig && !isInt32(v) }

func (f Format) spellInt(v int64, long bool) string {
	text := strconv.FormatInt(v, 10)
	if long {
		text += "L"
	}
	return text
}

// spellFloat keeps the author's spelling where it is one of a float in f.
func (f Format) spellFloat(v *Float) string {
	number := numberLen
	if f == JSON {
		number = jsonNumberLen
	}
	if n, kind := number(v.raw); kind == tokFloat && n == len(v.raw) {
		return v.raw
	}
	text := strconv.FormatFloat(v.value, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// newString, newInt and newBool are scalars as an edit writes them.

func (f Format) newString(off int, text string) (*String, error) {
	if err := f.checkText(text); err != nil {
		return nil, err
	}
	s := &String{source: source{off: off}, text: text}
	s.raw = f.spell(s)
	return s, nil
}

func (f Format) newInt(off int, v int64) *Int {
	i := &Int{source: source{off: off}, value: v, long: f.needsL(v)}
	i.raw = f.spell(i)
	return i
}

func newBool(off int, v bool) *Bool {
	return &Bool{source: source{off, strconv.FormatBool(v)}, value: v}
}
