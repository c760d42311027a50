package sign

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
)

// Limits of an RSA modulus in bits: below the first a signature can be forged
// (NIST SP 800-131A has refused such keys since 2014), above the second
// OpenSSL does not verify (OPENSSL_RSA_MAX_MODULUS_BITS).
const (
	minRSABits = 2048
	maxRSABits = 16384
)

// Fingerprint returns "sha256:" and the SHA-256, in hex, of the DER of pub as
// a SubjectPublicKeyInfo: what
// "openssl pkey -pubin -outform DER | sha256sum" prints.
func Fingerprint(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("public key of type %T: want RSA, ECDSA, Ed25519 or X25519", pub)
	}
	return fingerprint(der), nil
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Describe says in a few words what kind of key pub is: "RSA-2048",
// "ECDSA P-256", "Ed25519" or "X25519".
func Describe(pub crypto.PublicKey) string {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", pub.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + pub.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *ecdh.PublicKey:
		return fmt.Sprint(pub.Curve())
	case nil:
		return "key of an unknown kind"
	}
	return fmt.Sprintf("key of type %T", pub)
}

// checkStrength refuses a public key that nothing should be signed with.
func checkStrength(pub crypto.PublicKey) error {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return checkRSABits(pub.N.BitLen())
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return refuseCurve(pub.Curve.Params().Name)
	case ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("%s: want RSA, ECDSA or Ed25519", Describe(pub))
}

func checkRSABits(bits int) error {
	if bits < minRSABits {
		return fmt.Errorf("RSA-%d is too short: want at least %d bits", bits, minRSABits)
	}
	if bits > maxRSABits {
		return fmt.Errorf("RSA-%d is too long: OpenSSL verifies at most %d bits", bits, maxRSABits)
	}
	return nil
}

func refuseCurve(name string) error {
	return fmt.Errorf("EC key on curve %s: want P-256, P-384 or P-521", name)
}

func isRSA(pub crypto.PublicKey) bool {
	_, ok := pub.(*rsa.PublicKey)
	return ok
}

// signatureSize is the length of a signature by pub: exact for RSA, and the
// most likely one for ECDSA.
//
// ECDSA's is a SEQUENCE of two INTEGERs, which get a zero byte in front where
// their highest bit is set: for P-256 and P-384 that is a coin toss each, so
// one of two is the most likely. P-521's are 521 bits in 66 bytes, or 65 bytes
// with a zero byte in front, in three cases of four; its SEQUENCE is over 127
// bytes and has a length of two bytes.
func signatureSize(pub crypto.PublicKey) int {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return pub.Size()
	case *ecdsa.PublicKey:
		if n := (pub.Curve.Params().BitSize + 7) / 8; n < 66 {
			return 2 + 2*(2+n) + 1
		}
		return 3 + 2*(2+66)
	}
	return 0
}
