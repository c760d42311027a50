// Package ecdsader makes DER of ECDSA signatures, which tokens and key services
// write in another form: r and s one after the other.
package ecdsader

import (
	"crypto/ecdsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// ErrMismatch is the error of a signature that is not of this digest by this
// key, in whichever form it is read.
var ErrMismatch = errors.New("the signature does not match: it was made by another key, over other bytes, or by another algorithm")

// Normalize returns the DER (RFC 3279, section 2.2.3) of pub's signature of
// digest, which is given as DER or as r and s one after the other, each as long
// as the order of the curve. Which of the two it is, is not guessed from the
// length: the one that verifies is meant.
func Normalize(pub *ecdsa.PublicKey, digest, signature []byte) ([]byte, error) {
	notDER := check(signature)
	if notDER == nil && ecdsa.VerifyASN1(pub, digest, signature) {
		return signature, nil
	}
	size := 2 * ((pub.Curve.Params().BitSize + 7) / 8)
	if len(signature) != size {
		if notDER != nil {
			return nil, fmt.Errorf("signature of %d bytes: want DER, or the %d bytes of r and s: %w", len(signature), size, notDER)
		}
		return nil, ErrMismatch
	}
	der, err := encode(signature)
	if err != nil || !ecdsa.VerifyASN1(pub, digest, der) {
		return nil, ErrMismatch
	}
	return der, nil
}

// numbers is the DER of an ECDSA signature.
type numbers struct{ R, S *big.Int }

// check refuses what is not the DER of two numbers and nothing else.
func check(signature []byte) error {
	var n numbers
	rest, err := asn1.Unmarshal(signature, &n)
	if err != nil {
		return fmt.Errorf("not DER: %v", err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d bytes after the DER", len(rest))
	}
	return nil
}

// encode makes DER of r and s, which have the same length.
func encode(raw []byte) ([]byte, error) {
	half := len(raw) / 2
	return asn1.Marshal(numbers{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
