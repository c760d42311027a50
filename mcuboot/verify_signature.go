package mcuboot

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
)

// Sizes that bootutil bounds its buffers by.
const (
	maxECDSA     = 128
	maxPubKeyEC  = 152 // for PUBKEY
	pubKeyExcess = 24  // of PUBKEY over the size of the signature, otherwise
)

// by says how key signs for this bootloader.
func (j *judge) by(key crypto.PublicKey) signedBy {
	return signedBy{pub: key, kind: j.b.keyType(), hash: j.b.hash(), pure: j.b.Pure}
}

// signature goes through the entries as bootutil does: an entry that names a
// trusted key makes the next signature count, and the last that counts decides.
func (j *judge) signature() (string, error) {
	switch {
	case len(j.b.Keys) == 0:
		return "", uncheckedError("no key to verify it with is given")
	case j.clear == nil:
		return "", errEncrypted
	}
	if err := j.pure(); err != nil {
		return "", err
	}
	s := signatures{j: j}
	for _, tlv := range j.img.Unprotected {
		if err := s.next(tlv); err != nil {
			return "", err
		}
	}
	return s.verdict()
}

func (j *judge) pure() error {
	if !j.b.Pure {
		return nil
	}
	if tlv, ok := Find(j.img.Unprotected, TLVSigPure); !ok || !bytes.Equal(tlv.Value, []byte{1}) {
		return fmt.Errorf("no %s with the value 1: this bootloader takes pure signatures only", TLVSigPure)
	}
	return nil
}

// signatures is where the way through the entries stands.
type signatures struct {
	j       *judge
	key     crypto.PublicKey // trusted, named by the entry before; nil where none is
	named   int              // entries that name a key
	counted int              // signatures by trusted keys
	valid   bool             // the last of them is
}

func (s *signatures) next(tlv TLV) error {
	b := &s.j.b
	switch {
	case tlv.Type == TLVKeyHash && b.KeyTLV == NamedByHash:
		return s.byHash(tlv)
	case tlv.Type == TLVPubKey && b.KeyTLV == NamedInFull:
		return s.inFull(tlv)
	case tlv.Type == b.keyType().signatureTLV():
		return s.signature(tlv)
	}
	return nil
}

// byHash finds the key by its hash, of which bootutil compares as many bytes as
// the entry has.
func (s *signatures) byHash(tlv TLV) error {
	hash := s.j.b.hash()
	if len(tlv.Value) > hash.Size() {
		return fmt.Errorf("%s of %d bytes: this bootloader's %s has %d", tlv.Type, len(tlv.Value), hash, hash.Size())
	}
	s.key = nil
	s.named++
	for _, key := range s.j.b.Keys {
		full, err := KeyHash(key, hash)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(full, tlv.Value) {
			s.key = key
			return nil
		}
	}
	return nil
}

// inFull finds the key among those whose hashes the device holds.
func (s *signatures) inFull(tlv TLV) error {
	if limit := s.j.maxPubKey(); len(tlv.Value) > limit {
		return fmt.Errorf("%s of %d bytes: want at most %d", tlv.Type, len(tlv.Value), limit)
	}
	s.key = nil
	s.named++
	for _, key := range s.j.b.Keys {
		full, err := PublicKeyBytes(key)
		if err != nil {
			return err
		}
		if bytes.Equal(full, tlv.Value) {
			s.key = key
			return nil
		}
	}
	return nil
}

func (j *judge) maxPubKey() int {
	if want := j.signatureSize(); want != 0 {
		return want + pubKeyExcess
	}
	return maxPubKeyEC
}

// signatureSize returns the exact size of a signature, or 0 for ECDSA.
func (j *judge) signatureSize() int {
	switch j.b.keyType() {
	case RSA2048:
		return 256
	case RSA3072:
		return 384
	case Ed25519:
		return 64
	}
	return 0
}

func (s *signatures) signature(tlv TLV) error {
	key := s.key
	if s.j.b.KeyTLV == NotNamed {
		key = s.j.b.Keys[0]
	}
	if key == nil {
		return nil // by a key that the device does not know
	}
	want := s.j.signatureSize()
	switch {
	case want != 0 && len(tlv.Value) != want:
		return fmt.Errorf("%s of %d bytes: want %d", tlv.Type, len(tlv.Value), want)
	case len(tlv.Value) > max(want, maxECDSA):
		return fmt.Errorf("%s of %d bytes: want at most %d", tlv.Type, len(tlv.Value), maxECDSA)
	}
	s.valid = s.j.by(key).verify(s.j.input, s.j.unpadded(tlv.Value))
	s.key = nil
	s.counted++
	return nil
}

// unpadded returns a signature without the zeros behind it, where the bootloader
// is one that does not mind them.
func (j *judge) unpadded(signature []byte) []byte {
	if !j.b.PaddedDER || j.b.keyType().signatureTLV() != TLVECDSA || len(signature) < 2 {
		return signature
	}
	const header = 2 // of a SEQUENCE below 128 bytes
	end := min(header+int(signature[1]), len(signature))
	if len(bytes.Trim(signature[end:], "\x00")) > 0 {
		return signature
	}
	return signature[:end]
}

func (s *signatures) verdict() (string, error) {
	kind := s.j.b.keyType()
	switch {
	case s.counted > 0 && s.valid:
		return kind.String(), nil
	case s.counted > 0:
		return "", fmt.Errorf("%s does not match the image", kind.signatureTLV())
	case s.named > 0:
		return "", fmt.Errorf("none by a trusted key of type %s", kind)
	case s.j.b.KeyTLV == NamedByHash:
		return "", fmt.Errorf("no %s that names the key", TLVKeyHash)
	case s.j.b.KeyTLV == NamedInFull:
		return "", fmt.Errorf("no %s with the key", TLVPubKey)
	}
	return "", errors.New("none")
}
