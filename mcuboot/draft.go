package mcuboot

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"io"
	"math/big"
)

// Sign makes the signature that is asked for. It has been verified. The signer is
// the private half of the key that the request is for; random gives the salt of
// RSA signatures and is what tokens are given.
func (r *Request) Sign(signer crypto.Signer, random io.Reader) ([]byte, error) {
	if r.by.pub == nil {
		return nil, fmt.Errorf("mcuboot: the request names no public key to verify the signature with")
	}
	return r.by.sign(signer, random, r.content)
}

// Draft returns the image as it will be, but with a signature of zeros, as long as
// one can get: whatever does not depend on the signature can be looked at before
// anything is signed. An encrypted image comes in the form of Encryption.Clear.
func (r *Request) Draft() (*Image, error) {
	draft := *r
	if r.encryption != nil {
		readable := *r.encryption
		readable.Clear = true
		draft.encryption = &readable
	}
	if r.KeyType == 0 {
		return draft.image(nil)
	}
	return draft.image(make([]byte, r.KeyType.maxSignature()))
}

// Unsigned returns the image as it is without a signature, with the digest that is
// to be signed; encrypted if that was asked for.
func (r *Request) Unsigned() (*Image, error) { return r.image(nil) }

// maxSignature is the greatest length of a signature in bytes. Those of ECDSA are
// DER: two integers of up to one byte more than the curve has.
func (k KeyType) maxSignature() int {
	switch k {
	case RSA2048:
		return 256
	case RSA3072:
		return 384
	case ECDSAP256:
		return 72
	case ECDSAP384:
		return 104
	case Ed25519:
		return ed25519.SignatureSize
	}
	return 0
}

// StandIn returns a public key of type k that belongs to nobody, for a draft where
// only the type of the key is known; nil for type 0. An image for it has the size
// of one for any key of the type.
func StandIn(k KeyType) crypto.PublicKey {
	switch k {
	case RSA2048, RSA3072:
		bits := uint(2048)
		if k == RSA3072 {
			bits = 3072
		}
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
	case ECDSAP256:
		return generator(elliptic.P256())
	case ECDSAP384:
		return generator(elliptic.P384())
	case Ed25519:
		return make(ed25519.PublicKey, ed25519.PublicKeySize)
	case X25519:
		u := make([]byte, 32)
		u[0] = 9 // the base point of RFC 7748, section 4.1
		key, _ := ecdh.X25519().NewPublicKey(u)
		return key
	}
	return nil
}

// generator is the base point of a curve as a key.
func generator(curve elliptic.Curve) crypto.PublicKey {
	parameters := curve.Params()
	size := (parameters.BitSize + 7) / 8
	point := append([]byte{4}, parameters.Gx.FillBytes(make([]byte, size))...) // SEC 1, section 2.3.3
	point = append(point, parameters.Gy.FillBytes(make([]byte, size))...)
	key, _ := ecdsa.ParseUncompressedPublicKey(curve, point)
	return key
}
