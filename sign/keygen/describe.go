package keygen

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/fwpack/fwpack/sign"
)

// The kinds of Item.
const (
	KindPrivateKey  = "private-key"
	KindPublicKey   = "public-key"
	KindCertificate = "certificate"
	KindOther       = "other"
)

// Item is one thing in a file. Text in it may come from strangers and hold any
// character.
type Item struct {
	Kind string `json:"kind"`
	// Form is the type of the PEM block: "PRIVATE KEY".
	Form string `json:"form"`
	// Encrypted says that the file must be opened with a passphrase; nothing
	// else is known of such a key.
	Encrypted bool `json:"encrypted,omitempty"`
	// Key and Fingerprint are those of package sign.
	Key         string `json:"key,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	// Published says where the private half can be had by everybody.
	Published string `json:"published,omitempty"`
	// Problem says why the item cannot be read.
	Problem     string       `json:"problem,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`

	pub         crypto.PublicKey
	certificate *x509.Certificate
}

// Certificate is what a certificate claims; nothing in it has been verified.
type Certificate struct {
	Subject            string    `json:"subject"` // as RFC 2253 writes names
	Issuer             string    `json:"issuer"`
	Serial             string    `json:"serial"` // hex, as openssl prints it
	NotBefore          time.Time `json:"not_before"`
	NotAfter           time.Time `json:"not_after"`
	CA                 bool      `json:"ca"`
	SelfSigned         bool      `json:"self_signed"` // by its names
	SignatureAlgorithm string    `json:"signature_algorithm"`
	// KeyUsage and ExtendedKeyUsage have the names of RFC 5280; without the
	// extension they are empty, and OpenSSL takes every use for allowed.
	KeyUsage         []string `json:"key_usage"`
	ExtendedKeyUsage []string `json:"extended_key_usage"`
	// Purposes are those of SWUpdate that the certificate may sign for.
	Purposes []sign.Purpose `json:"purposes"`
	// Fingerprint is "sha256:" and the hash of the whole certificate in hex.
	Fingerprint string `json:"fingerprint"`
}

// Describe says what a PEM file holds, in its order. A block that cannot be
// read has its Problem said; only a file that is no PEM is an error.
func Describe(data []byte) ([]Item, error) {
	all, err := blocks(data)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, b := range all {
		items = append(items, describeBlock(b))
	}
	return items, nil
}

func describeBlock(b *pem.Block) Item {
	item := Item{Kind: kindOf(b), Form: b.Type}
	switch {
	case item.Kind == KindOther:
	case isPrivate(b) && isEncrypted(b):
		item.Encrypted = true
	default:
		item.read(b)
	}
	return item
}

func kindOf(b *pem.Block) string {
	switch {
	case isPrivate(b):
		return KindPrivateKey
	case isPublic(b):
		return KindPublicKey
	case isCertificate(b):
		return KindCertificate
	}
	return KindOther
}

// read fills in what needs parsing.
func (i *Item) read(b *pem.Block) {
	pub, err := publicOf(b, nil)
	if err == nil {
		i.Fingerprint, err = sign.Fingerprint(pub)
	}
	if err != nil {
		i.Problem = err.Error()
		return
	}
	i.pub, i.Key = pub, sign.Describe(pub)
	i.Published = Published(i.Fingerprint)
	if i.Kind == KindCertificate {
		i.certificate, _ = x509.ParseCertificate(b.Bytes) // publicOf could
		i.Certificate = describeCertificate(i.certificate)
	}
}

func describeCertificate(c *x509.Certificate) *Certificate {
	sum := sha256.Sum256(c.Raw)
	return &Certificate{
		Subject:            c.Subject.String(),
		Issuer:             c.Issuer.String(),
		Serial:             fmt.Sprintf("%X", c.SerialNumber.Bytes()),
		NotBefore:          c.NotBefore.UTC(),
		NotAfter:           c.NotAfter.UTC(),
		CA:                 isCA(c),
		SelfSigned:         selfSigned(c),
		SignatureAlgorithm: c.SignatureAlgorithm.String(),
		KeyUsage:           keyUsages(c.KeyUsage),
		ExtendedKeyUsage:   extendedKeyUsages(c),
		Purposes:           purposesOf(c),
		Fingerprint:        "sha256:" + hex.EncodeToString(sum[:]),
	}
}

func isCA(c *x509.Certificate) bool { return c.BasicConstraintsValid && c.IsCA }

// selfSigned goes by the names, as OpenSSL does.
func selfSigned(c *x509.Certificate) bool { return string(c.RawSubject) == string(c.RawIssuer) }

// keyUsageNames are the bits of RFC 5280 section 4.2.1.3, in their order.
var keyUsageNames = []string{
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

func keyUsages(usage x509.KeyUsage) []string {
	names := []string{}
	for bit, name := range keyUsageNames {
		if usage&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	return names
}

func extendedKeyUsages(c *x509.Certificate) []string {
	names := []string{}
	for _, u := range c.ExtKeyUsage {
		names = append(names, u.String())
	}
	for _, oid := range c.UnknownExtKeyUsage {
		names = append(names, asn1.ObjectIdentifier(oid).String())
	}
	return names
}

func purposesOf(c *x509.Certificate) []sign.Purpose {
	purposes := []sign.Purpose{}
	for _, p := range sign.Purposes() {
		if p.Check(c) == nil {
			purposes = append(purposes, p)
		}
	}
	return purposes
}

// throwAway is how fwpack begins the subjects of certificates that it makes for
// trying things out.
const throwAway = "THROW-AWAY "

func isThrowAway(c *x509.Certificate) bool { return strings.HasPrefix(c.Subject.CommonName, throwAway) }

// Public returns the public key of the item, or the public half; nil where it is
// none or cannot be read.
func (i *Item) Public() crypto.PublicKey { return i.pub }
