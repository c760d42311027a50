package main

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// key is a key on a token: a crypto.Signer that logs in when it first signs.
type key struct {
	session      *session
	uri          pkcs11uri.URI
	object       object // a half of the key
	public       crypto.PublicKey
	certificates []*x509.Certificate

	private *privateKey // nil before the first signature
}

// privateKey is the half that signs.
type privateKey struct {
	handle      uint
	alwaysLogin bool
}

// key finds the key that uri names, if it can without a login.
func (s *session) key(uri pkcs11uri.URI) (*key, error) {
	o, err := s.locate(uri)
	if err != nil {
		return nil, err
	}
	pub, err := s.public(o)
	if err == nil && pub == nil && !s.loggedIn {
		if err = s.login(); err == nil {
			pub, err = s.public(o)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case pub == nil:
		return nil, fmt.Errorf("token %q: key %s has neither a public key nor a certificate with its id: import one of them", s.token.Label, o)
	}
	return &key{session: s, uri: uri, object: o, public: pub, certificates: s.chain(o, pub)}, nil
}

// Public returns the public key.
func (k *key) Public() crypto.PublicKey { return k.public }

// Sign signs digest on the token, which needs no randomness from outside.
func (k *key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	m, data, err := order(k.public, digest, opts)
	if err != nil {
		return nil, err
	}
	if err := k.unlock(); err != nil {
		return nil, err
	}
	if err := k.session.offers(m.kind); err != nil {
		return nil, err
	}
	signature, err := k.sign(m, data)
	if err != nil {
		return nil, err
	}
	return deliver(k.public, signature)
}

// unlock logs in and finds the private half, once.
func (k *key) unlock() error {
	if k.private != nil {
		return nil
	}
	if err := k.session.login(); err != nil {
		return err
	}
	private, err := k.findPrivate()
	if err != nil {
		return err
	}
	if no(k.session.attribute(private.handle, attributeSign)) {
		return k.notAllowed(private)
	}
	k.private = &privateKey{private.handle, yes(k.session.attribute(private.handle, attributeAlwaysLogin))}
	return nil
}

// findPrivate returns the private half. The public one may have been found by a
// label that the private one does not have.
func (k *key) findPrivate() (object, error) {
	s := k.session
	halves, err := s.find(classPrivate, k.object.half())
	if err != nil {
		return object{}, err
	}
	halves = slices.DeleteFunc(halves, func(o object) bool { return !o.pairs(k.object) })
	named := slices.DeleteFunc(slices.Clone(halves), func(o object) bool { return !k.uri.MatchObject(o.label, o.id) })
	if len(named) > 0 {
		halves = named
	}
	return s.only(halves, k.uri)
}

func (k *key) notAllowed(private object) error {
	return fmt.Errorf("token %q: private key %s may not sign: its CKA_SIGN is false", k.session.token.Label, private)
}

func (k *key) sign(m mechanism, data []byte) ([]byte, error) {
	s := k.session
	fail := func(err error) error {
		if number(err) == codeNotPermitted {
			return k.notAllowed(k.object)
		}
		return fmt.Errorf("token %q: sign with %s by %s: %w", s.token.Label, k.object, mechanismName(m.kind), err)
	}
	if err := s.module.SignInit(s.handle, m, k.private.handle); err != nil {
		return nil, fail(err)
	}
	if k.private.alwaysLogin {
		if err := s.loginAgain(); err != nil {
			return nil, err
		}
	}
	signature, err := s.module.Sign(s.handle, data)
	if err != nil {
		return nil, fail(err)
	}
	return signature, nil
}

// offers wants the token to have a mechanism. A token that does not tell may
// have it.
func (s *session) offers(kind uint) error {
	if s.mechanisms == nil {
		all, err := s.module.Mechanisms(s.slot)
		if err != nil {
			return nil
		}
		s.mechanisms = all
	}
	if len(s.mechanisms) == 0 || slices.Contains(s.mechanisms, kind) {
		return nil
	}
	return fmt.Errorf("token %q cannot sign by %s; %s", s.token.Label, mechanismName(kind), s.offered())
}

// offered names the mechanisms for signatures that a token has.
func (s *session) offered() string {
	var names []string
	for _, kind := range s.mechanisms {
		if name := mechanismName(kind); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "it has no mechanism that fwpack signs by"
	}
	return "it can by " + strings.Join(names, ", ")
}
