package cms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/asn1"
	"encoding/binary"
	"slices"
)

// keyWrap encrypts one key with another.
type keyWrap struct {
	oid       asn1.ObjectIdentifier
	keyLength int // of the wrapping key
	unwrap    func(kek, wrapped []byte) ([]byte, bool)
}

// keyWraps are those of RFC 3565, section 2.3.2, and of RFC 3370, section
// 4.3.1. Only the first is written.
var keyWraps = []keyWrap{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 45}, 32, unwrapAES},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 25}, 24, unwrapAES},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 5}, 16, unwrapAES},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 3, 6}, 24, unwrapDES},
}

// wrapOverhead is what wrapping adds to a key, in bytes.
const wrapOverhead = 8

// wrapCheck is the initial value of RFC 3394, section 2.2.3.1.
var wrapCheck = [8]byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}

// wrapAES is AES key wrap, RFC 3394, section 2.2.1. The key has a multiple of
// 8 bytes, at least 16.
func wrapAES(kek, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	out := append(wrapCheck[:], key...)
	n := uint64(len(key) / 8)
	var b [16]byte
	for t := uint64(1); t <= 6*n; t++ {
		r := out[8*((t-1)%n+1):][:8]
		copy(b[:8], out)
		copy(b[8:], r)
		block.Encrypt(b[:], b[:])
		binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(b[:8])^t)
		copy(r, b[8:])
	}
	return out, nil
}

// unwrapAES undoes wrapAES. It is false where kek did not wrap the key.
func unwrapAES(kek, wrapped []byte) ([]byte, bool) {
	block, err := aes.NewCipher(kek)
	if err != nil || len(wrapped) < 24 || len(wrapped)%8 != 0 {
		return nil, false
	}
	out := slices.Clone(wrapped)
	n := uint64(len(wrapped)/8 - 1)
	var b [16]byte
	for t := 6 * n; t > 0; t-- {
		r := out[8*((t-1)%n+1):][:8]
		binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(out)^t)
		copy(b[8:], r)
		block.Decrypt(b[:], b[:])
		copy(out, b[:8])
		copy(r, b[8:])
	}
	return out[8:], subtle.ConstantTimeCompare(out[:8], wrapCheck[:]) == 1
}

// unwrapDES is the triple DES key unwrap of RFC 3217, section 3.2: CBC twice,
// with the bytes turned around in between, and a checksum by SHA-1.
func unwrapDES(kek, wrapped []byte) ([]byte, bool) {
	block, err := des.NewTripleDESCipher(kek)
	if err != nil || len(wrapped) != 40 {
		return nil, false
	}
	iv := []byte{0x4a, 0xdd, 0xa2, 0x2c, 0x79, 0xe8, 0x21, 0x05}
	out := slices.Clone(wrapped)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, out)
	slices.Reverse(out)
	cipher.NewCBCDecrypter(block, out[:8]).CryptBlocks(out[8:], out[8:])
	key, check := out[8:32], out[32:]
	sum := sha1.Sum(key)
	return key, subtle.ConstantTimeCompare(sum[:8], check) == 1
}

func keyWrapOf(oid asn1.ObjectIdentifier) (keyWrap, bool) {
	for _, w := range keyWraps {
		if w.oid.Equal(oid) {
			return w, true
		}
	}
	return keyWrap{}, false
}
