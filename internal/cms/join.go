package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
)

// Join returns the DER of a detached SignedData with the signers of all parts,
// byte for byte as they were parsed, and the certificates that they need: their
// own and those of the issuers, as far as the parts hold them. The parts sign
// the same content. Two signers with one certificate are an error.
func Join(parts ...*SignedData) ([]byte, error) {
	all := &SignedData{ContentType: oidData}
	for _, part := range parts {
		if !part.ContentType.Equal(oidData) {
			return nil, fmt.Errorf("content type %v: want plain data", part.ContentType)
		}
		all.Signers = append(all.Signers, part.Signers...)
		all.Certificates = appendNew(all.Certificates, part.Certificates...)
	}
	if len(all.Signers) == 0 {
		return nil, errors.New("no signer")
	}
	if err := all.checkOnce(); err != nil {
		return nil, err
	}
	all.Certificates = all.needed()
	return all.encode()
}

// Without returns d less the signers that drop picks.
func (d *SignedData) Without(drop func(s *SignerInfo) bool) *SignedData {
	rest := *d
	rest.Signers = nil
	for i := range d.Signers {
		if !drop(&d.Signers[i]) {
			rest.Signers = append(rest.Signers, d.Signers[i])
		}
	}
	return &rest
}

// checkOnce refuses a second signature by one signer.
func (d *SignedData) checkOnce() error {
	for i := range d.Signers {
		c := d.CertificateOf(&d.Signers[i])
		for j := range d.Signers[:i] {
			if c != nil && d.CertificateOf(&d.Signers[j]) == c {
				return fmt.Errorf("certificate %q signs twice", c.Subject)
			}
		}
	}
	return nil
}

// needed goes from each signer up to where the certificates end.
func (d *SignedData) needed() []*x509.Certificate {
	var kept []*x509.Certificate
	for i := range d.Signers {
		if c := d.CertificateOf(&d.Signers[i]); c != nil {
			kept = appendNew(kept, c)
		}
	}
	for i := 0; i < len(kept); i++ { // kept grows
		for _, c := range d.Certificates {
			if bytes.Equal(c.RawSubject, kept[i].RawIssuer) {
				kept = appendNew(kept, c)
			}
		}
	}
	return kept
}

func appendNew(list []*x509.Certificate, more ...*x509.Certificate) []*x509.Certificate {
	for _, c := range more {
		if !slices.ContainsFunc(list, c.Equal) {
			list = append(list, c)
		}
	}
	return list
}

// encapsulated is EncapsulatedContentInfo with the content elsewhere.
type encapsulated struct{ ContentType asn1.ObjectIdentifier }

// signedData is SignedData of RFC 5652, section 5.1.
type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated encapsulated
	Certificates asn1.RawValue   `asn1:"optional"`
	Signers      []asn1.RawValue `asn1:"set"`
}

// contentInfo is ContentInfo of RFC 5652, section 3.
type contentInfo struct {
	ContentType asn1.ObjectIdentifier
	Content     signedData `asn1:"explicit,tag:0"`
}

func (d *SignedData) encode() ([]byte, error) {
	content := signedData{Version: d.version(), Encapsulated: encapsulated{d.ContentType}}
	for i := range d.Signers {
		s := &d.Signers[i]
		content.Signers = append(content.Signers, asn1.RawValue{FullBytes: s.raw})
		named := func(id pkix.AlgorithmIdentifier) bool { return id.Algorithm.Equal(s.digestID.Algorithm) }
		if !slices.ContainsFunc(content.Digests, named) {
			content.Digests = append(content.Digests, s.digestID)
		}
	}
	var certificates []byte
	for _, c := range d.Certificates {
		certificates = append(certificates, c.Raw...)
	}
	if len(certificates) > 0 {
		content.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: certificates}
	}
	return asn1.Marshal(contentInfo{oidSignedData, content})
}

// version is 3 where a signer is named by its key identifier (RFC 5652, section
// 5.1).
func (d *SignedData) version() int {
	if slices.ContainsFunc(d.Signers, func(s SignerInfo) bool { return s.Serial == nil }) {
		return 3
	}
	return 1
}
