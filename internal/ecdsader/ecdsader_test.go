package ecdsader

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	digest := sha256.Sum256([]byte("firmware"))
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		size := (curve.Params().BitSize + 7) / 8
		raw := rawOf(t, der, size)
		for name, form := range map[string][]byte{"DER": der, "raw": raw} {
			if got, err := Normalize(&key.PublicKey, digest[:], form); err != nil || !bytes.Equal(got, der) {
				t.Errorf("%s %s: %x, %v", curve.Params().Name, name, got, err)
			}
		}
		for name, bad := range map[string]struct {
			signature []byte
			want      string
		}{
			"empty":       {nil, "not DER"},
			"short":       {raw[1:], "want DER, or the"},
			"trailing":    {append(bytes.Clone(der), 0), "1 bytes after the DER"},
			"zeros":       {make([]byte, 2*size), "does not match"},
			"flipped raw": {flipped(raw), "does not match"},
		} {
			_, err := Normalize(&key.PublicKey, digest[:], bad.signature)
			if err == nil || !strings.Contains(err.Error(), bad.want) {
				t.Errorf("%s %s: error %v, want %q", curve.Params().Name, name, err, bad.want)
			}
		}
	}
}

// Leading zeros of r and s are kept and dropped as each form wants it: one in 128
// signatures has some.
func TestLeadingZeros(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		digest := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		der, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Normalize(&key.PublicKey, digest[:], rawOf(t, der, 32)); err != nil || !bytes.Equal(got, der) {
			t.Fatalf("%x, %v: want %x", got, err, der)
		}
	}
}

func TestNormalizeOtherKey(t *testing.T) {
	one, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	digest := sha256.Sum256(nil)
	der, err := ecdsa.SignASN1(rand.Reader, one, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Normalize(&other.PublicKey, digest[:], der); err != ErrMismatch {
		t.Errorf("another key's signature: %v", err)
	}
}

func rawOf(t *testing.T, der []byte, size int) []byte {
	t.Helper()
	var n numbers
	if _, err := asn1.Unmarshal(der, &n); err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 2*size)
	n.R.FillBytes(raw[:size])
	n.S.FillBytes(raw[size:])
	return raw
}

func flipped(raw []byte) []byte {
	raw = bytes.Clone(raw)
	raw[len(raw)-1] ^= 1
	return raw
}
