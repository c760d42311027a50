// Package cms makes and reads the one form of CMS (RFC 5652) that signs
// firmware: a SignedData whose content stays outside.
//
// Build makes one, Parse reads one, Join makes one of several, and
// SignedData.Verify asks whether one of its signers vouches for a content. Whether that signer may be trusted is for
// the caller to decide: no certificate is checked here.
//
// The layout, as SWUpdate and "openssl cms -verify" accept it:
//
//	ContentInfo          SEQUENCE { id-signedData, [0] SignedData }
//	SignedData           SEQUENCE { version, SET OF digestAlgorithm,
//	                                SEQUENCE { id-data, [0] content, if attached },
//	                                [0] certificates, [1] revocation lists, SET OF SignerInfo }
//	SignerInfo           SEQUENCE { version, issuer and serial | [0] subject key identifier,
//	                                digestAlgorithm, [0] signedAttrs, signatureAlgorithm,
//	                                signature, [1] unsignedAttrs }
//	signedAttrs          SET OF { contentType, messageDigest, signingTime, ... }
//
// Where there are signed attributes, the signature is over their DER with the
// tag of a SET, and the content is covered by messageDigest (RFC 5652, section
// 5.4). Where there are none, the signature is over the content.
package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// MaxSize is the longest CMS that Parse reads, in bytes. A signature with
// certificates takes a few kilobytes; the limit keeps hostile input cheap.
const MaxSize = 1 << 20

// maxSigners bounds the public key operations a hostile file may ask for.
const maxSigners = 64

// SignedData is what a CMS file holds.
type SignedData struct {
	// ContentType is what the signature says it signs: id-data for firmware.
	ContentType asn1.ObjectIdentifier
	// Content is the attached content; nil where the signature is detached.
	Content []byte
	// Certificates are in the order of the file.
	Certificates []*x509.Certificate
	// Signers are in the order of the file.
	Signers []SignerInfo
	// Trailing counts the bytes after the CMS. SWUpdate and openssl ignore them.
	Trailing int
}

// SignerInfo is one signature. It names its certificate either by issuer and
// serial number or by subject key identifier.
type SignerInfo struct {
	RawIssuer []byte   // DER of the name; nil where KeyID is set
	Serial    *big.Int // nil where KeyID is set
	KeyID     []byte   // nil where RawIssuer and Serial are set

	// Digest is the name of the digest, or its object identifier where it is
	// not known here.
	Digest string
	// Algorithm is the zero Algorithm where it is not supported; Unsupported
	// then says why.
	Algorithm   Algorithm
	Unsupported error

	// SigningTime is the zero time where there is no such attribute.
	SigningTime time.Time
	// Signature is the raw signature, in DER for ECDSA.
	Signature []byte

	// raw is the DER of the whole SignerInfo, digestID the algorithm in it.
	raw      []byte
	digestID pkix.AlgorithmIdentifier

	// signed is the DER of the signed attributes with the tag of a SET, as it
	// is signed; nil where there are none.
	signed      []byte
	contentType asn1.ObjectIdentifier
	digest      []byte
}

// CertificateOf returns the certificate that s names, or nil where the file
// does not hold it.
func (d *SignedData) CertificateOf(s *SignerInfo) *x509.Certificate {
	for _, c := range d.Certificates {
		if s.Names(c) {
			return c
		}
	}
	return nil
}

// Names tells whether s names c as the certificate of its signer.
func (s *SignerInfo) Names(c *x509.Certificate) bool {
	if s.Serial == nil {
		return len(s.KeyID) > 0 && bytes.Equal(s.KeyID, c.SubjectKeyId)
	}
	return s.Serial.Cmp(c.SerialNumber) == 0 && bytes.Equal(s.RawIssuer, c.RawIssuer)
}
