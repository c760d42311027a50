package cms

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// parseRecipient reads one RecipientInfo, which may be several recipients: a
// key agreement can serve many with one ephemeral key.
func (e *Envelope) parseRecipient(c *cursor) {
	before := len(e.Recipients)
	raw := c.any("recipient")
	if c.err() == nil && !raw.IsCompound {
		c.fail("recipient: not a constructed element")
	}
	inner := &cursor{rest: raw.Bytes, failure: c.failure}
	switch {
	case raw.Class == asn1.ClassUniversal && raw.Tag == asn1.TagSequence:
		e.add(inner, parseTransport(inner))
	case raw.Class == asn1.ClassContextSpecific && raw.Tag == 1:
		e.parseAgreement(inner)
	case raw.Class == asn1.ClassContextSpecific && raw.Tag >= 2 && raw.Tag <= 4:
		e.add(inner, Recipient{Unsupported: otherKinds[raw.Tag-2]})
	default:
		c.fail("found class %d tag %d, want a recipient", raw.Class, raw.Tag)
	}
	if err := c.err(); err != nil {
		*c.failure = fmt.Errorf("recipient %d: %w", before+1, err)
	}
}

// otherKinds are the errors of the kinds [2] to [4] (RFC 5652, section 6.2).
var otherKinds = [...]error{
	errors.New("a recipient with a shared key: want one with a certificate"),
	errors.New("a recipient with a password: want one with a certificate"),
	errors.New("a recipient of a later kind: want RSA or ECDH"),
}

// add appends r, which c is the source of.
func (e *Envelope) add(c *cursor, r Recipient) {
	if len(e.Recipients) == maxRecipients {
		c.fail("at most %d recipients are allowed", maxRecipients)
	}
	if c.err() == nil {
		e.Recipients = append(e.Recipients, r)
	}
}

func parseTransport(c *cursor) Recipient {
	var r Recipient
	readVersion(c, "version", 0, 2)
	if c.has(0) {
		r.KeyID = keyIdentifier(c)
	} else {
		r.parseIssuer(c)
	}
	id := readAlgorithm(c, "key encryption algorithm")
	r.key = c.octets("encrypted key")
	c.end("key transport")
	if c.err() == nil {
		r.setTransport(id)
	}
	return r
}

func (r *Recipient) setTransport(id algorithm) {
	switch {
	case id.oid.Equal(oidRSA):
		r.Kind = TransportPKCS1
	case id.oid.Equal(oidOAEP):
		r.Kind = TransportOAEP
		r.oaep, r.Unsupported = oaepOf(id.parameters)
	default:
		r.Unsupported = fmt.Errorf("key encryption %v: want RSA PKCS #1 v1.5 or RSAES-OAEP", id.oid)
	}
}

// keyIdentifier reads the field [0] of a subject key identifier.
func keyIdentifier(c *cursor) []byte {
	raw := c.element(asn1.ClassContextSpecific, 0, "subject key identifier")
	if c.err() == nil && (raw.IsCompound || len(raw.Bytes) == 0) {
		c.fail("subject key identifier: want one string of bytes")
	}
	return raw.Bytes
}

func (r *Recipient) parseIssuer(c *cursor) {
	id := c.sequence("issuer and serial number")
	issuer := id.element(asn1.ClassUniversal, asn1.TagSequence, "issuer")
	if c.err() == nil && !issuer.IsCompound {
		c.fail("issuer: not a constructed element")
	}
	r.RawIssuer, r.Serial = issuer.FullBytes, id.integer("serial number")
	id.end("issuer and serial number")
}

// parseAgreement reads a KeyAgreeRecipientInfo with all its recipients.
func (e *Envelope) parseAgreement(c *cursor) {
	shared := Recipient{Kind: AgreementECDH, agreement: &agreement{}}
	readVersion(c, "version", 3)
	originator := c.context(0, "originator")
	if c.err() == nil && !originator.has(1) {
		c.fail("originator: want an ephemeral key")
	}
	shared.parseEphemeral(originator.context(1, "ephemeral key"))
	originator.end("originator")
	if c.has(1) {
		ukm := c.context(1, "user keying material")
		shared.agreement.ukm = ukm.octets("user keying material")
		ukm.end("user keying material")
	}
	id := readAlgorithm(c, "key encryption algorithm")
	keys := c.sequence("recipient encrypted keys")
	c.end("key agreement")
	if c.err() == nil {
		shared.setAgreement(id, c)
	}
	if c.err() == nil && !keys.more() {
		c.fail("recipient encrypted keys: none")
	}
	for keys.more() {
		e.add(keys, parseEncryptedKey(keys.sequence("recipient encrypted key"), shared))
	}
}

func (r *Recipient) parseEphemeral(c *cursor) {
	id := readAlgorithm(c, "ephemeral key algorithm")
	bits := c.element(asn1.ClassUniversal, asn1.TagBitString, "ephemeral key")
	c.end("ephemeral key")
	if c.err() != nil {
		return
	}
	// The first octet counts the unused bits of the last; a point has none.
	if bits.IsCompound || len(bits.Bytes) == 0 || bits.Bytes[0] != 0 {
		c.fail("ephemeral key: want a bit string of whole bytes")
		return
	}
	r.agreement.point = bits.Bytes[1:]
	r.Curve = curveOf(r.agreement.point)
	switch {
	case !id.oid.Equal(oidECPublicKey):
		r.Unsupported = fmt.Errorf("key agreement with a key of type %v: want an EC key", id.oid)
	case r.Curve == "":
		r.Unsupported = errors.New("key agreement on another curve: want an uncompressed point of P-256, P-384 or P-521")
	}
}

// setAgreement takes the key derivation, and from its parameters the key wrap.
func (r *Recipient) setAgreement(id algorithm, c *cursor) {
	inner := &cursor{rest: id.parameters, failure: c.failure}
	wrap := readAlgorithm(inner, "key wrap algorithm")
	inner.end("key wrap algorithm")
	if c.err() != nil || r.Unsupported != nil {
		return
	}
	a := r.agreement
	a.keyInfo = wrap.raw
	var known bool
	if a.hash, known = derivationHash(id.oid); !known {
		r.Unsupported = fmt.Errorf("key agreement %v: want ephemeral-static ECDH with SHA-1 or SHA-2", id.oid)
	} else if a.wrap, known = keyWrapOf(wrap.oid); !known {
		r.Unsupported = fmt.Errorf("key wrap %v: want that of AES-128, AES-192, AES-256 or triple DES", wrap.oid)
	}
}

func parseEncryptedKey(c *cursor, r Recipient) Recipient {
	if c.has(0) {
		id := c.context(0, "recipient key identifier")
		r.KeyID = id.octets("subject key identifier")
		if c.err() == nil && id.more() {
			c.fail("recipient key identifier: a date or other attribute is not allowed")
		}
	} else {
		r.parseIssuer(c)
	}
	r.key = c.octets("encrypted key")
	c.end("recipient encrypted key")
	return r
}
