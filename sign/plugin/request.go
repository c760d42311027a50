package plugin

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// The algorithms, as the protocol writes them.
const (
	algorithmRSA     = "rsa-pkcs1v15" // RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2)
	algorithmPSS     = "rsa-pss"      // RSASSA-PSS (RFC 8017, section 8.1)
	algorithmECDSA   = "ecdsa"        // FIPS 186-5, section 6
	algorithmEd25519 = "ed25519"      // PureEdDSA (RFC 8032)
)

// hashes are the names that the protocol has for hashes.
func hashes() []hashName {
	return []hashName{{"sha256", crypto.SHA256}, {"sha384", crypto.SHA384}, {"sha512", crypto.SHA512}}
}

type hashName struct {
	name string
	hash crypto.Hash
}

// describeRequest is what describe-v1 reads.
type describeRequest struct {
	Reference string `json:"reference"`
}

// signRequest is a line that sign-v1 reads.
type signRequest struct {
	Reference  string `json:"reference"`
	Algorithm  string `json:"algorithm"`
	Hash       string `json:"hash,omitempty"`
	SaltLength int    `json:"salt_length,omitempty"`
	Digest     string `json:"digest,omitempty"`
	Message    []byte `json:"message,omitempty"`
}

// encode makes a line of v. No string in it has an escape: checkReference sees
// to the only one that is not ours.
func encode(v any) ([]byte, error) {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return line.Bytes(), err
}

// Request is one signature that is wanted, in the words of crypto.Signer.
type Request struct {
	// Digest is the hash of the message; for Ed25519 it is the message itself.
	Digest []byte
	// Options is crypto.SHA256, crypto.SHA384 or crypto.SHA512, an
	// *rsa.PSSOptions with one of them, or crypto.Hash(0) for Ed25519.
	Options crypto.SignerOpts
}

// newRequest puts r, to be signed by pub, into the protocol's words. The caller
// fills in the reference.
func newRequest(pub crypto.PublicKey, r Request) (signRequest, error) {
	if r.Options == nil {
		return signRequest{}, errors.New("no options: want a hash")
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return rsaRequest(pub, r)
	case *ecdsa.PublicKey:
		return hashedRequest(algorithmECDSA, r)
	case ed25519.PublicKey:
		return ed25519Request(r)
	}
	return signRequest{}, fmt.Errorf("public key of type %T: want RSA, ECDSA or Ed25519", pub)
}

func rsaRequest(pub *rsa.PublicKey, r Request) (signRequest, error) {
	pss, ok := r.Options.(*rsa.PSSOptions)
	if !ok {
		return hashedRequest(algorithmRSA, r)
	}
	request, err := hashedRequest(algorithmPSS, r)
	if err != nil {
		return request, err
	}
	request.SaltLength, err = saltLength(pub, pss)
	return request, err
}

// saltLength returns the length of the salt in bytes.
func saltLength(pub *rsa.PublicKey, pss *rsa.PSSOptions) (int, error) {
	size := pss.HashFunc().Size()
	longest := (pub.N.BitLen()-1+7)/8 - 2 - size // emLen - 2 - hLen of RFC 8017, section 9.1.1
	switch n := pss.SaltLength; {
	case n == rsa.PSSSaltLengthEqualsHash:
		return size, nil
	case n == rsa.PSSSaltLengthAuto:
		return longest, nil
	case n < 0 || n > longest:
		return 0, fmt.Errorf("salt of %d bytes: want 1 to %d", n, longest)
	default:
		return n, nil
	}
}

func hashedRequest(algorithm string, r Request) (signRequest, error) {
	for _, h := range hashes() {
		if h.hash != r.Options.HashFunc() {
			continue
		}
		if len(r.Digest) != h.hash.Size() {
			return signRequest{}, fmt.Errorf("digest of %d bytes: want %d of %s", len(r.Digest), h.hash.Size(), h.name)
		}
		return signRequest{Algorithm: algorithm, Hash: h.name, Digest: hex.EncodeToString(r.Digest)}, nil
	}
	return signRequest{}, fmt.Errorf("%s with hash %v: want SHA-256, SHA-384 or SHA-512", algorithm, r.Options.HashFunc())
}

func ed25519Request(r Request) (signRequest, error) {
	variant, _ := r.Options.(*ed25519.Options)
	if r.Options.HashFunc() != 0 || variant != nil && variant.Context != "" {
		return signRequest{}, errors.New("ed25519 with a hash or a context: want the message itself (PureEdDSA)")
	}
	if len(r.Digest) > maxMessage {
		return signRequest{}, fmt.Errorf("message of %d bytes: want at most %d where the key hashes it", len(r.Digest), maxMessage)
	}
	return signRequest{Algorithm: algorithmEd25519, Message: r.Digest}, nil
}

// options returns what a crypto.Signer must be told, and what to sign.
func (r signRequest) options() ([]byte, crypto.SignerOpts, error) {
	if r.Algorithm == algorithmEd25519 {
		return r.Message, crypto.Hash(0), nil
	}
	hash, err := hashCalled(r.Hash)
	if err != nil {
		return nil, nil, err
	}
	digest, err := hex.DecodeString(r.Digest)
	if err != nil || len(digest) != hash.Size() {
		return nil, nil, fmt.Errorf("digest %q: want %d bytes in hex", printable(r.Digest), hash.Size())
	}
	switch r.Algorithm {
	case algorithmRSA, algorithmECDSA:
		return digest, hash, nil
	case algorithmPSS:
		if r.SaltLength < 1 {
			return nil, nil, fmt.Errorf("salt_length %d: want the salt's length in bytes", r.SaltLength)
		}
		return digest, pssOptions(hash, r.SaltLength), nil
	}
	return nil, nil, fmt.Errorf("algorithm %q: want rsa-pkcs1v15, rsa-pss, ecdsa or ed25519", printable(r.Algorithm))
}

// pssOptions uses the symbolic length where it can, as every PSS signer knows
// that one.
func pssOptions(hash crypto.Hash, salt int) *rsa.PSSOptions {
	if salt == hash.Size() {
		salt = rsa.PSSSaltLengthEqualsHash
	}
	return &rsa.PSSOptions{SaltLength: salt, Hash: hash}
}

func hashCalled(name string) (crypto.Hash, error) {
	for _, h := range hashes() {
		if h.name == name {
			return h.hash, nil
		}
	}
	return 0, fmt.Errorf("hash %q: want sha256, sha384 or sha512", printable(name))
}
