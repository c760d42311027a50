package keygen

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/sign"
)

// The PEM block types of what is written (RFC 7468).
const (
	pemPrivateKey   = "PRIVATE KEY"
	pemEncryptedKey = "ENCRYPTED PRIVATE KEY"
	pemPublicKey    = "PUBLIC KEY"
	pemCertificate  = "CERTIFICATE"
)

// ivSize is that of AES in CBC mode, in bytes.
const ivSize = 16

// PrivateKey is the private half of a key pair: one of the types of the
// standard library's crypto packages.
type PrivateKey interface {
	Public() crypto.PublicKey
}

// Generate makes a fresh key pair. rand must be a secure source; since Go 1.26
// the standard library draws RSA and elliptic curve keys from the system's own.
func Generate(t Type, rand io.Reader) (PrivateKey, error) {
	key, err := generate(t, rand)
	if err != nil {
		return nil, fmt.Errorf("making a key of type %s: %w", t, err)
	}
	return key, nil
}

func generate(t Type, rand io.Reader) (PrivateKey, error) {
	switch t {
	case RSA2048:
		return rsa.GenerateKey(rand, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand, 4096)
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand)
	case ECDSAP521:
		return ecdsa.GenerateKey(elliptic.P521(), rand)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand)
		return key, err
	case X25519:
		return ecdh.X25519().GenerateKey(rand)
	}
	return nil, fmt.Errorf("want %s", listTypes(Types()[:8]))
}

// MarshalPrivateKey returns the PEM file of key, PKCS#8. With a passphrase,
// which must not be empty then, it is encrypted as sign.EncryptPKCS8 does it,
// and rand gives the salt; a nil passphrase leaves it plain.
func MarshalPrivateKey(key PrivateKey, passphrase []byte, rand io.Reader) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("private key of type %T: want RSA, ECDSA, Ed25519 or X25519", key)
	}
	defer clear(der)
	if passphrase == nil {
		return pem.EncodeToMemory(&pem.Block{Type: pemPrivateKey, Bytes: der}), nil
	}
	box, err := sign.EncryptPKCS8(der, passphrase, rand)
	if err != nil {
		return nil, fmt.Errorf("encrypting the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemEncryptedKey, Bytes: box}), nil
}

// MarshalPublicKey returns the PEM file of a public key, a SubjectPublicKeyInfo.
func MarshalPublicKey(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("public key of type %T: want RSA, ECDSA, Ed25519 or X25519", pub)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPublicKey, Bytes: der}), nil
}

// aesSize is the length of an AES key in bytes, 0 for other types.
func (t Type) aesSize() int {
	switch t {
	case AES128:
		return 16
	case AES192:
		return 24
	case AES256:
		return 32
	}
	return 0
}

// GenerateAES makes the file of a fresh AES key: one line with key and IV in
// hexadecimal, as SWUpdate 2022.12 reads them with its option -K.
// The IV serves entries of a bundle that have none of their own.
func GenerateAES(t Type, rand io.Reader) ([]byte, error) {
	size := t.aesSize()
	if size == 0 {
		return nil, fmt.Errorf("AES key of type %s: want %s", t, listTypes(Types()[8:]))
	}
	secret := make([]byte, size+ivSize)
	defer clear(secret)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, fmt.Errorf("making a key of type %s: %w", t, err)
	}
	line := hex.AppendEncode(nil, secret[:size])
	line = append(line, ' ')
	return append(hex.AppendEncode(line, secret[size:]), '\n'), nil
}
