package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"github.com/fwpack/fwpack/internal/cms"
)

// SealAES encrypts plaintext by AES-CBC with PKCS #7 padding and nothing
// around it: an encrypted sw-description for SWUpdate with the build option
// ENCRYPTED_SW_DESCRIPTION (without the one for asymmetric keys). key has 16,
// 24 or 32 bytes and iv 16; they are the two of the device's key file, for the
// description has no other place for an IV. So equal beginnings of two
// descriptions show as equal ciphertexts. The result has SizeAES bytes.
func SealAES(plaintext, key, iv []byte) ([]byte, error) {
	block, err := newAES(key, iv)
	if err != nil {
		return nil, err
	}
	return cms.EncryptCBC(block, iv, plaintext), nil
}

// SizeAES is the exact length in bytes of n bytes after SealAES.
func SizeAES(n int) int { return cms.PaddedSize(n, aes.BlockSize) }

// OpenAES undoes SealAES. Its error is ErrDecrypt where the ciphertext has no
// whole blocks or its padding is wrong. CBC has no integrity: a wrong key goes
// unnoticed once in some 250 times, and a wrong IV always, with another first
// block. The signature over the plaintext tells.
func OpenAES(ciphertext, key, iv []byte) ([]byte, error) {
	block, err := newAES(key, iv)
	if err != nil {
		return nil, err
	}
	plaintext, ok := cms.DecryptCBC(block, iv, ciphertext)
	if !ok {
		return nil, ErrDecrypt
	}
	return plaintext, nil
}

func newAES(key, iv []byte) (cipher.Block, error) {
	if n := len(iv); n != aes.BlockSize {
		return nil, fmt.Errorf("AES IV of %d bytes: want %d", n, aes.BlockSize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("AES key of %d bytes: want 16, 24 or 32", len(key))
	}
	return block, nil
}
