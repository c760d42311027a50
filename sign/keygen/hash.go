package keygen

import (
	"crypto"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"github.com/fwpack/fwpack/sign"
)

// HashFormat is which encoding of a public key Hash is of. The zero HashFormat
// is HashSPKI.
type HashFormat string

const (
	// HashSPKI is of the SubjectPublicKeyInfo: sign.Fingerprint without its
	// prefix.
	HashSPKI HashFormat = "spki"
	// HashMCUboot is what "imgtool getpubhash" prints and SHA-256 images name
	// their key by: of PKCS #1 for RSA, of the SubjectPublicKeyInfo for others.
	HashMCUboot HashFormat = "mcuboot"
)

// UnmarshalText sets f to the format that text names.
func (f *HashFormat) UnmarshalText(text []byte) error {
	switch HashFormat(text) {
	case HashSPKI, HashMCUboot:
		*f = HashFormat(text)
		return nil
	}
	return fmt.Errorf("format of hash %q: want %s or %s", text, HashSPKI, HashMCUboot)
}

// Hash returns the SHA-256 of pub in hex, 64 digits.
func Hash(pub crypto.PublicKey, format HashFormat) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("public key of type %T: want RSA, ECDSA, Ed25519 or X25519", pub)
	}
	if format == HashMCUboot {
		switch pub := pub.(type) {
		case *rsa.PublicKey:
			der = x509.MarshalPKCS1PublicKey(pub)
		case *ecdh.PublicKey:
			return "", fmt.Errorf("%s key: MCUboot names keys by their hash that sign: want RSA, ECDSA or Ed25519", sign.Describe(pub))
		}
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}
