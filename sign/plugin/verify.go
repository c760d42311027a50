package plugin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// errMismatch is the error of a signature that is not pub's of the digest.
var errMismatch = errors.New("the signature does not match: it was made by another key, over other bytes, or by another algorithm")

// check returns the signature, ECDSA's in DER, where pub made it for r.
func check(pub crypto.PublicKey, r signRequest, signature []byte) ([]byte, error) {
	digest, opts, err := r.options()
	if err != nil {
		return nil, err
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return signature, checkRSA(pub, digest, opts, signature)
	case *ecdsa.PublicKey:
		return checkECDSA(pub, digest, signature)
	case ed25519.PublicKey:
		if len(signature) != ed25519.SignatureSize {
			return nil, sizeError(len(signature), ed25519.SignatureSize)
		}
		if !ed25519.Verify(pub, digest, signature) {
			return nil, errMismatch
		}
		return signature, nil
	}
	return nil, fmt.Errorf("public key of type %T: want RSA, ECDSA or Ed25519", pub)
}

func sizeError(got, want int) error {
	return fmt.Errorf("signature of %d bytes: want %d", got, want)
}

func checkRSA(pub *rsa.PublicKey, digest []byte, opts crypto.SignerOpts, signature []byte) error {
	if len(signature) != pub.Size() {
		return sizeError(len(signature), pub.Size())
	}
	var err error
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		err = rsa.VerifyPSS(pub, pss.Hash, digest, signature, pss)
	} else {
		err = rsa.VerifyPKCS1v15(pub, opts.HashFunc(), digest, signature)
	}
	if err != nil {
		return errMismatch
	}
	return nil
}

// checkECDSA accepts r and s as the DER of RFC 3279 (section 2.2.3), or one
// after the other, as PKCS #11 and key services have them. Which of the two it
// is, is not guessed from the length: the one that verifies is meant.
func checkECDSA(pub *ecdsa.PublicKey, digest, signature []byte) ([]byte, error) {
	der, notDER := parseDER(signature)
	if notDER == nil && ecdsa.VerifyASN1(pub, digest, der) {
		return der, nil
	}
	size := (pub.Curve.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		if notDER != nil {
			return nil, fmt.Errorf("signature of %d bytes: want DER, or the %d bytes of r and s: %w", len(signature), 2*size, notDER)
		}
		return nil, errMismatch
	}
	der, err := encodeDER(signature)
	if err != nil || !ecdsa.VerifyASN1(pub, digest, der) {
		return nil, errMismatch
	}
	return der, nil
}

// rs is the DER of an ECDSA signature.
type rs struct{ R, S *big.Int }

// parseDER refuses what is not the DER of two numbers and nothing else.
func parseDER(signature []byte) ([]byte, error) {
	var numbers rs
	rest, err := asn1.Unmarshal(signature, &numbers)
	if err != nil {
		return nil, fmt.Errorf("not DER: %v", err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes after the DER", len(rest))
	}
	return signature, nil
}

// encodeDER makes DER of r and s, which have the same length.
func encodeDER(raw []byte) ([]byte, error) {
	half := len(raw) / 2
	return asn1.Marshal(rs{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
