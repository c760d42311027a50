package cms

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
)

// MinRSABits is the shortest RSA key that is encrypted for: NIST SP 800-131A
// allows no shorter one.
const MinRSABits = 2048

// outgoing is a recipient of an envelope in the making. Its DER has the right
// length, and zeros for the key, before it has the right bytes.
type outgoing interface {
	encrypt(random io.Reader, key []byte) error
	der() ([]byte, error)
	isAgreement() bool
}

// outgoings returns a recipient for each certificate. Two of one issuer and
// serial number are refused even where their keys differ: OpenSSL gives up
// when the first that a device's certificate names does not open.
func outgoings(certificates []*x509.Certificate, o EnvelopeOptions) ([]outgoing, error) {
	if len(certificates) == 0 || len(certificates) > maxRecipients {
		return nil, fmt.Errorf("%d recipients: want 1 to %d", len(certificates), maxRecipients)
	}
	seen := make(map[string]bool, len(certificates))
	var all []outgoing
	for _, c := range certificates {
		out, err := outgoingFor(c, o)
		if err != nil {
			return nil, err
		}
		name := c.SerialNumber.Text(16) + " " + string(c.RawIssuer)
		if seen[name] {
			return nil, fmt.Errorf("%s is there twice: each recipient needs a pair of issuer and serial number of its own", recipientName(c))
		}
		seen[name] = true
		all = append(all, out)
	}
	return all, nil
}

// CheckRecipientKey returns nil where an envelope can be made for c's key.
func CheckRecipientKey(c *x509.Certificate) error {
	_, err := outgoingFor(c, EnvelopeOptions{})
	return err
}

func outgoingFor(c *x509.Certificate, o EnvelopeOptions) (outgoing, error) {
	if c == nil {
		return nil, errors.New("recipient without a certificate")
	}
	id := issuerAndSerial{asn1.RawValue{FullBytes: c.RawIssuer}, c.SerialNumber}
	switch pub := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := pub.N.BitLen(); bits < MinRSABits {
			return nil, fmt.Errorf("%s has an RSA key of %d bits: want %d or more", recipientName(c), bits, MinRSABits)
		}
		return newTransport(id, pub, o.OAEP)
	case *ecdsa.PublicKey:
		point, err := pub.ECDH()
		if err != nil {
			return nil, fmt.Errorf("%s has a key on %s: want P-256, P-384 or P-521", recipientName(c), pub.Curve.Params().Name)
		}
		return newAgreement(id, point)
	}
	return nil, fmt.Errorf("%s has a key of type %s: want RSA, or EC on P-256, P-384 or P-521", recipientName(c), keyType(c))
}

func keyType(c *x509.Certificate) string {
	if c.PublicKeyAlgorithm == x509.UnknownPublicKeyAlgorithm {
		return "unknown"
	}
	return c.PublicKeyAlgorithm.String()
}

func recipientName(c *x509.Certificate) string {
	return fmt.Sprintf("recipient %q (serial number %X)", c.Subject, c.SerialNumber)
}

// transportInfo is KeyTransRecipientInfo of RFC 5652, section 6.2.1.
type transportInfo struct {
	Version   int
	ID        issuerAndSerial
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
}

type outgoingTransport struct {
	info transportInfo
	pub  *rsa.PublicKey
	oaep bool
}

func newTransport(id issuerAndSerial, pub *rsa.PublicKey, oaep bool) (*outgoingTransport, error) {
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}
	if oaep {
		var err error
		if algorithm, err = oaepIdentifier(); err != nil {
			return nil, err
		}
	}
	info := transportInfo{ID: id, Algorithm: algorithm, Key: make([]byte, pub.Size())}
	return &outgoingTransport{info, pub, oaep}, nil
}

func (t *outgoingTransport) encrypt(random io.Reader, key []byte) (err error) {
	t.info.Key, err = transport(random, t.pub, key, t.oaep)
	return err
}

func (t *outgoingTransport) der() ([]byte, error) { return asn1.Marshal(t.info) }

func (t *outgoingTransport) isAgreement() bool { return false }

// The structures of RFC 5652, section 6.2.2. The ephemeral key's algorithm has
// no parameters, as RFC 5753, section 3.1.1, allows and openssl does: the
// curve is that of the recipient's key.
type (
	agreementInfo struct {
		Version    int
		Originator originator `asn1:"tag:0"`
		UKM        []byte     `asn1:"explicit,tag:1,optional"`
		Algorithm  pkix.AlgorithmIdentifier
		Keys       []encryptedKey
	}
	originator struct {
		Key originatorKey `asn1:"tag:1"`
	}
	originatorKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Point     asn1.BitString
	}
	encryptedKey struct {
		ID  issuerAndSerial
		Key []byte
	}
)

type outgoingAgreement struct {
	info agreementInfo
	pub  *ecdh.PublicKey
	with *agreement
}

func newAgreement(id issuerAndSerial, pub *ecdh.PublicKey) (*outgoingAgreement, error) {
	algorithm, with, err := agree()
	if err != nil {
		return nil, err
	}
	info := agreementInfo{
		Version:   3,
		Algorithm: algorithm,
		Keys:      []encryptedKey{{id, make([]byte, contentCiphers[0].keyLength+wrapOverhead)}},
	}
	info.Originator.Key.Algorithm.Algorithm = oidECPublicKey
	info.setPoint(make([]byte, len(pub.Bytes())))
	return &outgoingAgreement{info, pub, with}, nil
}

func (i *agreementInfo) setPoint(point []byte) {
	i.Originator.Key.Point = asn1.BitString{Bytes: point, BitLength: 8 * len(point)}
}

func (a *outgoingAgreement) encrypt(random io.Reader, key []byte) error {
	ephemeral, err := ephemeralKey(a.pub.Curve(), random)
	if err != nil {
		return err
	}
	secret, err := ephemeral.ECDH(a.pub)
	if err != nil {
		return err
	}
	kek, err := a.with.wrappingKey(secret)
	if err != nil {
		return err
	}
	a.info.setPoint(ephemeral.PublicKey().Bytes())
	a.info.Keys[0].Key, err = wrapAES(kek, key)
	return err
}

func (a *outgoingAgreement) der() ([]byte, error) { return asn1.MarshalWithParams(a.info, "tag:1") }

func (a *outgoingAgreement) isAgreement() bool { return true }
