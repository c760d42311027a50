package mcuboot

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// PrivateFormat is how a private key is built into a bootloader. The zero
// PrivateFormat is the one that bootutil reads: PrivateOpenSSL for RSA,
// PrivatePKCS8 for the others.
type PrivateFormat int

// The formats, by imgtool's names.
const (
	PrivateDefault PrivateFormat = iota
	PrivateOpenSSL               // "openssl": PKCS #1 (RFC 8017) or SEC 1 (RFC 5915)
	PrivatePKCS8                 // "pkcs8" (RFC 5958)
)

// PrivateKeyBytes returns a key that a bootloader decrypts images with, as it is
// built into it: RSA, P-256, P-384 (which no bootloader decrypts with) or X25519.
// Minimal leaves out what can be computed from the rest: three of the numbers for
// the Chinese remainder theorem, the public key on P-256; imgtool has no minimal
// form for P-384, and X25519 keys have nothing to leave out.
func PrivateKeyBytes(key crypto.PrivateKey, format PrivateFormat, minimal bool) ([]byte, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return privateRSA(key, format, minimal)
	case *ecdsa.PrivateKey:
		return privateEC(key, format, minimal)
	case *ecdh.PrivateKey:
		if key.Curve() != ecdh.X25519() || format == PrivateOpenSSL {
			return nil, fmt.Errorf("private key on %v: want X25519, as PKCS #8", key.Curve())
		}
		return x509.MarshalPKCS8PrivateKey(key)
	}
	return nil, fmt.Errorf("private key of type %T: bootloaders decrypt with RSA, P-256 and X25519", key)
}

func privateRSA(key *rsa.PrivateKey, format PrivateFormat, minimal bool) ([]byte, error) {
	if _, err := KeyTypeOf(&key.PublicKey); err != nil {
		return nil, err
	}
	switch {
	case format == PrivatePKCS8:
		return nil, errors.New("RSA private key as PKCS #8: bootloaders read PKCS #1")
	case !minimal:
		return x509.MarshalPKCS1PrivateKey(key), nil
	case len(key.Primes) != 2:
		return nil, fmt.Errorf("RSA private key with %d primes: want 2", len(key.Primes))
	}
	return asn1.Marshal(struct {
		Version int
		N       *big.Int
		E       int
		D, P, Q *big.Int
	}{0, key.N, key.E, key.D, key.Primes[0], key.Primes[1]})
}

// privateKeyEC is the ECPrivateKey of RFC 5915 without its public key.
type privateKeyEC struct {
	Version int
	Key     []byte
	Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
}

func privateEC(key *ecdsa.PrivateKey, format PrivateFormat, minimal bool) ([]byte, error) {
	if _, err := ecdsaType(key.Curve); err != nil {
		return nil, err
	}
	switch {
	case minimal && key.Curve != elliptic.P256():
		return nil, errors.New("minimal private key on P-384: there is such a form of P-256 alone")
	case minimal:
		return minimalP256(key, format)
	case format == PrivateOpenSSL:
		return x509.MarshalECPrivateKey(key)
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

func minimalP256(key *ecdsa.PrivateKey, format PrivateFormat) ([]byte, error) {
	secret, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("private key: %v", err)
	}
	curve := asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
	if format == PrivateOpenSSL {
		return asn1.Marshal(privateKeyEC{1, secret, curve})
	}
	inner, err := asn1.Marshal(privateKeyEC{Version: 1, Key: secret})
	if err != nil {
		return nil, fmt.Errorf("private key: %v", err)
	}
	type algorithm struct{ Algorithm, Curve asn1.ObjectIdentifier }
	return asn1.Marshal(struct {
		Version   int
		Algorithm algorithm
		Key       []byte
	}{0, algorithm{asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, curve}, inner})
}
