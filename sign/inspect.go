package sign

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"time"

	"github.com/fwpack/fwpack/internal/cms"
)

// Signer describes one signature. Strings that come from a certificate hold no
// control characters.
type Signer struct {
	// Subject and Issuer are names as RFC 2253 writes them. Where the CMS does
	// not hold the certificate Subject is "", and Issuer too where the signer
	// is named by KeyID.
	Subject string
	Issuer  string
	// Serial is the certificate's number in hex, as "openssl x509 -serial"
	// prints it.
	Serial string
	// KeyID is the subject key identifier in hex, where the CMS names its
	// signer by that.
	KeyID string
	// Algorithm is "rsa-pkcs1v15", "rsa-pss" or "ecdsa"; "" where it is not
	// supported, and Unsupported then says why.
	Algorithm   string
	Unsupported string
	// Digest is "sha256" and the like, or an object identifier.
	Digest string
	// SigningTime is what the signer claims; zero where it claims nothing.
	SigningTime time.Time
	// Key describes the public key, as Describe does, and KeyFingerprint is
	// its Fingerprint. Both are "" where the key is not known.
	Key            string
	KeyFingerprint string
	// Certificate is nil for the RSA schemes and where the CMS does not hold
	// it. CertificateFingerprint is "sha256:" and the hex SHA-256 of its DER,
	// what "openssl x509 -fingerprint -sha256" prints with colons.
	Certificate            *x509.Certificate
	CertificateFingerprint string
}

// CMS describes a CMS signature. Nothing in it has been verified.
type CMS struct {
	Signers      []Signer
	Certificates []*x509.Certificate
	// Attached says that the CMS carries its content itself.
	Attached bool
	// Trailing counts the bytes after the CMS, which SWUpdate ignores and
	// which nothing signs.
	Trailing int
}

// ParseCMS reads a CMS signature to look at. It wants DER of at most 1 MiB. A
// signature by an algorithm that Verify does not know is no error.
func ParseCMS(der []byte) (*CMS, error) {
	d, err := parseCMS(der)
	if err != nil {
		return nil, err
	}
	result := &CMS{Certificates: d.Certificates, Attached: d.Content != nil, Trailing: d.Trailing}
	for i := range d.Signers {
		result.Signers = append(result.Signers, describeSigner(d, &d.Signers[i]))
	}
	return result, nil
}

func parseCMS(der []byte) (*cms.SignedData, error) {
	if bytes.HasPrefix(der, []byte("-----BEGIN ")) {
		return nil, hinted("openssl cms -cmsout -inform PEM -in FILE -outform DER -out FILE.der",
			"cms: found PEM: want DER, which is all that SWUpdate reads")
	}
	return cms.Parse(der)
}

func describeSigner(d *cms.SignedData, s *cms.SignerInfo) Signer {
	signer := Signer{
		KeyID:       hex.EncodeToString(s.KeyID),
		Digest:      s.Digest,
		SigningTime: s.SigningTime,
	}
	if s.Serial != nil {
		signer.Issuer = nameOf(s.RawIssuer)
		signer.Serial = serial(s.Serial.Bytes())
	}
	if s.Unsupported != nil {
		signer.Unsupported = s.Unsupported.Error()
	} else {
		signer.Algorithm = s.Algorithm.Kind.String()
	}
	signer.add(d.CertificateOf(s))
	return signer
}

func (s *Signer) add(c *x509.Certificate) {
	if c == nil {
		return
	}
	s.Certificate = c
	s.CertificateFingerprint = fingerprint(c.Raw)
	s.Subject = distinguishedName(c.Subject.String())
	s.Issuer = distinguishedName(c.Issuer.String())
	s.Serial = serial(c.SerialNumber.Bytes())
	s.Key = Describe(c.PublicKey)
	s.KeyFingerprint = fingerprint(c.RawSubjectPublicKeyInfo)
}

// nameOf prints a name, or nothing where it is none.
func nameOf(der []byte) string {
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err != nil {
		return ""
	}
	return distinguishedName(sequence.String())
}

func signerOfKey(a cms.Algorithm, pub crypto.PublicKey) Signer {
	signer := Signer{Algorithm: a.Kind.String(), Digest: string(DigestSHA256), Key: Describe(pub)}
	// The kinds of key that verify a signature all have a fingerprint.
	signer.KeyFingerprint, _ = Fingerprint(pub)
	return signer
}
