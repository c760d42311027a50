package cms

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"slices"
	"time"

	"go.mozilla.org/pkcs7"
)

// Signer is one signature to make.
type Signer struct {
	// Certificate names the signer and is shipped along.
	Certificate *x509.Certificate
	Algorithm   Algorithm
	// SigningTime is recorded to the second; the zero time leaves it out.
	SigningTime time.Time
	// Sign signs the DER of the signed attributes by Algorithm. An error ends
	// Build and is returned as it is.
	Sign func(attributes []byte) ([]byte, error)
}

// Build returns the DER of a detached SignedData: content signed by each
// signer, with the signers' certificates and then those of extra, each once.
func Build(content []byte, signers []Signer, extra []*x509.Certificate) ([]byte, error) {
	sd, err := pkcs7.NewSignedData(nil)
	if err != nil {
		return nil, err
	}
	var included []*x509.Certificate
	for _, s := range signers {
		if slices.ContainsFunc(included, s.Certificate.Equal) {
			return nil, fmt.Errorf("certificate %q signs twice", s.Certificate.Subject)
		}
		if err := add(sd, s, content); err != nil {
			return nil, err
		}
		included = append(included, s.Certificate)
	}
	for _, c := range extra {
		if !slices.ContainsFunc(included, c.Equal) {
			sd.AddCertificate(c)
			included = append(included, c)
		}
	}
	nameDigestsOnce(sd)
	sd.Detach()
	return sd.Finish()
}

// add appends one SignerInfo. It guards the library, which
//
//   - decides by the Go type of the key, and so knows no key that lives in a
//     token (AddSigner);
//   - always records the wall clock's signing time (AddSigner);
//   - knows no RSASSA-PSS, and hashes with SHA-1 until told otherwise;
//   - hands every key crypto/rand, and so makes ECDSA signatures that do not
//     repeat.
//
// SignWithoutAttr does none of that when it is told every algorithm: it lays a
// SignerInfo out around a placeholder. Its attributes, algorithm and signature
// are then put in place here.
func add(sd *pkcs7.SignedData, s Signer, content []byte) error {
	ids, err := identifiersOf(s.Algorithm.Hash)
	if err != nil {
		return err
	}
	identifier, err := s.Algorithm.identifier()
	if err != nil {
		return err
	}
	attributes, err := signedAttributes(digestOf(s.Algorithm.Hash, content), s.SigningTime)
	if err != nil {
		return err
	}
	signature, err := s.Sign(attributes)
	if err != nil {
		return err
	}
	sd.SetDigestAlgorithm(ids.digest)
	sd.SetEncryptionAlgorithm(identifier.Algorithm)
	if err := sd.SignWithoutAttr(s.Certificate, placeholder{}, pkcs7.SignerInfoConfig{}); err != nil {
		return err
	}
	return fill(sd, attributes, identifier, signature)
}

// fill completes the SignerInfo that was added last.
func fill(sd *pkcs7.SignedData, set []byte, identifier pkix.AlgorithmIdentifier, signature []byte) error {
	var attributes []attribute
	if _, err := asn1.UnmarshalWithParams(set, &attributes, "set"); err != nil {
		return err
	}
	infos := sd.GetSignedData().SignerInfos
	info := &infos[len(infos)-1]
	info.AuthenticatedAttributes = slices.Grow(info.AuthenticatedAttributes, len(attributes))[:len(attributes)]
	for i, a := range attributes {
		info.AuthenticatedAttributes[i].Type = a.Type
		info.AuthenticatedAttributes[i].Value = a.Values
	}
	info.DigestEncryptionAlgorithm = identifier
	info.EncryptedDigest = signature
	return nil
}

// nameDigestsOnce removes the repetitions that the library leaves in
// digestAlgorithms where several signers use one digest: a set has none.
func nameDigestsOnce(sd *pkcs7.SignedData) {
	data := sd.GetSignedData()
	var once []pkix.AlgorithmIdentifier
	for _, id := range data.DigestAlgorithmIdentifiers {
		if !slices.ContainsFunc(once, func(o pkix.AlgorithmIdentifier) bool { return o.Algorithm.Equal(id.Algorithm) }) {
			once = append(once, id)
		}
	}
	data.DigestAlgorithmIdentifiers = once
}

// attribute is Attribute of RFC 5652, section 5.3; Values is the whole SET.
type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue
}

// signedAttributes returns the DER of the attributes as it is signed: a SET,
// its elements in order.
func signedAttributes(digest []byte, signingTime time.Time) ([]byte, error) {
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{{oidContentType, oidData}, {oidMessageDigest, digest}}
	if !signingTime.IsZero() {
		values = append(values, struct {
			oid   asn1.ObjectIdentifier
			value any
		}{oidSigningTime, signingTime.UTC().Truncate(time.Second)})
	}
	var attributes []attribute
	for _, v := range values {
		der, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		set := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: der}
		attributes = append(attributes, attribute{v.oid, set})
	}
	// As a set, encoding/asn1 sorts the elements by their encoding.
	return asn1.MarshalWithParams(attributes, "set")
}

func digestOf(hash crypto.Hash, content []byte) []byte {
	h := hash.New()
	h.Write(content)
	return h.Sum(nil)
}

// placeholder stands in for the key while the library lays out a SignerInfo.
type placeholder struct{}

func (placeholder) Public() crypto.PublicKey { return nil }

func (placeholder) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }
