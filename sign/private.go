package sign

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// Object identifiers of private keys (RFC 3279, RFC 5480, RFC 8017, RFC 8410).
var (
	oidKeyRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidKeyEC  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// curveNames has the curves that a key may be on, and those that people try.
var curveNames = map[string]string{
	"1.2.840.10045.3.1.7":   "P-256",
	"1.3.132.0.34":          "P-384",
	"1.3.132.0.35":          "P-521",
	"1.2.840.10045.3.1.1":   "P-192",
	"1.3.132.0.33":          "P-224",
	"1.3.132.0.10":          "secp256k1",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

// pkcs8 is PrivateKeyInfo of RFC 5208; its attributes are not looked at.
type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

var errNotKey = errors.New("the PEM block does not hold a private key")

func parsePKCS8(der []byte) (crypto.Signer, error) {
	var info pkcs8
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, errNotKey
	}
	switch {
	case info.Algorithm.Algorithm.Equal(oidKeyRSA):
		return parsePKCS1(info.PrivateKey)
	case info.Algorithm.Algorithm.Equal(oidKeyEC):
		var curve asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &curve); err != nil {
			return nil, errors.New("EC key without the name of its curve: want P-256, P-384 or P-521")
		}
		if err := checkCurve(curve); err != nil {
			return nil, err
		}
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("key of algorithm %v: want RSA, ECDSA or Ed25519: %v", info.Algorithm.Algorithm, err)
	}
	return usable(key)
}

func checkCurve(curve asn1.ObjectIdentifier) error {
	switch name := curveNames[curve.String()]; name {
	case "P-256", "P-384", "P-521":
		return nil
	case "":
		return refuseCurve(curve.String())
	default:
		return refuseCurve(name)
	}
}

// parsePKCS1 looks at the length of the modulus first: a hostile one would
// keep the arithmetic busy for minutes.
func parsePKCS1(der []byte) (crypto.Signer, error) {
	var head struct {
		Version int
		N       *big.Int
	}
	if _, err := asn1.Unmarshal(der, &head); err != nil {
		return nil, errNotKey
	}
	if err := checkRSABits(head.N.BitLen()); err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("RSA key: %v", err)
	}
	return usable(key)
}

// sec1 is ECPrivateKey of RFC 5915, as far as the curve.
type sec1 struct {
	Version    int
	PrivateKey []byte
	Curve      asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
}

func parseSEC1(der []byte) (crypto.Signer, error) {
	var head sec1
	if _, err := asn1.Unmarshal(der, &head); err != nil {
		return nil, errNotKey
	}
	if err := checkCurve(head.Curve); err != nil {
		return nil, err
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("EC key: %v", err)
	}
	return usable(key)
}

// usable wants a key that signs and is strong enough.
func usable(key any) (crypto.Signer, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		// The one such key in PKCS #8 that Go reads.
		return nil, errors.New("an X25519 key decrypts, it does not sign: want RSA, ECDSA or Ed25519")
	}
	if err := checkStrength(signer.Public()); err != nil {
		return nil, err
	}
	return signer, nil
}

// describeDER says what a DER file holds and which command converts it to PEM.
// Both are "" where the file is not DER at all.
func describeDER(der []byte) (what, hint string) {
	var outer asn1.RawValue
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(bytes.TrimSpace(rest)) > 0 || outer.Tag != asn1.TagSequence {
		return "", ""
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return "a certificate", "openssl x509 -inform DER -in FILE -out FILE.pem"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "a public key", "openssl pkey -pubin -inform DER -in FILE -out FILE.pem"
	}
	var encrypted encryptedKey
	if _, err := asn1.Unmarshal(der, &encrypted); err == nil {
		return "an encrypted private key", "openssl pkcs8 -topk8 -inform DER -in FILE -out FILE.pem"
	}
	return describeVersioned(der)
}

// describeVersioned tells apart what begins with a version: 0 and 1 are the
// versions of every private key, 3 is PKCS#12's.
func describeVersioned(der []byte) (what, hint string) {
	var head struct{ Version int }
	if _, err := asn1.Unmarshal(der, &head); err != nil {
		return "something unknown", ""
	}
	switch head.Version {
	case 0, 1:
		return "a private key", "openssl pkey -inform DER -in FILE -out FILE.pem"
	case 3:
		return "PKCS#12", "openssl pkcs12 -in FILE -nodes -out FILE.pem"
	}
	return "something unknown", ""
}
