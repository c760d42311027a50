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
		tried = true
		if plaintext, ok := e.openAs(h, r); ok {
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
func (e *Envelope) openAs(h holder, r *Recipient) ([]byte, bool) {
	key, ok := h.contentKey(r)
	if !ok || len(key) != e.content.cipher.keyLength {
		return nil, false
	}
	return e.content.decrypt(key)
}

// holder has a private key for one of the two families of recipients.
type holder struct {
	rsa crypto.Decrypter
	ec  ecdh.KeyExchanger
}

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
