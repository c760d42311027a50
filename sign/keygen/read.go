package keygen

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/fwpack/fwpack/sign"
)

const (
	// maxFile bounds a file of keys and certificates: a device's trust file with
	// some ten authorities has a quarter of it.
	maxFile = 64 << 10
	// minRSABits is what NIST SP 800-131A demands since 2014.
	minRSABits = 2048
	// maxRSABits is OpenSSL's OPENSSL_RSA_MAX_MODULUS_BITS.
	maxRSABits = 16384
)

// blocks returns the PEM blocks of a file, at least one. EC PARAMETERS, which
// openssl writes in front of a key, is left out: the key says it again.
func blocks(data []byte) ([]*pem.Block, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%d bytes are no file of keys: at most %d are allowed", len(data), maxFile)
	}
	var all []*pem.Block
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "EC PARAMETERS" {
			all = append(all, block)
		}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("the file is empty")
	case bytes.Contains(data, []byte("-----BEGIN ")):
		return nil, errors.New("the PEM is damaged: want matching BEGIN and END lines around base64")
	}
	return nil, errors.New("neither PEM nor an AES key: want a key or a certificate in one of these forms")
}

func isPrivate(b *pem.Block) bool { return strings.HasSuffix(b.Type, pemPrivateKey) }

// isEncrypted reports a private key that only a passphrase opens, in PKCS#8 or
// in OpenSSL's older form.
func isEncrypted(b *pem.Block) bool {
	return b.Type == pemEncryptedKey || strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED")
}

// PublicKey returns the public half of what a PEM file holds: of its one private
// key, else its one public key, else its first certificate. passphrase is asked
// for an encrypted private key. Weak keys are read too.
func PublicKey(data []byte, passphrase sign.PassphraseFunc) (crypto.PublicKey, error) {
	all, err := blocks(data)
	if err != nil {
		return nil, err
	}
	for _, wanted := range []func(*pem.Block) bool{isPrivate, isPublic} {
		found := matching(all, wanted)
		if len(found) > 1 {
			return nil, fmt.Errorf("found %d keys: want one", len(found))
		}
		if len(found) == 1 {
			return publicOf(found[0], passphrase)
		}
	}
	if certificates := matching(all, isCertificate); len(certificates) > 0 {
		return publicOf(certificates[0], nil)
	}
	return nil, fmt.Errorf("found a PEM block %q: want a private key, a public key or a certificate", all[0].Type)
}

func isPublic(b *pem.Block) bool      { return strings.HasSuffix(b.Type, pemPublicKey) }
func isCertificate(b *pem.Block) bool { return b.Type == pemCertificate }

func matching(all []*pem.Block, wanted func(*pem.Block) bool) []*pem.Block {
	var found []*pem.Block
	for _, b := range all {
		if wanted(b) {
			found = append(found, b)
		}
	}
	return found
}

// publicOf reads a block of any of the three kinds. A longer RSA key than
// OpenSSL verifies is refused: arithmetic with it would take minutes.
func publicOf(b *pem.Block, passphrase sign.PassphraseFunc) (crypto.PublicKey, error) {
	pub, err := parsePublic(b, passphrase)
	if key, ok := pub.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
		return nil, fmt.Errorf("RSA-%d is too long: at most %d bits are allowed", key.N.BitLen(), maxRSABits)
	}
	return pub, err
}

func parsePublic(b *pem.Block, passphrase sign.PassphraseFunc) (crypto.PublicKey, error) {
	switch b.Type {
	case pemEncryptedKey:
		der, err := sign.DecryptPKCS8(b.Bytes, passphrase)
		if err != nil {
			return nil, fmt.Errorf("private key: %w", err)
		}
		defer clear(der)
		return publicOfPrivate(pemPrivateKey, der)
	case pemPublicKey:
		return x509.ParsePKIXPublicKey(b.Bytes)
	case "RSA PUBLIC KEY":
		return publicPKCS1(b.Bytes)
	case pemCertificate:
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	}
	if isEncrypted(b) {
		return nil, errors.New(`private key: encrypted in the legacy form of OpenSSL: "openssl pkcs8 -topk8" converts it to PKCS#8`)
	}
	return publicOfPrivate(b.Type, b.Bytes)
}

// publicPKCS1 returns no typed nil with its error.
func publicPKCS1(der []byte) (crypto.PublicKey, error) {
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// publicOfPrivate reads the public half of a private key. Of RSA it reads the
// two numbers only, as nothing is signed.
func publicOfPrivate(form string, der []byte) (crypto.PublicKey, error) {
	switch form {
	case "RSA PRIVATE KEY":
		return publicRSA(der)
	case "EC PRIVATE KEY":
		return publicHalfOf(x509.ParseECPrivateKey(der))
	case pemPrivateKey:
		return publicPKCS8(der)
	}
	return nil, fmt.Errorf("private key in a PEM block %q: want PKCS#8, PKCS#1 or SEC1", form)
}

// pkcs8 is OneAsymmetricKey of RFC 5958, as far as it is used.
type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

func publicPKCS8(der []byte) (crypto.PublicKey, error) {
	var info pkcs8
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, errors.New("private key: the PEM block does not hold one")
	}
	if info.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}) { // rsaEncryption, RFC 8017
		return publicRSA(info.PrivateKey)
	}
	return publicHalfOf(x509.ParsePKCS8PrivateKey(der))
}

// publicHalfOf takes the results of a parser whose errors quote no secret.
func publicHalfOf[K any](key K, err error) (crypto.PublicKey, error) {
	if err != nil {
		return nil, fmt.Errorf("private key: want RSA, ECDSA on P-256, P-384 or P-521, Ed25519 or X25519: %v", err)
	}
	private, ok := any(key).(PrivateKey)
	if !ok {
		return nil, fmt.Errorf("private key of type %T: want RSA, ECDSA, Ed25519 or X25519", key)
	}
	return private.Public(), nil
}

func publicRSA(der []byte) (crypto.PublicKey, error) {
	var head struct {
		Version int
		N       *big.Int
		E       int
	}
	if _, err := asn1.Unmarshal(der, &head); err != nil {
		return nil, errors.New("private key: the PEM block does not hold an RSA key")
	}
	if head.N.Sign() <= 0 {
		return nil, errors.New("private key: RSA with a modulus that is not positive")
	}
	if head.E <= 0 {
		return nil, errors.New("private key: RSA with a public exponent that is not positive")
	}
	return &rsa.PublicKey{N: head.N, E: head.E}, nil
}

// weakness says why nothing should be signed with a key, nil where it is strong.
func weakness(pub crypto.PublicKey) error {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		if bits := pub.N.BitLen(); bits < minRSABits {
			return fmt.Errorf("RSA-%d is too short: want at least %d bits", bits, minRSABits)
		}
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
		default:
			return fmt.Errorf("EC key on curve %s: want P-256, P-384 or P-521", pub.Curve.Params().Name)
		}
	}
	return nil
}
