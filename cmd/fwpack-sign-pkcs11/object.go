package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// object is a key or a certificate on a token.
type object struct {
	handle uint
	label  string
	id     []byte
}

// String names an object so that it can be told from others.
func (o object) String() string { return fmt.Sprintf("%q (id %s)", o.label, idText(o.id)) }

// idText writes an id as URIs have it.
func idText(id []byte) string {
	if len(id) == 0 {
		return "none"
	}
	return pkcs11uri.URI{ID: id}.String()[len("pkcs11:id="):]
}

// half is the URI of o's other halves: key pairs and their certificates share
// an id, or, where they have none, a label.
func (o object) half() pkcs11uri.URI {
	if len(o.id) > 0 {
		return pkcs11uri.URI{ID: o.id}
	}
	return pkcs11uri.URI{Object: o.label}
}

// pairs tells whether o and other are halves of one key.
func (o object) pairs(other object) bool {
	if len(o.id) > 0 || len(other.id) > 0 {
		return bytes.Equal(o.id, other.id)
	}
	return o.label == other.label
}

// find returns the objects of a class that uri names, as far as they are to be
// seen at this moment, by label and id.
func (s *session) find(class uint, uri pkcs11uri.URI) ([]object, error) {
	handles, err := s.module.Find(s.handle, class, uri)
	if err != nil {
		return nil, fmt.Errorf("token %q: look for objects: %w", s.token.Label, err)
	}
	var found []object
	for _, handle := range handles {
		o := object{handle, string(s.attribute(handle, attributeLabel)), s.attribute(handle, attributeID)}
		if uri.MatchObject(o.label, o.id) { // some modules look at the class alone
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b object) int { return cmp.Or(cmp.Compare(a.label, b.label), bytes.Compare(a.id, b.id)) })
	return found, nil
}

// attribute returns an attribute's value, nil where it is missing or secret.
func (s *session) attribute(handle, kind uint) []byte {
	value, err := s.module.Attribute(s.handle, handle, kind)
	if err != nil {
		return nil
	}
	return value
}

// locate returns an object that stands for the key which uri names: the private
// key, or, before the login, its public key or certificate where only one is
// meant.
func (s *session) locate(uri pkcs11uri.URI) (object, error) {
	private, err := s.find(classPrivate, uri)
	if err != nil {
		return object{}, err
	}
	if len(private) == 0 && !s.loggedIn {
		return s.locateHidden(uri)
	}
	return s.only(private, uri)
}

// locateHidden goes by the public halves, and by the private keys after a login
// where those leave a doubt.
func (s *session) locateHidden(uri pkcs11uri.URI) (object, error) {
	public, err := s.publicHalves(uri)
	if err != nil {
		return object{}, err
	}
	if len(public) == 1 {
		return public[0], nil
	}
	if err := s.login(); err != nil {
		return object{}, fmt.Errorf("%d public keys fit, and the private ones are hidden: %w", len(public), err)
	}
	return s.locate(uri)
}

// publicHalves returns one object for every key that has a public key or a
// certificate that uri names.
func (s *session) publicHalves(uri pkcs11uri.URI) ([]object, error) {
	var halves []object
	for _, class := range []uint{classPublic, classCertificate} {
		found, err := s.find(class, uri)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if !anyPairs(halves, o) {
				halves = append(halves, o)
			}
		}
	}
	return halves, nil
}

func anyPairs(all []object, one object) bool { return slices.ContainsFunc(all, one.pairs) }

// only wants exactly one private key.
func (s *session) only(private []object, uri pkcs11uri.URI) (object, error) {
	switch len(private) {
	case 1:
		return private[0], nil
	case 0:
		return object{}, s.noKey(uri)
	}
	return object{}, fmt.Errorf("token %q: %d private keys fit: want object and id of one of %s", s.token.Label, len(private), listed(private))
}

// noKey says which keys there are instead.
func (s *session) noKey(uri pkcs11uri.URI) error {
	wanted := pkcs11uri.URI{Object: uri.Object, ID: uri.ID}
	all, err := s.find(classPrivate, pkcs11uri.URI{})
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("token %q has no private key %s, and no other", s.token.Label, wanted)
	}
	return fmt.Errorf("token %q has no private key %s: private keys on it are %s", s.token.Label, wanted, listed(all))
}
