package cms

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

var oidAuthEnvelopedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 23}

// ParseEnvelope reads an envelope. It wants DER and the exact structure, and
// nothing after it. Recipients and ciphers that it does not know are only
// reported, in Recipient.Unsupported and Envelope.Unsupported.
func ParseEnvelope(der []byte) (*Envelope, error) {
	if err := checkEnvelope(der); err != nil {
		return nil, err
	}
	file := newCursor(der)
	info := file.sequence("content info")
	file.end("after the envelope")
	e := &Envelope{}
	switch oid := info.oid("content type"); {
	case oid.Equal(oidAuthEnvelopedData):
		e.authenticated = true
	case file.err() == nil && !oid.Equal(oidEnvelopedData):
		file.fail("content type %s: want enveloped data", otherContentName(oid))
	}
	explicit := info.context(0, "content")
	info.end("content info")
	body := explicit.sequence("enveloped data")
	explicit.end("content")
	e.parse(body)
	if err := file.err(); err != nil {
		return nil, fmt.Errorf("cms: %w", err)
	}
	return e, nil
}

func checkEnvelope(der []byte) error {
	if len(der) > MaxEnvelopeSize {
		return fmt.Errorf("cms: %d bytes: at most %d are allowed", len(der), MaxEnvelopeSize)
	}
	if len(der) == 0 || der[0] != 0x20|asn1.TagSequence {
		return errors.New("cms: not DER: want a SEQUENCE, which begins with byte 0x30")
	}
	if len(der) > 1 && der[1] == 0x80 {
		return errors.New("cms: a length is indefinite (BER, as openssl's -stream writes it): want DER")
	}
	return nil
}

func otherContentName(oid asn1.ObjectIdentifier) string {
	if oid.Equal(oidSignedData) {
		return "signed data"
	}
	return contentTypeName(oid)
}

func (e *Envelope) parse(c *cursor) {
	readVersion(c, "version", 0, 2, 3, 4)
	if c.has(0) {
		c.fail("originator information: not allowed, it serves static keys only")
	}
	recipients := c.set("recipients")
	content := c.sequence("encrypted content info")
	e.parseContent(content)
	if e.authenticated {
		if c.has(1) {
			c.fail("authenticated attributes: not allowed with plain data")
		}
		e.parseTag(c)
	}
	if c.has(1) || c.has(2) {
		c.fail("unprotected attributes: not allowed")
	}
	c.end("enveloped data")
	for recipients.more() {
		e.parseRecipient(recipients)
	}
	if c.err() == nil && len(e.Recipients) == 0 {
		c.fail("recipients: none")
	}
}

// readVersion wants one of the allowed versions.
func readVersion(c *cursor, what string, allowed ...int) int {
	n := c.integer(what)
	for _, v := range allowed {
		if n.IsInt64() && n.Int64() == int64(v) {
			return v
		}
	}
	c.fail("%s %v: want one of %v", what, n, allowed)
	return 0
}

func (e *Envelope) parseContent(c *cursor) {
	if oid := c.oid("content type"); c.err() == nil && !oid.Equal(oidData) {
		c.fail("content type %s in the envelope: want plain data", otherContentName(oid))
	}
	id := readAlgorithm(c, "content encryption algorithm")
	if c.err() == nil && !c.more() {
		c.fail("encrypted content: none, want it in the file")
	}
	raw := c.element(asn1.ClassContextSpecific, 0, "encrypted content")
	if c.err() == nil && raw.IsCompound {
		c.fail("encrypted content: in pieces (BER): want one string (DER)")
	}
	c.end("encrypted content info")
	if c.err() != nil {
		return
	}
	e.content.ciphertext = raw.Bytes
	e.Cipher = id.oid.String()
	if e.content.cipher, e.Unsupported = contentCipherOf(id.oid, e.authenticated); e.Unsupported != nil {
		return
	}
	e.Cipher = e.content.cipher.name
	e.parseIV(&cursor{rest: id.parameters, failure: c.failure})
}

// parseIV reads the parameters of the cipher: of CBC the IV alone.
func (e *Envelope) parseIV(c *cursor) {
	if e.content.cipher.gcm {
		parameters := c.sequence("GCM parameters")
		e.content.iv = parameters.octets("nonce")
		e.content.tagLength = gcmDefaultTag
		if parameters.more() {
			e.content.tagLength = readVersion(parameters, "tag length", 13, 14, 15, 16)
		}
		parameters.end("GCM parameters")
	} else {
		e.content.iv = c.octets("IV")
	}
	c.end("IV")
	if n, want := len(e.content.iv), e.content.cipher.ivLength; c.err() == nil && n != want {
		c.fail("%s with an IV of %d bytes: want %d", e.Cipher, n, want)
	}
}

// parseTag reads the field mac, which with GCM is the tag.
func (e *Envelope) parseTag(c *cursor) {
	e.content.tag = c.octets("mac")
	if n, want := len(e.content.tag), e.content.tagLength; c.err() == nil && e.Unsupported == nil && n != want {
		c.fail("%s with a tag of %d bytes: want %d", e.Cipher, n, want)
	}
}

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	oid        asn1.ObjectIdentifier
	parameters []byte // DER of the one element, nil where there is none
	raw        []byte // DER of the whole
}

// readAlgorithm is stricter than cursor.algorithm: nothing may follow the
// parameters.
func readAlgorithm(c *cursor, what string) (a algorithm) {
	raw := c.element(asn1.ClassUniversal, asn1.TagSequence, what)
	if c.err() == nil && !raw.IsCompound {
		c.fail("%s: not a constructed element", what)
	}
	inner := &cursor{rest: raw.Bytes, failure: c.failure}
	a.raw = raw.FullBytes
	a.oid = inner.oid(what)
	if inner.more() {
		a.parameters = inner.any(what).FullBytes
	}
	inner.end(what)
	return a
}
