package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"errors"
	"fmt"
	"io"
)

// Kind is a family of signatures. The zero Kind is none.
type Kind int

// The kinds of signature that firmware is signed with.
const (
	RSA    Kind = iota + 1 // RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2)
	RSAPSS                 // RSASSA-PSS (RFC 8017, section 8.1)
	ECDSA                  // ECDSA, the signature in DER (RFC 5480)
)

// String returns the name that the project file uses for k.
func (k Kind) String() string {
	switch k {
	case RSA:
		return "rsa-pkcs1v15"
	case RSAPSS:
		return "rsa-pss"
	case ECDSA:
		return "ecdsa"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Algorithm is a way to sign: the kind of signature and the hash of what is
// signed, which is SHA-256, SHA-384 or SHA-512.
type Algorithm struct {
	Kind Kind
	Hash crypto.Hash
	// SaltLength is the length of the PSS salt in bytes; where a signature is
	// verified, 0 stands for any length. The other kinds have no salt.
	SaltLength int
}

// ErrMismatch is the error of a signature that another key made, or that is
// not for this message.
var ErrMismatch = errors.New("the signature does not match")

// Sign signs message. An in-process ECDSA key gets no randomness, which makes
// its signatures repeat (RFC 6979); RSA PKCS #1 v1.5 needs none.
func (a Algorithm) Sign(signer crypto.Signer, random io.Reader, message []byte) ([]byte, error) {
	if _, inProcess := signer.(*ecdsa.PrivateKey); inProcess || a.Kind == RSA {
		random = nil
	}
	return crypto.SignMessage(signer, random, message, a.options())
}

func (a Algorithm) options() crypto.SignerOpts {
	if a.Kind != RSAPSS {
		return a.Hash
	}
	options := &rsa.PSSOptions{SaltLength: a.SaltLength, Hash: a.Hash}
	if a.SaltLength == a.Hash.Size() {
		// The symbolic length is the one every PSS signer knows, TLS 1.3
		// being its largest user.
		options.SaltLength = rsa.PSSSaltLengthEqualsHash
	}
	return options
}

// Verify returns nil where signature is a's signature of message by pub, and
// ErrMismatch otherwise.
func (a Algorithm) Verify(pub crypto.PublicKey, message, signature []byte) error {
	h := a.Hash.New()
	h.Write(message)
	if !a.matches(pub, h.Sum(nil), signature) {
		return ErrMismatch
	}
	return nil
}

func (a Algorithm) matches(pub crypto.PublicKey, digest, signature []byte) bool {
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		return a.Kind == ECDSA && ecdsa.VerifyASN1(pub, digest, signature)
	case *rsa.PublicKey:
		switch a.Kind {
		case RSA:
			return rsa.VerifyPKCS1v15(pub, a.Hash, digest, signature) == nil
		case RSAPSS:
			options := &rsa.PSSOptions{SaltLength: a.SaltLength}
			return rsa.VerifyPSS(pub, a.Hash, digest, signature, options) == nil
		}
	}
	return false
}
