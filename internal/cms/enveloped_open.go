package cms

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// Open decrypts the content with the key of one recipient: an
// *ecdsa.PrivateKey, an ecdh.KeyExchanger, or a crypto.Decrypter whose public
// key is RSA. With a certificate only the recipients that it is for are tried,
// without one all are.
//
// CBC has no integrity: a changed ciphertext may decrypt to another plaintext
// without an error. Only GCM, or a signature over the plaintext, tells.
func (e *Envelope) Open(key crypto.PrivateKey, certificate *x509.Certificate) ([]byte, error) {
	if e.Unsupported != nil {
		return nil, e.Unsupported
	}
	h, err := holderOf(key)
	if err != nil {
		return nil, err
	}
	if certificate != nil && !h.owns(certificate) {
		return nil, fmt.Errorf("certificate %q is of another key", certificate.Subject)
	}
	return e.openFor(h, certificate)
}

// An envelope of a hostile sender would take minutes to open where nothing tells
// which recipient is meant: each is tried, and content of any size decrypted with
// keys that are not its own. These bounds are about a second of work, in units of
// an RSA-2048 decryption (some 0.7 ms on a desk computer of 2024).
const (
	maxWork     = 1100
	maxContents = 8
)

// cost is that of one try, in the same units.
func (h *holder) cost() float64 {
	if h.rsa != nil {
		size := float64(h.rsa.Public().(*rsa.PublicKey).Size()) / 256
		return size * size * size
	}
	switch h.ec.Curve() {
	case ecdh.P256():
		return 0.07
	case ecdh.P384():
		return 0.6
	}
	return 1.5
}

// errTooMany says what would tell who is meant.
var errTooMany = errors.New("too many recipients to try all: the certificate of the key tells which one it is")

// spend takes one try from what is left.
func (h *holder) spend() bool {
	h.work += h.cost()
	return h.work <= maxWork
}

func (e *Envelope) openFor(h holder, certificate *x509.Certificate) ([]byte, error) {
	var unsupported error
	tried := false
	for i := range e.Recipients {
		r := &e.Recipients[i]
		if certificate != nil && !r.Names(certificate) {
			continue
		}
		if r.Unsupported != nil {
			unsupported = r.Unsupported
			continue
		}
		if !h.fits(r) {
			tried = true
			continue
		}
		if !h.spend() {
			return nil, errTooMany
		}
		tried = true
		if plaintext, ok := e.openAs(&h, r); ok {
			return plaintext, nil
		}
	}
	switch {
	case tried:
		return nil, ErrDecrypt
	case unsupported != nil:
		return nil, unsupported
	}
	return nil, fmt.Errorf("certificate %q (serial number %X) is of no recipient", certificate.Subject, certificate.SerialNumber)
}

// openAs is false where r is not h, or the content does not decrypt: a padding
// of RSA can pass by chance, and the next recipient may be the one.
func (e *Envelope) openAs(h *holder, r *Recipient) ([]byte, bool) {
	key, ok := h.contentKey(r)
	if !ok || len(key) != e.content.cipher.keyLength || h.contents >= maxContents {
		return nil, false
	}
	h.contents++
	return e.content.decrypt(key)
}

// holder has a private key for one of the two families of recipients.
type holder struct {
	rsa crypto.Decrypter
	ec  ecdh.KeyExchanger

	work     float64 // for recipients so far
	contents int     // decrypted so far
}

// fits tells whether a recipient has a key of the family.
func (h holder) fits(r *Recipient) bool { return (r.Kind == AgreementECDH) == (h.ec != nil) }

func holderOf(key crypto.PrivateKey) (holder, error) {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		ec, err := key.ECDH()
		if err != nil {
			return holder{}, errors.New("key of another curve: want P-256, P-384 or P-521")
		}
		return holder{ec: ec}, nil
	case ecdh.KeyExchanger:
		return holder{ec: key}, nil
	case crypto.Decrypter:
		if _, ok := key.Public().(*rsa.PublicKey); ok {
			return holder{rsa: key}, nil
		}
	}
	return holder{}, fmt.Errorf("key of type %T: want RSA or EC", key)
}

func (h holder) contentKey(r *Recipient) ([]byte, bool) {
	switch {
	case r.Kind == AgreementECDH && h.ec != nil:
		return r.agreement.unwrap(h.ec, r.key)
	case r.Kind != AgreementECDH && h.rsa != nil:
		return r.decryptTransport(h.rsa)
	}
	return nil, false
}

// owns reports whether certificate is for the key of h.
func (h holder) owns(certificate *x509.Certificate) bool {
	if h.rsa != nil {
		return h.rsa.Public().(*rsa.PublicKey).Equal(certificate.PublicKey)
	}
	pub, ok := certificate.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return false
	}
	point, err := pub.ECDH()
	return err == nil && h.ec.PublicKey().Equal(point)
}
