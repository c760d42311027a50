package plugin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	"github.com/fwpack/fwpack/internal/ecdsader"
)

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
		return ecdsader.Normalize(pub, digest, signature)
	case ed25519.PublicKey:
		if len(signature) != ed25519.SignatureSize {
			return nil, sizeError(len(signature), ed25519.SignatureSize)
		}
		if !ed25519.Verify(pub, digest, signature) {
			return nil, ecdsader.ErrMismatch
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
		return ecdsader.ErrMismatch
	}
	return nil
}
