package cms

import (
	"encoding/asn1"
	"testing"
)

func TestCursorReads(t *testing.T) {
	c := newCursor(seq(must(7), must(oidData), field(0, must([]byte("octets"))), must([]byte{})))
	inner := c.sequence("outer")
	c.end("file")
	if n := inner.integer("number"); n.Int64() != 7 {
		t.Errorf("number %v", n)
	}
	if oid := inner.oid("identifier"); !oid.Equal(oidData) {
		t.Errorf("identifier %v", oid)
	}
	if inner.has(1) || !inner.has(0) {
		t.Error("the next field is [0]")
	}
	optional := inner.context(0, "optional")
	if s := optional.octets("octets"); string(s) != "octets" {
		t.Errorf("octets %q", s)
	}
	if !inner.more() || optional.more() {
		t.Error("one element is left")
	}
	if s := inner.octets("empty"); s == nil || len(s) != 0 {
		t.Errorf("an empty string is %#v, which would read as absent", s)
	}
	inner.end("outer")
	if err := c.err(); err != nil {
		t.Error(err)
	}
}

// The first error stays, and nothing is read after it.
func TestCursorKeepsTheFirstError(t *testing.T) {
	c := newCursor(seq(must(7), must(8)))
	inner := c.sequence("outer")
	inner.oid("identifier")
	const want = "identifier: found class 0 tag 2, want class 0 tag 6"
	wantError(t, c.err(), want)
	if n := inner.integer("number"); n.Sign() != 0 {
		t.Errorf("read %v after an error", n)
	}
	inner.fail("another")
	inner.end("outer")
	if inner.more() || inner.has(0) {
		t.Error("there is more after an error")
	}
	wantError(t, c.err(), want)
}

func TestCursorRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		der        []byte
		read       func(*cursor)
	}{
		{"end of file", "sequence: asn1: syntax error: sequence truncated", nil, func(c *cursor) { c.sequence("sequence") }},
		{"cut off", "sequence: asn1: syntax error: data truncated", []byte{0x30, 2, 0}, func(c *cursor) { c.sequence("sequence") }},
		{"long length", "sequence: asn1: structure error: non-minimal length", []byte{0x30, 0x81, 1, 0}, func(c *cursor) { c.sequence("sequence") }},
		{"huge length", "sequence: asn1: structure error: length too large", []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
			func(c *cursor) { c.sequence("sequence") }},
		{"indefinite", "sequence: asn1: syntax error: indefinite length found (not DER)", []byte{0x30, 0x80, 0, 0},
			func(c *cursor) { c.sequence("sequence") }},
		{"another tag", "set: found class 0 tag 16, want class 0 tag 17", seq(), func(c *cursor) { c.set("set") }},
		{"another class", "field: found class 0 tag 16, want class 2 tag 0", seq(), func(c *cursor) { c.context(0, "field") }},
		{"primitive", "field: not a constructed element", []byte{0x80, 0}, func(c *cursor) { c.context(0, "field") }},
		{"left over", "file: 2 bytes too many", seq(), func(c *cursor) { c.end("file") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cursor := newCursor(c.der)
			c.read(cursor)
			wantError(t, cursor.err(), c.want)
		})
	}
	if raw := newCursor(seq()).any("anything"); raw.Tag != asn1.TagSequence {
		t.Errorf("tag %d", raw.Tag)
	}
}
