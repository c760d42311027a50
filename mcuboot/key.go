package mcuboot

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
)

// KeyType is a type of key that MCUboot knows. The zero KeyType is none.
type KeyType int

// The types of key.
const (
	RSA2048   KeyType = iota + 1 // signs by PSS, or decrypts by OAEP
	RSA3072                      // signs by PSS
	ECDSAP256                    // signs, or decrypts by ECIES
	ECDSAP384                    // signs
	Ed25519                      // signs
	X25519                       // decrypts by ECIES
)

// String returns imgtool's name of k, such as "ecdsa-p256".
func (k KeyType) String() string {
	names := []string{"none", "rsa-2048", "rsa-3072", "ecdsa-p256", "ecdsa-p384", "ed25519", "x25519"}
	if k < 0 || int(k) >= len(names) {
		return fmt.Sprintf("KeyType(%d)", int(k))
	}
	return names[k]
}

// KeyTypeOf returns the type of a public key: *rsa.PublicKey, *ecdsa.PublicKey,
// ed25519.PublicKey or *ecdh.PublicKey. A P-256 key for ECDH counts as
// ECDSAP256.
func KeyTypeOf(pub crypto.PublicKey) (KeyType, error) {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		switch size := pub.N.BitLen(); size {
		case 2048:
			return RSA2048, nil
		case 3072:
			return RSA3072, nil
		default:
			return 0, fmt.Errorf("RSA key of %d bits: MCUboot knows 2048 and 3072", size)
		}
	case *ecdsa.PublicKey:
		return ecdsaType(pub.Curve)
	case ed25519.PublicKey:
		return Ed25519, nil
	case *ecdh.PublicKey:
		return ecdhType(pub.Curve())
	}
	return 0, fmt.Errorf("public key of type %T: MCUboot knows RSA, ECDSA, Ed25519 and X25519", pub)
}

func ecdsaType(curve elliptic.Curve) (KeyType, error) {
	switch curve {
	case elliptic.P256():
		return ECDSAP256, nil
	case elliptic.P384():
		return ECDSAP384, nil
	}
	return 0, fmt.Errorf("ECDSA key on %s: MCUboot knows P-256 and P-384", curve.Params().Name)
}

func ecdhType(curve ecdh.Curve) (KeyType, error) {
	switch curve {
	case ecdh.P256():
		return ECDSAP256, nil
	case ecdh.X25519():
		return X25519, nil
	}
	return 0, fmt.Errorf("ECDH key on %v: MCUboot knows X25519 and P-256", curve)
}

// PublicKeyBytes returns pub as images and bootloaders hold it: PKCS #1 for RSA
// (RFC 8017, appendix A.1.1), SubjectPublicKeyInfo for the others.
func PublicKeyBytes(pub crypto.PublicKey) ([]byte, error) {
	if _, err := KeyTypeOf(pub); err != nil {
		return nil, err
	}
	if pub, ok := pub.(*rsa.PublicKey); ok {
		return x509.MarshalPKCS1PublicKey(pub), nil
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("public key: %v", err)
	}
	return der, nil
}

// KeyHash returns the hash of PublicKeyBytes that names pub in a KEYHASH TLV.
// The hash is the one of the image; that of imgtool's getpubhash is SHA-256.
func KeyHash(pub crypto.PublicKey, hash crypto.Hash) ([]byte, error) {
	if _, err := hashTLV(hash); err != nil {
		return nil, err
	}
	der, err := PublicKeyBytes(pub)
	if err != nil {
		return nil, err
	}
	return sum(hash, der), nil
}

// hashes returns the hashes of an image that k signs, the first being the
// default. An image without a signature has k 0.
func (k KeyType) hashes(pure bool) []crypto.Hash {
	switch {
	case k == 0:
		return []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}
	case k == ECDSAP384:
		return []crypto.Hash{crypto.SHA384}
	case pure:
		return []crypto.Hash{crypto.SHA512}
	case k == Ed25519 || k == ECDSAP256:
		return []crypto.Hash{crypto.SHA256, crypto.SHA512}
	}
	return []crypto.Hash{crypto.SHA256}
}

// chooseHash returns the hash of an image that k signs, where 0 stands for the
// default.
func chooseHash(hash crypto.Hash, k KeyType, pure bool) (crypto.Hash, error) {
	allowed := k.hashes(pure)
	switch {
	case hash == 0:
		return allowed[0], nil
	case slices.Contains(allowed, hash):
		return hash, nil
	case k == 0:
		return 0, fmt.Errorf("mcuboot: hash %s: want one of %v", hash, allowed)
	}
	return 0, fmt.Errorf("mcuboot: hash %s with a key of type %s: want one of %v", hash, k, allowed)
}

// hashTLV returns the type of the TLV with an image's digest by hash.
func hashTLV(hash crypto.Hash) (TLVType, error) {
	switch hash {
	case crypto.SHA256:
		return TLVSHA256, nil
	case crypto.SHA384:
		return TLVSHA384, nil
	case crypto.SHA512:
		return TLVSHA512, nil
	}
	return 0, fmt.Errorf("hash %v: want SHA-256, SHA-384 or SHA-512", hash)
}

// hashOf returns the hash whose digest a TLV of type t has, or 0.
func hashOf(t TLVType) crypto.Hash {
	switch t {
	case TLVSHA256:
		return crypto.SHA256
	case TLVSHA384:
		return crypto.SHA384
	case TLVSHA512:
		return crypto.SHA512
	}
	return 0
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}
