package ecdsader

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
	"testing"
)

// FuzzNormalize: whatever is taken for a signature is one, and in its final form.
func FuzzNormalize(f *testing.F) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), big.NewInt(0x1234567).FillBytes(make([]byte, 32)))
	if err != nil {
		f.Fatal(err)
	}
	digest := sha256.Sum256([]byte("message"))
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Add(der[:len(der)-1])
	f.Add(append(bytes.Clone(der), 0))
	f.Add(make([]byte, 64))
	f.Add([]byte("\x30\x06\x02\x01\x01\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, signature []byte) {
		normal, err := Normalize(&key.PublicKey, digest[:], signature)
		if err != nil {
			return
		}
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], normal) {
			t.Errorf("%x becomes %x, which is no signature", signature, normal)
		}
		if again, err := Normalize(&key.PublicKey, digest[:], normal); err != nil || !bytes.Equal(again, normal) {
			t.Errorf("%x becomes %x, %v", normal, again, err)
		}
	})
}
