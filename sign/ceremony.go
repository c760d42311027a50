package sign

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/internal/cms"
)

// Ceremony collects the signatures of one message, where keys are in several
// places or sign at several times. NewCeremony says who may sign; Keep takes
// over signatures that are there already, Sign makes one with a private half
// that is at hand, and Attach takes one that was made elsewhere, of what ToSign
// says. Signature ends it. What is taken has been verified.
type Ceremony struct {
	scheme  Scheme
	message []byte
	keys    []Key
	opt     Options

	kept *cms.SignedData   // nil where nothing is kept
	made []*cms.SignedData // by key, for scheme cms; nil where it has not signed
	raw  []byte            // for the other schemes, whose only key is keys[0]
}

// NewCeremony begins a Ceremony of the keys, each a different one. Where a
// private half is elsewhere the key's Signer is that of Elsewhere.
func NewCeremony(scheme Scheme, message []byte, keys []Key, opt Options) (*Ceremony, error) {
	if len(keys) > 0 {
		if err := checkKeys(scheme, keys, opt); err != nil {
			return nil, err
		}
	} else if err := scheme.valid(); err != nil {
		return nil, err
	}
	for i, k := range keys {
		for _, other := range keys[:i] {
			if samePublicKey(k.Signer.Public(), other.Signer.Public()) {
				return nil, fmt.Errorf("%s and %s are the same key: want different ones", other, k)
			}
		}
	}
	return &Ceremony{scheme: scheme, message: message, keys: keys, opt: opt, made: make([]*cms.SignedData, len(keys))}, nil
}

// Elsewhere returns a crypto.Signer for Key.Signer that has the public half only
// and refuses to sign.
func Elsewhere(pub crypto.PublicKey) crypto.Signer { return elsewhere{pub} }

type elsewhere struct{ pub crypto.PublicKey }

func (e elsewhere) Public() crypto.PublicKey { return e.pub }

func (e elsewhere) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the private key is elsewhere")
}

// ToSign is what a key signs, and how.
type ToSign struct {
	// Bytes are what is hashed and signed: the message, or for scheme cms the
	// signed attributes (RFC 5652, section 5.4), which hold the digest of the
	// message.
	Bytes []byte
	// Algorithm is "rsa-pkcs1v15", "rsa-pss" or "ecdsa".
	Algorithm string
	Hash      Digest
	// SaltLength is that of RSA-PSS in bytes.
	SaltLength int
}

// ToSign tells what key i is to sign.
func (c *Ceremony) ToSign(i int) (ToSign, error) {
	k := c.keys[i]
	algorithm := k.algorithm(c.scheme)
	t := ToSign{Bytes: c.message, Algorithm: algorithm.Kind.String(), Hash: k.Digest.name(), SaltLength: algorithm.SaltLength}
	if c.scheme != SchemeCMS {
		return t, nil
	}
	_, err := buildCMS(c.message, c.keys[i:i+1], c.opt, func(k Key, attributes []byte) ([]byte, error) {
		t.Bytes = attributes
		return make([]byte, signatureSize(k.Signer.Public())), nil
	})
	return t, err
}

// Sign makes the signature of key i, whose private half is at hand.
func (c *Ceremony) Sign(i int) error {
	if c.Signed(i) {
		return fmt.Errorf("%s: has signed already", c.keys[i])
	}
	signature, err := Sign(c.scheme, c.message, c.keys[i:i+1], c.opt)
	if err != nil {
		return err
	}
	return c.take(i, signature)
}

// take notes a signature of key i, a CMS for scheme cms. It has been verified.
func (c *Ceremony) take(i int, signature []byte) error {
	if c.scheme != SchemeCMS {
		c.raw = signature
		return nil
	}
	d, err := cms.Parse(signature)
	c.made[i] = d
	return err
}

// Signed tells whether key i has signed.
func (c *Ceremony) Signed(i int) bool {
	return c.made[i] != nil || c.raw != nil
}

// Missing returns the keys that have not signed.
func (c *Ceremony) Missing() []Key {
	var missing []Key
	for i, k := range c.keys {
		if !c.Signed(i) {
			missing = append(missing, k)
		}
	}
	return missing
}

// Keep takes over the signers of a CMS that signs the message, less those that
// drop picks, whether they are trusted or expired; nil drops none. It returns
// the ones kept and the ones dropped. A signer who is one of the keys gives way
// to the new signature and counts as dropped. Of those kept each signature must
// be of the message, which is all that is verified.
func (c *Ceremony) Keep(signature []byte, drop func(Signer) bool) (kept, dropped []Signer, err error) {
	if c.scheme != SchemeCMS {
		return nil, nil, fmt.Errorf("scheme %s holds one signature: only scheme cms keeps others beside it", c.scheme)
	}
	d, err := parseCMS(signature)
	if err != nil {
		return nil, nil, &VerificationError{Reason: err}
	}
	rest := d.Without(func(s *cms.SignerInfo) bool {
		signer := describeSigner(d, s)
		if c.has(signer.Certificate) || drop != nil && drop(signer) {
			dropped = append(dropped, signer)
			return true
		}
		kept = append(kept, signer)
		return false
	})
	for i := range rest.Signers {
		if err := verifyKept(rest, &rest.Signers[i], c.message); err != nil {
			return nil, nil, &VerificationError{Signer: describeSigner(d, &rest.Signers[i]).Subject, Reason: err}
		}
	}
	c.kept = rest
	return kept, dropped, nil
}

func verifyKept(d *cms.SignedData, s *cms.SignerInfo, message []byte) error {
	certificate := d.CertificateOf(s)
	if certificate == nil {
		return errors.New("the CMS does not hold the signer's certificate, which SWUpdate takes from there only")
	}
	return d.Verify(s, certificate.PublicKey, message)
}

// has tells whether the certificate's key is one of the ceremony's.
func (c *Ceremony) has(certificate *x509.Certificate) bool {
	return certificate != nil && c.index(certificate.PublicKey) >= 0
}

// index finds the key with the public half, -1 where there is none.
func (c *Ceremony) index(pub crypto.PublicKey) int {
	for i, k := range c.keys {
		if samePublicKey(k.Signer.Public(), pub) {
			return i
		}
	}
	return -1
}

// Signature returns the signature of all that have signed, beside those kept.
// Of the keys at least required must have signed; a CMS must have a signer.
func (c *Ceremony) Signature(required int) ([]byte, error) {
	missing := c.Missing()
	if signed := len(c.keys) - len(missing); signed < required {
		return nil, fmt.Errorf("%d of %d signatures are missing: wanted of %s", required-signed, required, names(missing))
	}
	if c.scheme != SchemeCMS {
		return c.raw, nil
	}
	var parts []*cms.SignedData
	if c.kept != nil {
		parts = append(parts, c.kept)
	}
	for _, d := range c.made {
		if d != nil {
			parts = append(parts, d)
		}
	}
	der, err := cms.Join(parts...)
	if err != nil {
		return nil, fmt.Errorf("scheme cms: %w", err)
	}
	return der, nil
}

// names lists keys: "alice", "bob" or "carol".
func names(keys []Key) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.String())
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return alternatives(list)
}
