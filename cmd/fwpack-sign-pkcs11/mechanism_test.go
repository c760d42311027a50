package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"testing"
)

func TestOrder(t *testing.T) {
	key := newKey(t, elliptic.P256())
	rsaPub := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}
	d32, d64 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 64)
	pss := func(salt int) *rsa.PSSOptions { return &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: salt} }
	for _, test := range []struct {
		name   string
		pub    crypto.PublicKey
		digest []byte
		opts   crypto.SignerOpts
		kind   uint
		length int
		pss    pssParameters
		err    string
	}{
		{"rsa", rsaPub, d32, crypto.SHA256, mechanismRSA, 19 + 32, pssParameters{}, ""},
		{"rsa 512", rsaPub, d64, crypto.SHA512, mechanismRSA, 19 + 64, pssParameters{}, ""},
		{"pss", rsaPub, d32, pss(20), mechanismPSS, 32, pssParameters{0x250, 2, 20}, ""},
		{"pss as the hash", rsaPub, d32, pss(rsa.PSSSaltLengthEqualsHash), mechanismPSS, 32, pssParameters{0x250, 2, 32}, ""},
		{"pss as long as can be", rsaPub, d32, pss(rsa.PSSSaltLengthAuto), mechanismPSS, 32, pssParameters{0x250, 2, 222}, ""},
		{"pss 512", rsaPub, d64, &rsa.PSSOptions{Hash: crypto.SHA512, SaltLength: 64}, mechanismPSS, 64, pssParameters{0x270, 4, 64}, ""},
		{"pss too long", rsaPub, d32, pss(223), 0, 0, pssParameters{}, "salt of 223 bytes: want 1 to 222"},
		{"wrong digest", rsaPub, d64, crypto.SHA256, 0, 0, pssParameters{}, "digest of 64 bytes: want 32"},
		{"sha1", rsaPub, d32, crypto.SHA1, 0, 0, pssParameters{}, "hash SHA-1: want SHA-256, SHA-384 or SHA-512"},
		{"ecdsa", &key.PublicKey, d32, crypto.SHA256, mechanismECDSA, 32, pssParameters{}, ""},
		{"ecdsa cut", &key.PublicKey, d64, crypto.SHA512, mechanismECDSA, 32, pssParameters{}, ""},
		{"ed25519", make(ed25519.PublicKey, 32), []byte("text"), crypto.Hash(0), mechanismEdDSA, 4, pssParameters{}, ""},
		{"ed25519ph", make(ed25519.PublicKey, 32), d64, crypto.SHA512, 0, 0, pssParameters{}, "Ed25519 with a hash: want the message itself"},
		{"other", 7, d32, crypto.SHA256, 0, 0, pssParameters{}, "public key of type int"},
	} {
		m, data, err := order(test.pub, test.digest, test.opts)
		if test.err != "" {
			wantError(t, err, test.err)
			continue
		}
		if err != nil || m.kind != test.kind || len(data) != test.length || m.pss != nil && *m.pss != test.pss {
			t.Errorf("%s: %+v %v, %d bytes, %v", test.name, m, m.pss, len(data), err)
		}
	}
}

// The DigestInfo is the one of the standard library.
func TestDigestInfo(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, key, err)
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		digest := make([]byte, hash.Size())
		m, data, err := order(&key.PublicKey, digest, hash)
		must(t, data, err)
		signature, err := fakeSign(key, m, data)
		must(t, signature, err)
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, hash, digest, signature); err != nil {
			t.Errorf("%v: %v", hash, err)
		}
	}
}

func TestDeliver(t *testing.T) {
	p256 := &ecdsa.PublicKey{Curve: elliptic.P256()}
	raw := append(append(make([]byte, 31), 7), append(make([]byte, 31), 200)...)
	der, err := deliver(p256, raw)
	if want := []byte{0x30, 7, 2, 1, 7, 2, 2, 0, 200}; err != nil || !bytes.Equal(der, want) {
		t.Errorf("%x, %v; want %x", der, err, want)
	}
	for _, n := range []int{0, 1, 63, 66} {
		_, err := deliver(p256, make([]byte, n))
		wantError(t, err, "bytes: want r and s, 32 bytes each")
	}
	if other, err := deliver(&rsa.PublicKey{}, raw); err != nil || !bytes.Equal(other, raw) {
		t.Errorf("RSA: %x, %v", other, err)
	}
}

func TestPublicKey(t *testing.T) {
	for oid, curve := range curves() {
		key := newKey(t, curve)
		attributes := ecAttributes(t, &key.PublicKey)
		get := func(kind uint) []byte { return attributes[kind] }
		if pub, err := publicKey(get); err != nil || !key.PublicKey.Equal(pub) {
			t.Errorf("%s: %v", oid, err)
		}
		attributes[attributeECPoint] = octets(attributes[attributeECPoint]) // as old modules have it
		if pub, err := publicKey(get); err != nil || !key.PublicKey.Equal(pub) {
			t.Errorf("%s, bare: %v", oid, err)
		}
	}
	edPub, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, edPub, err)
	attributes := edAttributes(edPub)
	get := func(kind uint) []byte { return attributes[kind] }
	oid, err := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 101, 112})
	must(t, oid, err)
	for _, params := range [][]byte{attributes[attributeECParams], oid, nil} {
		for _, point := range [][]byte{edPub, append([]byte{4, 32}, edPub...)} {
			attributes[attributeECParams], attributes[attributeECPoint] = params, point
			if pub, err := publicKey(get); err != nil || !edPub.Equal(pub) {
				t.Errorf("Ed25519, %x, %x: %v", params, point, err)
			}
		}
	}
}

func TestPublicKeyRefuses(t *testing.T) {
	key := newKey(t, elliptic.P256())
	ec := ecAttributes(t, &key.PublicKey)
	p256, point := ec[attributeECParams], ec[attributeECPoint]
	secp256k1 := []byte{6, 5, 0x2b, 0x81, 4, 0, 10}
	for _, test := range []struct {
		attributes map[uint][]byte
		want       string
	}{
		{nil, "no CKA_KEY_TYPE"},
		{map[uint][]byte{attributeKeyType: {1, 2}}, "no CKA_KEY_TYPE"},
		{map[uint][]byte{attributeKeyType: ulong(keyRSA)}, "no attributes of a public key"},
		{map[uint][]byte{attributeKeyType: ulong(keyRSA), attributeModulus: {1}, attributePublicExponent: {1}}, "RSA: a public exponent"},
		{map[uint][]byte{attributeKeyType: ulong(keyRSA), attributeModulus: {1}, attributePublicExponent: make([]byte, 9)}, "RSA: a public exponent"},
		{map[uint][]byte{attributeKeyType: ulong(keyEC), attributeECParams: {0x30}, attributeECPoint: point}, "EC: CKA_EC_PARAMS is not an object identifier"},
		{map[uint][]byte{attributeKeyType: ulong(keyEC), attributeECParams: secp256k1, attributeECPoint: point}, "EC: curve 1.3.132.0.10: want P-256, P-384 or P-521"},
		{map[uint][]byte{attributeKeyType: ulong(keyEC), attributeECParams: p256, attributeECPoint: point[:60]}, "EC: CKA_EC_POINT is not an uncompressed point of P-256"},
		{map[uint][]byte{attributeKeyType: ulong(keyEdwards), attributeECParams: p256, attributeECPoint: point}, "want edwards25519"},
		{map[uint][]byte{attributeKeyType: ulong(keyEdwards), attributeECPoint: point}, "CKA_EC_POINT of an Edwards key has 67 bytes: want 32"},
		{map[uint][]byte{attributeKeyType: ulong(keyEC), attributePublicKeyInfo: {1}}, "asn1"},
	} {
		_, err := publicKey(func(kind uint) []byte { return test.attributes[kind] })
		wantError(t, err, test.want)
	}
}

func TestUnsigned(t *testing.T) {
	if n, ok := unsigned(ulong(0x40)); !ok || n != 0x40 {
		t.Errorf("%d %v", n, ok)
	}
	if !yes([]byte{1}) || yes([]byte{0}) || yes(nil) || !no([]byte{0}) || no(nil) {
		t.Error("booleans")
	}
}
