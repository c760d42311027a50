package mcuboot

import (
	"crypto"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"slices"
)

// MCUboot's ECIES: the ephemeral public key, an HMAC of the encrypted image key,
// and the encrypted image key, in that order (imgtool 2.4 and bootutil's
// encrypted.c). One HKDF without salt gives both the AES and the HMAC key.
const eciesInfo = "MCUBoot_ECIES_v1"

// scalarSize is the size of a private key on P-256 and on X25519.
const scalarSize = 32

// eciesTLV returns the type of the entry for a recipient on curve.
func eciesTLV(curve ecdh.Curve, hash crypto.Hash) (TLVType, error) {
	switch {
	case curve == ecdh.P256() && hash == crypto.SHA256:
		return TLVEncEC256, nil
	case curve == ecdh.X25519() && hash == crypto.SHA256:
		return TLVEncX25519, nil
	case curve == ecdh.X25519() && hash == crypto.SHA512:
		return TLVEncX25519SHA512, nil
	}
	return 0, fmt.Errorf("encryption for a key on %v with %v: want P-256 with SHA-256, or X25519 with SHA-256 or SHA-512", curve, hash)
}

// ephemeralKey makes a private key of random's next bytes. Of 2^32 tries on P-256
// one is no key.
func ephemeralKey(curve ecdh.Curve, random io.Reader) (*ecdh.PrivateKey, error) {
	for range 4 {
		scalar := make([]byte, scalarSize)
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, fmt.Errorf("ephemeral key: %w", err)
		}
		if key, err := curve.NewPrivateKey(scalar); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("ephemeral key: the randomness is none")
}

// sealECIES returns the value of the entry.
func sealECIES(ephemeral *ecdh.PrivateKey, pub *ecdh.PublicKey, hash crypto.Hash, key []byte) ([]byte, error) {
	shared, err := ephemeral.ECDH(pub)
	if err != nil {
		return nil, fmt.Errorf("encryption: %v", err)
	}
	cipherKey, macKey, err := eciesKeys(shared, hash, len(key))
	if err != nil {
		return nil, err
	}
	encrypted := ctr(cipherKey, key)
	return slices.Concat(ephemeral.PublicKey().Bytes(), mac(hash, macKey, encrypted), encrypted), nil
}

// openECIES returns the image key in the value of an entry.
func openECIES(private ecdh.KeyExchanger, hash crypto.Hash, value []byte) ([]byte, error) {
	point, tag := len(private.PublicKey().Bytes()), hash.Size()
	size := len(value) - point - tag
	if size != 16 && size != 32 {
		return nil, fmt.Errorf("%d bytes: want %d or %d", len(value), point+tag+16, point+tag+32)
	}
	ephemeral, err := private.Curve().NewPublicKey(value[:point])
	if err != nil {
		return nil, ErrUnwrap
	}
	shared, err := private.ECDH(ephemeral)
	if err != nil {
		return nil, ErrUnwrap
	}
	cipherKey, macKey, err := eciesKeys(shared, hash, size)
	if err != nil {
		return nil, err
	}
	encrypted := value[point+tag:]
	if !hmac.Equal(mac(hash, macKey, encrypted), value[point:point+tag]) {
		return nil, ErrUnwrap
	}
	return ctr(cipherKey, encrypted), nil
}

func eciesKeys(shared []byte, hash crypto.Hash, keySize int) (cipherKey, macKey []byte, err error) {
	both, err := hkdf.Key(hash.New, shared, nil, eciesInfo, keySize+hash.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("key derivation: %v", err)
	}
	return both[:keySize], both[keySize:], nil
}

func mac(hash crypto.Hash, key, data []byte) []byte {
	h := hmac.New(hash.New, key)
	h.Write(data)
	return h.Sum(nil)
}
