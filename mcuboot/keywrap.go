package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrUnwrap is the error of a wrapped key that this private key does not open.
var ErrUnwrap = errors.New("wrapped for another key, or damaged")

// WrapKey returns the entry in which an image hands its AES key, of 16 or 32
// bytes, to the bootloader. Recipient is as in Encryption; hash is that of ECIES,
// and SHA-512 is for X25519 alone.
func WrapKey(key []byte, recipient crypto.PublicKey, hash crypto.Hash, random io.Reader) (TLV, error) {
	if len(key) != 16 && len(key) != 32 {
		return TLV{}, fmt.Errorf("image key of %d bytes: want 16 or 32", len(key))
	}
	switch pub := recipient.(type) {
	case KEK:
		if len(pub) != len(key) {
			return TLV{}, fmt.Errorf("key-encryption key of %d bytes: want %d", len(pub), len(key))
		}
		value, err := wrapAES(pub, key)
		return TLV{TLVEncKW, value}, err
	case *rsa.PublicKey:
		return wrapRSA(pub, key, random)
	case *ecdsa.PublicKey:
		exchange, err := pub.ECDH()
		if err != nil {
			return TLV{}, fmt.Errorf("encryption: %v", err)
		}
		return wrapECIES(exchange, hash, key, random)
	case *ecdh.PublicKey:
		return wrapECIES(pub, hash, key, random)
	}
	return TLV{}, fmt.Errorf("encryption for a key of type %T: want RSA, P-256, X25519 or a KEK", recipient)
}

func wrapRSA(pub *rsa.PublicKey, key []byte, random io.Reader) (TLV, error) {
	if size := pub.N.BitLen(); size != 2048 {
		return TLV{}, fmt.Errorf("encryption for an RSA key of %d bits: bootloaders take 2048", size)
	}
	value, err := rsa.EncryptOAEP(sha256.New(), random, pub, key, nil)
	return TLV{TLVEncRSA2048, value}, err
}

// wrapECIES makes an ephemeral key and seals with it.
func wrapECIES(pub *ecdh.PublicKey, hash crypto.Hash, key []byte, random io.Reader) (TLV, error) {
	t, err := eciesTLV(pub.Curve(), hash)
	if err != nil {
		return TLV{}, err
	}
	ephemeral, err := ephemeralKey(pub.Curve(), random)
	if err != nil {
		return TLV{}, err
	}
	value, err := sealECIES(ephemeral, pub, hash, key)
	return TLV{t, value}, err
}

// UnwrapKey returns the AES key in an entry that WrapKey made. The private key is
// an RSA key (crypto.Decrypter), a P-256 key (*ecdsa.PrivateKey or
// ecdh.KeyExchanger), an X25519 key (ecdh.KeyExchanger) or a KEK. An error wraps
// ErrUnwrap where it is the wrong one.
func UnwrapKey(tlv TLV, private crypto.PrivateKey) ([]byte, error) {
	o, err := newOpener(private)
	if err != nil {
		return nil, err
	}
	return o.open(tlv)
}

// opener opens the wrapped keys that are for one private key.
type opener struct {
	types []TLVType
	open  func(TLV) ([]byte, error)
}

func newOpener(private crypto.PrivateKey) (opener, error) {
	switch private := private.(type) {
	case KEK:
		return openerKW(private), nil
	case *ecdsa.PrivateKey:
		exchange, err := private.ECDH()
		if err != nil {
			return opener{}, fmt.Errorf("decryption: %v", err)
		}
		return openerECIES(exchange)
	case ecdh.KeyExchanger:
		return openerECIES(private)
	case crypto.Decrypter:
		if _, ok := private.Public().(*rsa.PublicKey); ok {
			return openerRSA(private), nil
		}
	}
	return opener{}, fmt.Errorf("decryption with a key of type %T: want RSA, P-256, X25519 or a KEK", private)
}

// checked returns o with a check that it is given what it can open.
func (o opener) checked() opener {
	open := o.open
	o.open = func(tlv TLV) ([]byte, error) {
		for _, t := range o.types {
			if t == tlv.Type {
				return open(tlv)
			}
		}
		return nil, fmt.Errorf("%s: this key opens %v", tlv.Type, o.types)
	}
	return o
}

func openerKW(kek KEK) opener {
	return opener{[]TLVType{TLVEncKW}, func(tlv TLV) ([]byte, error) {
		return unwrapAES(kek, tlv.Value)
	}}.checked()
}

func openerRSA(private crypto.Decrypter) opener {
	return opener{[]TLVType{TLVEncRSA2048}, func(tlv TLV) ([]byte, error) {
		key, err := private.Decrypt(nil, tlv.Value, &rsa.OAEPOptions{Hash: crypto.SHA256})
		if err != nil {
			return nil, ErrUnwrap
		}
		return key, nil
	}}.checked()
}

func openerECIES(private ecdh.KeyExchanger) (opener, error) {
	var types []TLVType
	switch private.Curve() {
	case ecdh.P256():
		types = []TLVType{TLVEncEC256}
	case ecdh.X25519():
		types = []TLVType{TLVEncX25519, TLVEncX25519SHA512}
	default:
		return opener{}, fmt.Errorf("decryption with a key on %v: want P-256 or X25519", private.Curve())
	}
	return opener{types, func(tlv TLV) ([]byte, error) {
		hash := crypto.SHA256
		if tlv.Type == TLVEncX25519SHA512 {
			hash = crypto.SHA512
		}
		return openECIES(private, hash, tlv.Value)
	}}.checked(), nil
}

// The size of the blocks of AES key wrap, and its initial value (RFC 3394,
// section 2.2.3.1).
const (
	wrapBlock   = 8
	wrapInitial = 0xa6a6a6a6a6a6a6a6
)

// wrapAES is AES key wrap (RFC 3394, section 2.2.1).
func wrapAES(kek, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("key-encryption key: %v", err)
	}
	out := append(binary.BigEndian.AppendUint64(nil, wrapInitial), key...)
	n := len(key) / wrapBlock
	var buf [aes.BlockSize]byte
	for step := range 6 * n {
		part := out[(step%n+1)*wrapBlock:][:wrapBlock]
		copy(buf[:], out[:wrapBlock])
		copy(buf[wrapBlock:], part)
		block.Encrypt(buf[:], buf[:])
		count := binary.BigEndian.Uint64(buf[:]) ^ uint64(step+1)
		binary.BigEndian.PutUint64(out, count)
		copy(part, buf[wrapBlock:])
	}
	return out, nil
}

// unwrapAES is the inverse (RFC 3394, section 2.2.2).
func unwrapAES(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped) != 16+wrapBlock && len(wrapped) != 32+wrapBlock {
		return nil, fmt.Errorf("%d bytes: want 24 or 40", len(wrapped))
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("key-encryption key: %v", err)
	}
	out := bytes.Clone(wrapped)
	n := len(out)/wrapBlock - 1
	var buf [aes.BlockSize]byte
	for step := 6*n - 1; step >= 0; step-- {
		part := out[(step%n+1)*wrapBlock:][:wrapBlock]
		binary.BigEndian.PutUint64(buf[:], binary.BigEndian.Uint64(out)^uint64(step+1))
		copy(buf[wrapBlock:], part)
		block.Decrypt(buf[:], buf[:])
		copy(out, buf[:wrapBlock])
		copy(part, buf[wrapBlock:])
	}
	initial := binary.BigEndian.AppendUint64(nil, wrapInitial)
	if subtle.ConstantTimeCompare(out[:wrapBlock], initial) != 1 {
		return nil, ErrUnwrap
	}
	return out[wrapBlock:], nil
}
