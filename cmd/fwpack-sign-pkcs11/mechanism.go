package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
)

// The mechanisms of PKCS #11 2.40, and EdDSA of 3.0.
const (
	mechanismRSA   = 0x1    // CKM_RSA_PKCS
	mechanismPSS   = 0xd    // CKM_RSA_PKCS_PSS
	mechanismECDSA = 0x1041 // CKM_ECDSA
	mechanismEdDSA = 0x1057 // CKM_EDDSA
)

func mechanismName(kind uint) string {
	switch kind {
	case mechanismRSA:
		return "CKM_RSA_PKCS"
	case mechanismPSS:
		return "CKM_RSA_PKCS_PSS"
	case mechanismECDSA:
		return "CKM_ECDSA"
	case mechanismEdDSA:
		return "CKM_EDDSA"
	}
	return ""
}

// mechanism is what C_SignInit is told.
type mechanism struct {
	kind uint
	pss  *pssParameters
}

// pssParameters is CK_RSA_PKCS_PSS_PARAMS.
type pssParameters struct{ hash, mgf, salt uint }

// hashNumbers are the names that PKCS #11 has for a hash, and what stands before
// its digest in a DigestInfo (RFC 8017, section 9.2).
type hashNumbers struct {
	mechanism, mgf uint
	prefix         string
}

func numbersOf(hash crypto.Hash) (hashNumbers, error) {
	switch hash {
	case crypto.SHA256:
		return hashNumbers{0x250, 2, "3031300d060960864801650304020105000420"}, nil
	case crypto.SHA384:
		return hashNumbers{0x260, 3, "3041300d060960864801650304020205000430"}, nil
	case crypto.SHA512:
		return hashNumbers{0x270, 4, "3051300d060960864801650304020305000440"}, nil
	}
	return hashNumbers{}, fmt.Errorf("hash %v: want SHA-256, SHA-384 or SHA-512", hash)
}

// order says what a token must be told so that it signs as crypto.Signer is
// asked to: the mechanism and the data.
func order(pub crypto.PublicKey, digest []byte, opts crypto.SignerOpts) (mechanism, []byte, error) {
	switch pub := pub.(type) {
	case ed25519.PublicKey:
		if opts.HashFunc() != 0 {
			return mechanism{}, nil, errors.New("Ed25519 with a hash: want the message itself")
		}
		return mechanism{kind: mechanismEdDSA}, digest, nil
	case *ecdsa.PublicKey:
		return mechanism{kind: mechanismECDSA}, leftmost(pub, digest), nil
	case *rsa.PublicKey:
		return orderRSA(pub, digest, opts)
	}
	return mechanism{}, nil, fmt.Errorf("public key of type %T: want RSA, ECDSA or Ed25519", pub)
}

// leftmost cuts a digest that is longer than the order of the curve, as the
// signature would do it (FIPS 186-5, section 6.4.1); some tokens refuse to. The
// orders of P-256 and P-384 are whole bytes, and no digest is as long as
// P-521's.
func leftmost(pub *ecdsa.PublicKey, digest []byte) []byte {
	return digest[:min(len(digest), size(pub))]
}

// size is the length of r and of s in bytes.
func size(pub *ecdsa.PublicKey) int { return (pub.Curve.Params().N.BitLen() + 7) / 8 }

func orderRSA(pub *rsa.PublicKey, digest []byte, opts crypto.SignerOpts) (mechanism, []byte, error) {
	hash := opts.HashFunc()
	numbers, err := numbersOf(hash)
	switch {
	case err != nil:
		return mechanism{}, nil, err
	case len(digest) != hash.Size():
		return mechanism{}, nil, fmt.Errorf("digest of %d bytes: want %d", len(digest), hash.Size())
	}
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		salt, err := saltLength(pub, pss)
		return mechanism{mechanismPSS, &pssParameters{numbers.mechanism, numbers.mgf, salt}}, digest, err
	}
	prefix, err := hex.DecodeString(numbers.prefix)
	return mechanism{kind: mechanismRSA}, append(prefix, digest...), err
}

func saltLength(pub *rsa.PublicKey, pss *rsa.PSSOptions) (uint, error) {
	longest := (pub.N.BitLen()-1+7)/8 - 2 - pss.Hash.Size() // RFC 8017, section 9.1.1
	n := pss.SaltLength
	switch n {
	case rsa.PSSSaltLengthAuto:
		n = longest
	case rsa.PSSSaltLengthEqualsHash:
		n = pss.Hash.Size()
	}
	if n < 0 || n > longest {
		return 0, fmt.Errorf("salt of %d bytes: want 1 to %d", n, longest)
	}
	return uint(n), nil
}

// deliver makes of what a token returned the signature that crypto.Signer
// promises: an ECDSA signature is DER (RFC 3279, section 2.2.3), and a token
// gives r and s, one after the other.
func deliver(pub crypto.PublicKey, signature []byte) ([]byte, error) {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return signature, nil
	}
	half := len(signature) / 2
	if half == 0 || len(signature)%2 != 0 || half > size(key) {
		return nil, fmt.Errorf("the token returned %d bytes: want r and s, %d bytes each", len(signature), size(key))
	}
	return asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]),
	})
}

// no tells whether a boolean attribute is there and false.
func no(value []byte) bool { return bytes.Equal(value, []byte{0}) }

// yes tells whether a boolean attribute is there and true.
func yes(value []byte) bool {
	n, ok := unsigned(value)
	return ok && n != 0
}
