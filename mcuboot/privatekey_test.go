package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"testing"
)

// TestPrivateKeyBytes: the sizes that imgtool 2.4's getpriv prints.
func TestPrivateKeyBytes(t *testing.T) {
	x := scalar(t, ecdh.X25519(), 0)
	for _, test := range []struct {
		key     crypto.PrivateKey
		format  PrivateFormat
		minimal bool
		want    int
	}{
		{signer(t, "ec-p256"), PrivateDefault, false, 138},
		{signer(t, "ec-p256"), PrivatePKCS8, true, 67},
		{signer(t, "ec-p256"), PrivateOpenSSL, false, 121},
		{signer(t, "ec-p256"), PrivateOpenSSL, true, 51},
		{signer(t, "ec-p384"), PrivateDefault, false, 185},
		{signer(t, "ec-p384"), PrivateOpenSSL, false, 167},
		{x, PrivateDefault, false, 48},
		{x, PrivatePKCS8, true, 48},
	} {
		der, err := PrivateKeyBytes(test.key, test.format, test.minimal)
		if err != nil || len(der) != test.want {
			t.Errorf("%T %d %t: %d bytes, %v; want %d", test.key, test.format, test.minimal, len(der), err, test.want)
		}
	}
}

// TestPrivateKeyReads: the shorter forms are of the same key.
func TestPrivateKeyReads(t *testing.T) {
	p256 := signer(t, "ec-p256").(*ecdsa.PrivateKey)
	pkcs8, err := PrivateKeyBytes(p256, PrivateDefault, true)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := x509.ParsePKCS8PrivateKey(pkcs8); err != nil || !p256.Equal(key) {
		t.Errorf("PKCS #8: %v", err)
	}
	sec1, err := PrivateKeyBytes(p256, PrivateOpenSSL, true)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := x509.ParseECPrivateKey(sec1); err != nil || !p256.Equal(key) {
		t.Errorf("SEC 1: %v", err)
	}
	full, err := PrivateKeyBytes(signer(t, "rsa2048"), PrivateDefault, false)
	if err != nil {
		t.Fatal(err)
	}
	short, err := PrivateKeyBytes(signer(t, "rsa2048"), PrivateOpenSSL, true)
	if err != nil || len(short) < 790 || len(short) > 800 {
		t.Errorf("minimal RSA: %d bytes, %v", len(short), err)
	}
	if !bytes.HasPrefix(full[4:], short[4:]) { // behind the outer length
		t.Error("minimal RSA is not the begin of the full one")
	}
}

func TestPrivateKeyRefuses(t *testing.T) {
	three := *signer(t, "rsa2048").(*rsa.PrivateKey)
	three.Primes = append(three.Primes[:2:2], three.Primes[0])
	for _, test := range []struct {
		key     crypto.PrivateKey
		format  PrivateFormat
		minimal bool
		want    string
	}{
		{signer(t, "rsa2048"), PrivatePKCS8, false, "bootloaders read PKCS #1"},
		{&three, PrivateDefault, true, "with 3 primes: want 2"},
		{signer(t, "rsa4096"), PrivateDefault, false, "RSA key of 4096 bits"},
		{signer(t, "ec-p384"), PrivateDefault, true, "minimal private key on P-384"},
		{signer(t, "ec-p521"), PrivateDefault, false, "ECDSA key on P-521"},
		{scalar(t, ecdh.X25519(), 0), PrivateOpenSSL, false, "private key on X25519: want X25519, as PKCS #8"},
		{scalar(t, ecdh.P256(), 1), PrivateDefault, false, "private key on P-256: want X25519"},
		{edKey(), PrivateDefault, false, "private key of type ed25519.PrivateKey"},
	} {
		_, err := PrivateKeyBytes(test.key, test.format, test.minimal)
		wantError(t, err, test.want)
	}
}
