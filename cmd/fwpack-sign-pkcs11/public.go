package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// attributes returns one of an object's attributes, nil where it is missing.
type attributes func(kind uint) []byte

// publicKey makes a public key of the attributes of a public key, or of a
// private one that lets see its public part.
func publicKey(get attributes) (crypto.PublicKey, error) {
	kind, ok := unsigned(get(attributeKeyType))
	if !ok {
		return nil, errors.New("no CKA_KEY_TYPE")
	}
	switch kind {
	case keyRSA:
		if n, e := get(attributeModulus), get(attributePublicExponent); len(n) > 0 && len(e) > 0 {
			return rsaKey(n, e)
		}
	case keyEC:
		if params, point := get(attributeECParams), get(attributeECPoint); len(params) > 0 && len(point) > 0 {
			return ecKey(params, point)
		}
	case keyEdwards:
		if point := get(attributeECPoint); len(point) > 0 {
			return edwardsKey(get(attributeECParams), point)
		}
	default:
		return nil, fmt.Errorf("a key of type %#x (CKA_KEY_TYPE): want RSA, EC or Edwards", kind)
	}
	if info := get(attributePublicKeyInfo); len(info) > 0 { // PKCS #11 2.40
		return x509.ParsePKIXPublicKey(info)
	}
	return nil, errors.New("no attributes of a public key")
}

// rsaKey takes big-endian numbers; what is no key is found by who uses it.
func rsaKey(modulus, exponent []byte) (crypto.PublicKey, error) {
	e := new(big.Int).SetBytes(exponent)
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
		return nil, errors.New("RSA: a public exponent of more than 31 bits, or less than 3")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())}, nil
}

// curves are the curves of RFC 5480 that firmware is signed on.
func curves() map[string]elliptic.Curve {
	return map[string]elliptic.Curve{
		"1.2.840.10045.3.1.7": elliptic.P256(),
		"1.3.132.0.34":        elliptic.P384(),
		"1.3.132.0.35":        elliptic.P521(),
	}
}

func ecKey(params, point []byte) (crypto.PublicKey, error) {
	var oid asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(params, &oid); err != nil || len(rest) > 0 {
		return nil, errors.New("EC: CKA_EC_PARAMS is not an object identifier: want P-256, P-384 or P-521 by name")
	}
	curve, ok := curves()[oid.String()]
	if !ok {
		return nil, fmt.Errorf("EC: curve %v: want P-256, P-384 or P-521", oid)
	}
	if key, err := ecdsa.ParseUncompressedPublicKey(curve, octets(point)); err == nil {
		return key, nil
	}
	// Without the DER around it, as old modules give it: 4 is both the tag of an
	// octet string and the first byte of an uncompressed point.
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("EC: CKA_EC_POINT is not an uncompressed point of %s", curve.Params().Name)
	}
	return key, nil
}

// edwardsKey accepts the curve as PKCS #11 3.0 writes it, a printable string, and
// as RFC 8410 does, an object identifier.
func edwardsKey(params, point []byte) (crypto.PublicKey, error) {
	var oid asn1.ObjectIdentifier
	var name string
	_, notOID := asn1.Unmarshal(params, &oid)
	_, notName := asn1.Unmarshal(params, &name)
	if notOID == nil && oid.String() != "1.3.101.112" || notName == nil && name != "edwards25519" {
		return nil, errors.New("CKA_EC_PARAMS of an Edwards key: want edwards25519")
	}
	if inner := octets(point); len(inner) == ed25519.PublicKeySize {
		point = inner
	}
	if len(point) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("CKA_EC_POINT of an Edwards key has %d bytes: want %d", len(point), ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(point), nil
}

// octets returns what is in the DER of an octet string, nil where there is none.
func octets(der []byte) []byte {
	var inner []byte
	if rest, err := asn1.Unmarshal(der, &inner); err != nil || len(rest) > 0 {
		return nil
	}
	return inner
}

// public returns the public half of the key that o belongs to: from the public
// key, a certificate, or the private key itself; nil where none can be seen.
func (s *session) public(o object) (crypto.PublicKey, error) {
	halves, err := s.find(classPublic, o.half())
	if err != nil {
		return nil, err
	}
	if len(halves) > 0 {
		key, err := s.publicOf(halves[0])
		if err != nil {
			return nil, fmt.Errorf("token %q: public key %s: %w", s.token.Label, halves[0], err)
		}
		return key, nil
	}
	if c := s.certificateOf(o, nil); c != nil {
		return c.PublicKey, nil
	}
	private, err := s.find(classPrivate, o.half())
	if err != nil || len(private) == 0 {
		return nil, err
	}
	key, err := s.publicOf(private[0])
	if err != nil {
		return nil, nil // a private key need not tell
	}
	return key, nil
}

func (s *session) publicOf(o object) (crypto.PublicKey, error) {
	return publicKey(func(kind uint) []byte { return s.attribute(o.handle, kind) })
}
