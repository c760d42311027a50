package cms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// EnvelopeOptions says how an envelope is made.
type EnvelopeOptions struct {
	// Rand gives content keys, IVs, ephemeral keys and the seed of OAEP. Only
	// the padding of PKCS #1 v1.5 comes from the system in any case, see
	// rsa.EncryptPKCS1v15.
	Rand io.Reader
	// OAEP encrypts for RSA keys by RSAES-OAEP with SHA-256, not PKCS #1 v1.5.
	OAEP bool
	// GCM makes an AuthEnvelopedData with AES-256-GCM, not AES-256-CBC.
	GCM bool
}

func (o EnvelopeOptions) cipher() contentCipher {
	if o.GCM {
		return contentCiphers[3]
	}
	return contentCiphers[0]
}

// BuildEnvelope returns the DER of an envelope: plaintext encrypted for each
// of the recipients, who are named by issuer and serial number.
//
// Each EC key gets an ephemeral key of its own, although one could serve all
// of a curve: OpenSSL 3.0, asked without a certificate, looks only at the
// first recipient of a key agreement.
func BuildEnvelope(plaintext []byte, recipients []*x509.Certificate, o EnvelopeOptions) ([]byte, error) {
	if o.Rand == nil {
		return nil, errors.New("no source of randomness")
	}
	wraps, err := outgoings(recipients, o)
	if err != nil {
		return nil, err
	}
	key, content, err := encrypt(plaintext, o)
	if err != nil {
		return nil, err
	}
	for _, w := range wraps {
		if err := w.encrypt(o.Rand, key); err != nil {
			return nil, err
		}
	}
	return assemble(wraps, content, o)
}

// encrypt draws a key and encrypts plaintext with it.
func encrypt(plaintext []byte, o EnvelopeOptions) (key []byte, content encryptedContent, err error) {
	c := o.cipher()
	random := make([]byte, c.keyLength+c.ivLength)
	if _, err := io.ReadFull(o.Rand, random); err != nil {
		return nil, content, fmt.Errorf("random source: %w", err)
	}
	key, iv := random[:c.keyLength], random[c.keyLength:]
	block, err := c.block(key)
	if err != nil {
		return nil, content, err
	}
	content = encryptedContent{cipher: c, iv: iv, tagLength: gcmTagSize}
	if !c.gcm {
		content.ciphertext = EncryptCBC(block, iv, plaintext)
		return key, content, nil
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, content, err
	}
	sealed := aead.Seal(nil, iv, plaintext, nil)
	content.ciphertext, content.tag = sealed[:len(plaintext)], sealed[len(plaintext):]
	return key, content, nil
}

// identifier returns the algorithm with its IV.
func (e *encryptedContent) identifier() (pkix.AlgorithmIdentifier, error) {
	var parameters any = e.iv
	if e.cipher.gcm {
		parameters = gcmParameters{Nonce: e.iv, TagLength: e.tagLength}
	}
	der, err := asn1.Marshal(parameters)
	return pkix.AlgorithmIdentifier{Algorithm: e.cipher.oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// The structures of RFC 5652, sections 3 and 6.1, and RFC 5083, section 2.1.
type (
	enveloped struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue // [0]
	}
	envelopedData struct {
		Version    int
		Recipients []asn1.RawValue `asn1:"set"`
		Content    encryptedContentInfo
		MAC        []byte `asn1:"optional"` // of AuthEnvelopedData only
	}
	encryptedContentInfo struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Content   []byte `asn1:"tag:0"`
	}
)

func assemble(wraps []outgoing, content encryptedContent, o EnvelopeOptions) ([]byte, error) {
	id, err := content.identifier()
	if err != nil {
		return nil, err
	}
	data := envelopedData{
		Content: encryptedContentInfo{Type: oidData, Algorithm: id, Content: content.ciphertext},
		MAC:     content.tag,
	}
	for _, w := range wraps {
		der, err := w.der()
		if err != nil {
			return nil, err
		}
		data.Recipients = append(data.Recipients, asn1.RawValue{FullBytes: der})
		// RFC 5652, section 6.1: 2 where a recipient's version is not 0.
		// AuthEnvelopedData is always 0 (RFC 5083, section 2.1).
		if w.isAgreement() && !o.GCM {
			data.Version = 2
		}
	}
	der, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	explicit := asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: der}
	return asn1.Marshal(enveloped{o.contentType(), explicit})
}

func (o EnvelopeOptions) contentType() asn1.ObjectIdentifier {
	if o.GCM {
		return oidAuthEnvelopedData
	}
	return oidEnvelopedData
}

// EnvelopeSize is the exact length of what BuildEnvelope returns for n bytes
// of plaintext: nothing in an envelope varies in length with what is drawn.
func EnvelopeSize(n int, recipients []*x509.Certificate, o EnvelopeOptions) (int, error) {
	wraps, err := outgoings(recipients, o)
	if err != nil {
		return 0, err
	}
	keys := 0
	for _, w := range wraps {
		der, err := w.der()
		if err != nil {
			return 0, err
		}
		keys += len(der)
	}
	c := o.cipher()
	content := encryptedContent{cipher: c, iv: make([]byte, c.ivLength), tagLength: gcmTagSize}
	id, err := content.identifier()
	if err != nil {
		return 0, err
	}
	algorithm, err := asn1.Marshal(id)
	if err != nil {
		return 0, err
	}
	tag := elementSize(gcmTagSize)
	if !c.gcm {
		n, tag = PaddedSize(n, aes.BlockSize), 0
	}
	info := elementSize(oidSize(oidData) + len(algorithm) + elementSize(n))
	const version = 3 // an INTEGER of one byte
	data := elementSize(version + elementSize(keys) + info + tag)
	return elementSize(oidSize(o.contentType()) + elementSize(data)), nil
}

// elementSize is the length of a DER element that holds n bytes.
func elementSize(n int) int {
	header := 2
	if n >= 0x80 {
		for rest := n; rest > 0; rest >>= 8 {
			header++
		}
	}
	return header + n
}

func oidSize(oid asn1.ObjectIdentifier) int {
	der, _ := asn1.Marshal(oid) // the identifiers here are all good
	return len(der)
}

// issuerAndSerial is IssuerAndSerialNumber of RFC 5652, section 10.2.4.
type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}
