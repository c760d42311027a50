package cms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
	"encoding/asn1"
	"fmt"
)

// contentCipher is a cipher for the content. Those of a device are OpenSSL's,
// so triple DES is read too: "openssl cms -encrypt" of release 3.0 uses it
// where it is told nothing else. It is never written.
type contentCipher struct {
	name      string
	oid       asn1.ObjectIdentifier
	keyLength int
	ivLength  int
	block     func(key []byte) (cipher.Block, error)
	gcm       bool
}

var contentCiphers = []contentCipher{
	{"AES-256-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.BlockSize, aes.NewCipher, false},
	{"AES-192-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.BlockSize, aes.NewCipher, false},
	{"AES-128-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.BlockSize, aes.NewCipher, false},
	{"AES-256-GCM", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 46}, 32, gcmNonceSize, aes.NewCipher, true},
	{"AES-192-GCM", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 26}, 24, gcmNonceSize, aes.NewCipher, true},
	{"AES-128-GCM", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 6}, 16, gcmNonceSize, aes.NewCipher, true},
	{"3DES-CBC", asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.BlockSize, des.NewTripleDESCipher, false},
}

// contentCipherOf returns the cipher of that identifier, for an envelope with
// a MAC of its own or without: the others would lose the tag, or have none.
func contentCipherOf(oid asn1.ObjectIdentifier, authenticated bool) (contentCipher, error) {
	for _, c := range contentCiphers {
		if c.oid.Equal(oid) && c.gcm == authenticated {
			return c, nil
		}
	}
	if authenticated {
		return contentCipher{}, fmt.Errorf("content encryption %v: want AES-128-GCM, AES-192-GCM or AES-256-GCM", oid)
	}
	return contentCipher{}, fmt.Errorf("content encryption %v: want AES-128-CBC, AES-192-CBC, AES-256-CBC or 3DES-CBC", oid)
}

// EncryptCBC encrypts plaintext with PKCS #7 padding (RFC 5652, section 6.3):
// the result is longer by 1 to one block of bytes. iv has a block's length.
func EncryptCBC(block cipher.Block, iv, plaintext []byte) []byte {
	size := block.BlockSize()
	out := make([]byte, PaddedSize(len(plaintext), size))
	copy(out, plaintext)
	for i := len(plaintext); i < len(out); i++ {
		out[i] = byte(len(out) - len(plaintext))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return out
}

// PaddedSize is the length of n bytes after EncryptCBC: there is always
// padding, a whole block of it where n is a multiple of the block size.
func PaddedSize(n, blockSize int) int { return (n/blockSize + 1) * blockSize }

// DecryptCBC undoes EncryptCBC. It is false where there are no whole blocks or
// the padding is wrong, which a wrong key passes by once in 255 times.
func DecryptCBC(block cipher.Block, iv, ciphertext []byte) ([]byte, bool) {
	size := block.BlockSize()
	if len(ciphertext) == 0 || len(ciphertext)%size != 0 {
		return nil, false
	}
	out := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, ciphertext)
	padding := out[len(out)-1]
	if padding == 0 || int(padding) > size {
		return nil, false
	}
	end := len(out) - int(padding)
	same := 1
	for _, b := range out[end:] {
		same &= subtle.ConstantTimeByteEq(b, padding)
	}
	return out[:end], same == 1
}

// encryptedContent is a ciphertext with what decrypts it, apart from the key.
type encryptedContent struct {
	cipher     contentCipher
	iv         []byte // the IV of CBC, the nonce of GCM
	ciphertext []byte
	tag        []byte // of GCM
	tagLength  int    // as the parameters say
}

// decrypt is false where key is not the one or the ciphertext was changed, as
// far as the cipher can tell.
func (e *encryptedContent) decrypt(key []byte) ([]byte, bool) {
	block, err := e.cipher.block(key)
	if err != nil {
		return nil, false
	}
	if !e.cipher.gcm {
		return DecryptCBC(block, e.iv, e.ciphertext)
	}
	aead, err := cipher.NewGCMWithTagSize(block, len(e.tag))
	if err != nil {
		return nil, false
	}
	sealed := append(e.ciphertext[:len(e.ciphertext):len(e.ciphertext)], e.tag...)
	plaintext, err := aead.Open(nil, e.iv, sealed, nil)
	return plaintext, err == nil
}

// gcmParameters is GCMParameters of RFC 5084, section 3.2.
type gcmParameters struct {
	Nonce     []byte
	TagLength int `asn1:"optional,default:12"`
}

const (
	gcmNonceSize  = 12
	gcmTagSize    = 16
	gcmDefaultTag = 12
)
