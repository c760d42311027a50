package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// Parse reads a CMS signature. It wants DER and the exact structure, because
// two readers that understand one file differently are a way in; algorithms
// it does not know are only reported, in SignerInfo.Unsupported.
func Parse(der []byte) (*SignedData, error) {
	if len(der) > MaxSize {
		return nil, fmt.Errorf("cms: %d bytes: at most %d are allowed", len(der), MaxSize)
	}
	if len(der) == 0 || der[0] != 0x20|asn1.TagSequence {
		return nil, errors.New("cms: not DER: want a SEQUENCE, which begins with byte 0x30")
	}
	file := newCursor(der)
	info := file.sequence("content info")
	if oid := info.oid("content type"); file.err() == nil && !oid.Equal(oidSignedData) {
		file.fail("content type %s: want signed data", contentTypeName(oid))
	}
	explicit := info.context(0, "content")
	info.end("content info")
	body := explicit.sequence("signed data")
	explicit.end("content")
	d := parseSignedData(body)
	if err := file.err(); err != nil {
		return nil, fmt.Errorf("cms: %v", err)
	}
	d.Trailing = len(file.rest)
	return d, nil
}

func contentTypeName(oid asn1.ObjectIdentifier) string {
	switch {
	case oid.Equal(oidData):
		return "data (no signature)"
	case oid.Equal(oidEnvelopedData):
		return "enveloped data (encrypted)"
	}
	return oid.String()
}

func parseSignedData(c *cursor) *SignedData {
	d := new(SignedData)
	c.integer("version")
	c.set("digest algorithms") // repeated in each signer, where it counts
	d.ContentType, d.Content = parseContent(c.sequence("encapsulated content"))
	if c.has(0) {
		d.Certificates = parseCertificates(c.context(0, "certificates"))
	}
	if c.has(1) {
		c.context(1, "revocation lists") // SWUpdate takes them from elsewhere
	}
	signers := c.set("signers")
	c.end("signed data")
	for signers.more() {
		if len(d.Signers) == maxSigners {
			c.fail("signers: at most %d are allowed", maxSigners)
			break
		}
		before := signers.rest
		signer := parseSigner(signers.sequence("signer"))
		signer.raw = before[:len(before)-len(signers.rest)]
		d.Signers = append(d.Signers, signer)
	}
	return d
}

func parseContent(c *cursor) (asn1.ObjectIdentifier, []byte) {
	contentType := c.oid("encapsulated content type")
	if !c.more() {
		return contentType, nil
	}
	explicit := c.context(0, "attached content")
	c.end("encapsulated content")
	content := explicit.octets("attached content")
	explicit.end("attached content")
	return contentType, content
}

func parseCertificates(c *cursor) []*x509.Certificate {
	var certificates []*x509.Certificate
	for c.more() {
		raw := c.any("certificate")
		if raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagSequence {
			continue // an attribute certificate, say: nothing here uses it
		}
		certificate, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil {
			c.fail("certificate %d: %v", len(certificates)+1, err)
			break
		}
		certificates = append(certificates, certificate)
	}
	return certificates
}

func parseSigner(c *cursor) SignerInfo {
	var s SignerInfo
	c.integer("signer version")
	parseSignerID(c, &s)
	digest := c.algorithm("digest algorithm")
	if c.has(0) {
		parseAttributes(c.element(asn1.ClassContextSpecific, 0, "signed attributes"), c, &s)
	}
	signature := c.algorithm("signature algorithm")
	s.Signature = c.octets("signature")
	if c.has(1) {
		c.context(1, "unsigned attributes")
	}
	c.end("signer")
	s.Digest, s.digestID = digestName(digest.Algorithm), digest
	s.Algorithm, s.Unsupported = algorithmOf(digest, signature)
	return s
}

func parseSignerID(c *cursor, s *SignerInfo) {
	if c.has(0) {
		s.KeyID = c.element(asn1.ClassContextSpecific, 0, "subject key identifier").Bytes
		return
	}
	id := c.sequence("issuer and serial number")
	s.RawIssuer = id.element(asn1.ClassUniversal, asn1.TagSequence, "issuer").FullBytes
	s.Serial = id.integer("serial number")
	id.end("issuer and serial number")
}

// parseAttributes reads the field [0] signedAttrs. Its elements must be in the
// order of DER: openssl sorts them before it verifies, so a signature over
// another order is one that only some readers accept.
func parseAttributes(field asn1.RawValue, c *cursor, s *SignerInfo) {
	if len(field.FullBytes) == 0 || !field.IsCompound {
		c.fail("signed attributes: not a constructed element")
		return
	}
	s.signed = bytes.Clone(field.FullBytes)
	s.signed[0] = 0x20 | asn1.TagSet
	list := &cursor{rest: field.Bytes, failure: c.failure}
	seen := map[string]bool{}
	var previous []byte
	for list.more() {
		element := list.element(asn1.ClassUniversal, asn1.TagSequence, "signed attribute")
		if bytes.Compare(previous, element.FullBytes) > 0 {
			c.fail("signed attributes: not in the order of DER")
		}
		previous = element.FullBytes
		parseAttribute(&cursor{rest: element.Bytes, failure: c.failure}, s, seen)
	}
	if s.contentType == nil || s.digest == nil {
		c.fail("signed attributes: want content type and message digest")
	}
}

func parseAttribute(c *cursor, s *SignerInfo, seen map[string]bool) {
	oid := c.oid("attribute type")
	values := c.set("attribute values")
	c.end("attribute")
	if c.err() == nil && seen[oid.String()] {
		c.fail("signed attribute %v: twice", oid)
	}
	seen[oid.String()] = true
	switch {
	case oid.Equal(oidContentType):
		s.contentType = values.oid("content type attribute")
	case oid.Equal(oidMessageDigest):
		s.digest = values.octets("message digest attribute")
	case oid.Equal(oidSigningTime):
		s.SigningTime = values.time("signing time attribute")
	default:
		return
	}
	values.end("signed attribute")
}
