package mcuboot

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/ecdsader"
)

// ErrSignature is the error of a signature that another key made, or that is
// not of this image.
var ErrSignature = errors.New("the signature does not match")

// signedBy is what a signature in an image is made of and by.
type signedBy struct {
	pub  crypto.PublicKey
	kind KeyType
	hash crypto.Hash
	pure bool
}

// tlvType returns the type of the TLV with a signature by a key of type k, or 0.
func (k KeyType) signatureTLV() TLVType {
	switch k {
	case RSA2048:
		return TLVRSA2048
	case RSA3072:
		return TLVRSA3072
	case ECDSAP256, ECDSAP384:
		return TLVECDSA
	case Ed25519:
		return TLVEd25519
	}
	return 0
}

// message returns what the key signs, of which RSA and ECDSA keys take the hash.
func (s signedBy) message(c *content) []byte {
	if s.kind == Ed25519 && !s.pure {
		return c.sum(s.hash)
	}
	return c.bytes()
}

func (s signedBy) options() crypto.SignerOpts {
	switch s.kind {
	case RSA2048, RSA3072:
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.hash}
	case Ed25519:
		return crypto.Hash(0)
	}
	return s.hash
}

// sign signs an image. The signature has been verified.
func (s signedBy) sign(signer crypto.Signer, random io.Reader, c *content) ([]byte, error) {
	switch signer.(type) {
	case *ecdsa.PrivateKey:
		random = nil // makes the signature repeat (RFC 6979)
	case *rsa.PrivateKey:
		if random == nil {
			return nil, errors.New("mcuboot: signing with RSA needs randomness for its salt")
		}
	}
	signature, err := s.ask(signer, random, c)
	if err != nil {
		return nil, fmt.Errorf("mcuboot: signing with a key of type %s: %w", s.kind, err)
	}
	return s.accept(c, signature)
}

// ask is crypto.SignMessage, with a digest that is there already.
func (s signedBy) ask(signer crypto.Signer, random io.Reader, c *content) ([]byte, error) {
	_, wantsMessage := signer.(crypto.MessageSigner)
	if wantsMessage || s.options().HashFunc() == 0 {
		return crypto.SignMessage(signer, random, s.message(c), s.options())
	}
	return signer.Sign(random, c.sum(s.hash), s.options())
}

// accept returns the signature in the form that images hold, if it is one. One
// by ECDSA may be given as r and s instead of DER.
func (s signedBy) accept(c *content, signature []byte) ([]byte, error) {
	if pub, ok := s.pub.(*ecdsa.PublicKey); ok {
		der, err := ecdsader.Normalize(pub, c.sum(s.hash), signature)
		if err == nil {
			return der, nil
		}
		if !errors.Is(err, ecdsader.ErrMismatch) {
			return nil, fmt.Errorf("mcuboot: %v", err)
		}
	} else if s.verify(c, signature) {
		return signature, nil
	}
	return nil, fmt.Errorf("mcuboot: key of type %s, %d bytes of signature: %w", s.kind, len(signature), ErrSignature)
}

// verify tells whether signature is that of an image, by the bootloader's rules:
// a PSS salt of 32 bytes, strict DER.
func (s signedBy) verify(c *content, signature []byte) bool {
	switch pub := s.pub.(type) {
	case *rsa.PublicKey:
		options := &rsa.PSSOptions{SaltLength: s.hash.Size()}
		return rsa.VerifyPSS(pub, s.hash, c.sum(s.hash), signature, options) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, c.sum(s.hash), signature)
	case ed25519.PublicKey:
		return ed25519.Verify(pub, s.message(c), signature)
	}
	return false
}

// Lengths that imgtool's "--pad-sig" gives to ECDSA signatures. The one for
// P-384 is one less than the longest.
const (
	paddedP256 = 72
	paddedP384 = 103
)

// pad adds the zeros that bootloaders before MCUboot 1.5 expect behind a
// signature by ECDSA.
func (s signedBy) pad(signature []byte) []byte {
	size := len(signature)
	switch s.kind {
	case ECDSAP256:
		size = paddedP256
	case ECDSAP384:
		size = paddedP384
	}
	padded := make([]byte, max(size, len(signature)))
	copy(padded, signature)
	return padded
}
