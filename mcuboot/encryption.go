package mcuboot

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Encryption says how the body is encrypted: with a fresh AES key, which an
// entry of the unprotected area holds for the bootloader alone to open.
type Encryption struct {
	// Recipient is the bootloader's key: *rsa.PublicKey of 2048 bits,
	// *ecdsa.PublicKey or *ecdh.PublicKey on P-256, *ecdh.PublicKey on X25519,
	// or a KEK.
	Recipient crypto.PublicKey
	// KeySize is that of the AES key: 128 bits, or 256; 0 means 128. It is the
	// size of a KEK.
	KeySize int
	// HMAC is the hash of ECIES on X25519: SHA-256, or SHA-512; 0 means
	// SHA-256.
	HMAC crypto.Hash
	// Clear leaves the body as it is, for an image that is programmed into the
	// primary slot: the bootloader encrypts it with the image's key when it
	// swaps it out.
	Clear bool
	// Rand gives the AES key and what wraps it. No output that used the same
	// bytes of it may ever meet another one.
	Rand io.Reader
}

// KEK is the AES key that a bootloader with MCUBOOT_ENCRYPT_KW holds, of 16 or 32
// bytes.
type KEK []byte

func (e *Encryption) keySize() int {
	if e.KeySize == 0 {
		return 128
	}
	return e.KeySize
}

func (e *Encryption) hmac() crypto.Hash {
	if e.HMAC == 0 {
		return crypto.SHA256
	}
	return e.HMAC
}

func (e *Encryption) flag() Flags {
	if e.keySize() == 256 {
		return FlagAES256
	}
	return FlagAES128
}

func (e *Encryption) check() error {
	switch {
	case e.keySize() != 128 && e.keySize() != 256:
		return fmt.Errorf("mcuboot: AES key of %d bits: want 128 or 256", e.KeySize)
	case e.Rand == nil:
		return errors.New("mcuboot: encryption needs randomness")
	}
	if kek, ok := e.Recipient.(KEK); ok {
		if len(kek)*8 != e.keySize() {
			return fmt.Errorf("mcuboot: key-encryption key of %d bytes: want %d, as many as the AES key has", len(kek), e.keySize()/8)
		}
		return e.checkHMAC(0)
	}
	kind, err := KeyTypeOf(e.Recipient)
	if err != nil {
		return fmt.Errorf("mcuboot: encryption: %v", err)
	}
	if kind != RSA2048 && kind != ECDSAP256 && kind != X25519 {
		return fmt.Errorf("mcuboot: encryption for a key of type %s: bootloaders decrypt with rsa-2048, ecdsa-p256, x25519 and AES key wrap", kind)
	}
	return e.checkHMAC(kind)
}

func (e *Encryption) checkHMAC(kind KeyType) error {
	switch {
	case e.hmac() != crypto.SHA256 && e.hmac() != crypto.SHA512:
		return fmt.Errorf("mcuboot: HMAC with %s: want SHA-256 or SHA-512", e.HMAC)
	case e.hmac() == crypto.SHA512 && kind != X25519:
		return errors.New("mcuboot: HMAC with SHA-512: x25519 keys only")
	}
	return nil
}

// apply encrypts the body of img, whose flag is set already, and adds the
// wrapped key.
func (e *Encryption) apply(img *Image) error {
	key := make([]byte, e.keySize()/8)
	if _, err := io.ReadFull(e.Rand, key); err != nil {
		return fmt.Errorf("mcuboot: image key: %w", err)
	}
	tlv, err := WrapKey(key, e.Recipient, e.hmac(), e.Rand)
	if err != nil {
		return fmt.Errorf("mcuboot: %v", err)
	}
	img.Unprotected = append(img.Unprotected, tlv)
	if !e.Clear {
		img.Body = ctr(key, img.Body)
	}
	return nil
}

// ctr encrypts and decrypts a body: AES-CTR from a counter block of zeros.
func ctr(key, body []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("mcuboot: internal: " + err.Error()) // the caller has checked the size
	}
	out := make([]byte, len(body))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(out, body)
	return out
}

// Encrypted tells whether the header says that the body is encrypted. The body
// of a clear image (Encryption.Clear) is not for all that.
func (img *Image) Encrypted() bool {
	return img.Header.Flags&flagsEncrypted != 0
}

// imageKeySize returns the size of the AES key in bytes by the flags.
func (h Header) imageKeySize() (int, error) {
	switch h.Flags & flagsEncrypted {
	case FlagAES128:
		return 16, nil
	case FlagAES256:
		return 32, nil
	case 0:
		return 0, errors.New("mcuboot: the image is not encrypted")
	}
	return 0, errors.New("mcuboot: the header says AES-128 as well as AES-256")
}

// ImageKey unwraps the key that the body is encrypted with. The private key is as
// for UnwrapKey; of several wrapped keys the first for a key of its type counts,
// as in a bootloader.
func (img *Image) ImageKey(private crypto.PrivateKey) ([]byte, error) {
	size, err := img.Header.imageKeySize()
	if err != nil {
		return nil, err
	}
	o, err := newOpener(private)
	if err != nil {
		return nil, fmt.Errorf("mcuboot: %v", err)
	}
	i := slices.IndexFunc(img.Unprotected, func(t TLV) bool { return slices.Contains(o.types, t.Type) })
	if i < 0 {
		return nil, fmt.Errorf("mcuboot: the image holds no key for this type of key: want one of %v", o.types)
	}
	tlv := img.Unprotected[i]
	key, err := o.open(tlv)
	if err != nil {
		return nil, fmt.Errorf("mcuboot: %s: %w", tlv.Type, err)
	}
	if len(key) != size {
		return nil, fmt.Errorf("mcuboot: %s: key of %d bytes: the header wants %d", tlv.Type, len(key), size)
	}
	return key, nil
}

// Crypt returns the image with its body encrypted, or decrypted where it was
// encrypted, with the image key, which has 16 or 32 bytes as the flags say.
// Everything else stays as it is.
func (img *Image) Crypt(key []byte) (*Image, error) {
	size, err := img.Header.imageKeySize()
	if err != nil {
		return nil, err
	}
	if len(key) != size {
		return nil, fmt.Errorf("mcuboot: image key of %d bytes: the header wants %d", len(key), size)
	}
	c := img.clone()
	c.Body = ctr(key, img.Body)
	return c, nil
}

// Decrypt returns the image with its body in the clear, in the form that
// Encryption.Clear gives: flag and wrapped key stay, as digest and signature
// are of that. The digest is checked: where the body was in the clear already
// the image is returned as it is.
func (img *Image) Decrypt(private crypto.PrivateKey) (*Image, error) {
	key, err := img.ImageKey(private)
	if err != nil {
		return nil, err
	}
	clear, err := img.Crypt(key)
	if err != nil {
		return nil, err
	}
	wrong := clear.checkDigests()
	if wrong == nil {
		return clear, nil
	}
	if img.checkDigests() == nil {
		return img.clone(), nil
	}
	return nil, wrong
}
