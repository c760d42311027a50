package main

import (
	"crypto"
	"crypto/x509"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// maxChain bounds the certificates that are handed out.
const maxChain = 8

// certificatesNamed returns the X.509 certificates of a token that uri names;
// others, and what cannot be read, are passed over: a key signs without them,
// and whoever needs one says that it is missing.
func (s *session) certificatesNamed(uri pkcs11uri.URI) []*x509.Certificate {
	found, err := s.find(classCertificate, uri)
	if err != nil {
		return nil
	}
	var all []*x509.Certificate
	for _, o := range found {
		if c, err := x509.ParseCertificate(s.attribute(o.handle, attributeValue)); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// certificateOf returns the certificate of the key that o belongs to, for the
// public key pub unless that is nil; nil where there is none.
func (s *session) certificateOf(o object, pub crypto.PublicKey) *x509.Certificate {
	for _, c := range s.certificatesNamed(o.half()) {
		if pub == nil || samePublicKey(pub, c.PublicKey) {
			return c
		}
	}
	return nil
}

// chain returns the certificate of a key and its issuers, as far as the token
// has them.
func (s *session) chain(o object, pub crypto.PublicKey) []*x509.Certificate {
	leaf := s.certificateOf(o, pub)
	if leaf == nil {
		return nil
	}
	return issuers(leaf, s.certificatesNamed(pkcs11uri.URI{}))
}

// issuers returns leaf and those that signed it, one by the other, among all.
func issuers(leaf *x509.Certificate, all []*x509.Certificate) []*x509.Certificate {
	chain := []*x509.Certificate{leaf}
	for len(chain) < maxChain {
		last := chain[len(chain)-1]
		if last.CheckSignatureFrom(last) == nil {
			break // a root
		}
		next := issuer(last, all)
		if next == nil {
			break
		}
		chain = append(chain, next)
	}
	return chain
}

func issuer(of *x509.Certificate, all []*x509.Certificate) *x509.Certificate {
	for _, c := range all {
		if of.CheckSignatureFrom(c) == nil && string(of.RawIssuer) == string(c.RawSubject) {
			return c
		}
	}
	return nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
