package cms

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// cursor reads DER elements one after another. The cursors of one file share
// their first error; after it every read returns nothing, so that a caller may
// read a whole structure and ask once.
type cursor struct {
	rest    []byte
	failure *error
}

func newCursor(der []byte) *cursor { return &cursor{rest: der, failure: new(error)} }

func (c *cursor) err() error { return *c.failure }

func (c *cursor) fail(format string, args ...any) {
	if *c.failure == nil {
		*c.failure = fmt.Errorf(format, args...)
	}
}

// element reads the next element, which must have the class and tag.
func (c *cursor) element(class, tag int, what string) asn1.RawValue {
	raw := c.any(what)
	if c.err() == nil && (raw.Class != class || raw.Tag != tag) {
		c.fail("%s: found class %d tag %d, want class %d tag %d", what, raw.Class, raw.Tag, class, tag)
	}
	if c.err() != nil {
		return asn1.RawValue{}
	}
	return raw
}

func (c *cursor) any(what string) asn1.RawValue {
	var raw asn1.RawValue
	if c.err() != nil {
		return raw
	}
	rest, err := asn1.Unmarshal(c.rest, &raw)
	if err != nil {
		c.fail("%s: %v", what, err)
		return asn1.RawValue{}
	}
	c.rest = rest
	return raw
}

// enter reads the next element and returns a cursor on what it holds.
func (c *cursor) enter(class, tag int, what string) *cursor {
	raw := c.element(class, tag, what)
	if c.err() == nil && !raw.IsCompound {
		c.fail("%s: not a constructed element", what)
	}
	return &cursor{rest: raw.Bytes, failure: c.failure}
}

func (c *cursor) sequence(what string) *cursor {
	return c.enter(asn1.ClassUniversal, asn1.TagSequence, what)
}

func (c *cursor) set(what string) *cursor {
	return c.enter(asn1.ClassUniversal, asn1.TagSet, what)
}

// context enters the field [tag], which must be there.
func (c *cursor) context(tag int, what string) *cursor {
	return c.enter(asn1.ClassContextSpecific, tag, what)
}

// has reports whether the next element is the optional field [tag].
func (c *cursor) has(tag int) bool {
	// Identifier octet: class 2 in the two highest bits; bit 6 says that the
	// element is constructed, which the reader of the field checks.
	return c.err() == nil && len(c.rest) > 0 && c.rest[0]&^0x20 == 0x80|byte(tag)
}

// value reads the next element, of a universal tag, into v as encoding/asn1
// maps types.
func (c *cursor) value(v any, tag int, what string) {
	raw := c.element(asn1.ClassUniversal, tag, what)
	if c.err() != nil {
		return
	}
	if _, err := asn1.Unmarshal(raw.FullBytes, v); err != nil {
		c.fail("%s: %v", what, err)
	}
}

func (c *cursor) oid(what string) (oid asn1.ObjectIdentifier) {
	c.value(&oid, asn1.TagOID, what)
	return oid
}

func (c *cursor) integer(what string) *big.Int {
	n := new(big.Int)
	c.value(&n, asn1.TagInteger, what)
	return n
}

func (c *cursor) octets(what string) (octets []byte) {
	c.value(&octets, asn1.TagOctetString, what)
	return octets
}

func (c *cursor) algorithm(what string) (id pkix.AlgorithmIdentifier) {
	c.value(&id, asn1.TagSequence, what)
	return id
}

// time reads either of the two types of time.
func (c *cursor) time(what string) (t time.Time) {
	raw := c.any(what)
	if c.err() != nil {
		return t
	}
	if _, err := asn1.Unmarshal(raw.FullBytes, &t); err != nil {
		c.fail("%s: not a time", what)
	}
	return t.UTC()
}

// more reports whether there is another element to read.
func (c *cursor) more() bool { return c.err() == nil && len(c.rest) > 0 }

// end wants everything to have been read.
func (c *cursor) end(what string) {
	if c.more() {
		c.fail("%s: %d bytes too many", what, len(c.rest))
	}
}
