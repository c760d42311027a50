package envelope

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/fwpack/fwpack/internal/cms"
)

// Recipient is one to whom an envelope is addressed. It is named by issuer and
// serial number, or by subject key identifier.
type Recipient struct {
	// Issuer is the issuer's name in the form of RFC 4514; "" where KeyID is
	// set, and for a recipient without a certificate.
	Issuer    string
	RawIssuer []byte   // DER of the name; nil where Issuer is ""
	Serial    *big.Int // nil where Issuer is ""
	KeyID     []byte   // nil where the recipient is named by its issuer

	// Kind is "RSA PKCS#1 v1.5", "RSA OAEP", "ECDH P-256", "ECDH P-384",
	// "ECDH P-521", "ECDH" on another curve, or "other".
	Kind string
	// Unsupported says why Open cannot open the envelope as this recipient;
	// nil where it can.
	Unsupported error

	inner *cms.Recipient
}

// Names reports whether r is for the certificate c.
func (r *Recipient) Names(c *x509.Certificate) bool { return r.inner != nil && r.inner.Names(c) }

// String returns issuer and serial number, or the key identifier, in words.
func (r *Recipient) String() string {
	switch {
	case r.Serial != nil:
		return fmt.Sprintf("%s, serial number %X", r.Issuer, r.Serial)
	case r.KeyID != nil:
		return fmt.Sprintf("key identifier %X", r.KeyID)
	}
	return "unnamed"
}

// Recipients lists whom the envelope is for, in the order of the file. It
// reads the whole structure and decrypts nothing.
func Recipients(der []byte) ([]Recipient, error) {
	e, err := parse(der)
	if err != nil {
		return nil, err
	}
	list := make([]Recipient, 0, len(e.Recipients))
	for i := range e.Recipients {
		r, err := recipientOf(&e.Recipients[i])
		if err != nil {
			return nil, fmt.Errorf("envelope: recipient %d: %w", i+1, err)
		}
		list = append(list, r)
	}
	return list, nil
}

// Cipher names the encryption of an envelope's text: "AES-256-CBC" and the
// like, "3DES-CBC", or an object identifier where Open knows it not.
func Cipher(der []byte) (string, error) {
	e, err := parse(der)
	if err != nil {
		return "", err
	}
	return e.Cipher, nil
}

func recipientOf(inner *cms.Recipient) (Recipient, error) {
	r := Recipient{
		RawIssuer: inner.RawIssuer, Serial: inner.Serial, KeyID: inner.KeyID,
		Kind: kindOf(inner), Unsupported: inner.Unsupported, inner: inner,
	}
	if inner.Serial == nil {
		return r, nil
	}
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(inner.RawIssuer, &sequence); err != nil || len(rest) > 0 {
		return Recipient{}, errors.New("the issuer is not a name")
	}
	// As Subject prints the names of certificates elsewhere, too.
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	r.Issuer = name.String()
	return r, nil
}

func kindOf(r *cms.Recipient) string {
	switch r.Kind {
	case cms.TransportPKCS1:
		return "RSA PKCS#1 v1.5"
	case cms.TransportOAEP:
		return "RSA OAEP"
	case cms.AgreementECDH:
		if r.Curve != "" {
			return "ECDH " + r.Curve
		}
		return "ECDH"
	}
	return "other"
}
