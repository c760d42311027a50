package keygen

import (
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/sign"
)

// Every type of key comes back from its file, X25519 included.
func TestParsePrivateKey(t *testing.T) {
	for _, kind := range []Type{RSA2048, ECDSAP256, ECDSAP384, Ed25519, X25519} {
		key := newKey(t, kind)
		for _, passphrase := range []string{"", testPassphrase} {
			var secret []byte
			if passphrase != "" {
				secret = []byte(passphrase)
			}
			data, err := MarshalPrivateKey(key, secret, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParsePrivateKey(data, says(passphrase))
			if err != nil || fingerprint(t, got.Public()) != fingerprint(t, key.Public()) {
				t.Errorf("%s, passphrase %q: %T, %v", kind, passphrase, got, err)
			}
		}
	}
}

func TestParsePrivateKeyRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"ec-p256.pub.pem": "want a private key", "README.md": "PEM", "rsa1024.pem": "1024",
	} {
		_, err := ParsePrivateKey(readKey(t, name), nil)
		wantError(t, err, want)
	}
	_, err := ParsePrivateKey(readKey(t, "ec-p256.enc.pem"), says("wrong"))
	wantError(t, err, "private key: ")
	_, err = ParsePrivateKey(readKey(t, "ec-p256.enc.pem"), nil)
	wantError(t, err, "passphrase")
}

// A key that would keep the arithmetic busy is refused by its length, in the clear
// and encrypted.
func TestParsePrivateKeyRefusesLongKeys(t *testing.T) {
	long := new(big.Int).Lsh(big.NewInt(1), 1<<18)
	inner, err := asn1.Marshal(struct {
		Version          int
		N                *big.Int
		E                int
		D, P, Q, X, Y, Z *big.Int
	}{0, long, 65537, long, long, long, long, long, long})
	if err != nil {
		t.Fatal(err)
	}
	var info pkcs8
	info.Algorithm.Algorithm, info.PrivateKey = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, inner
	der, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sign.EncryptPKCS8(der, []byte(testPassphrase), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for form, content := range map[string][]byte{pemPrivateKey: der, pemEncryptedKey: sealed} {
		_, err = ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: form, Bytes: content}), says(testPassphrase))
		wantError(t, err, "RSA-262145 is too long")
	}
}

// What is read is written and read again as the same key.
func FuzzParsePrivateKey(f *testing.F) {
	names, err := filepath.Glob(keyFolder + "/*.pem")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	exchange, err := MarshalPrivateKey(newKey(f, X25519), nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(exchange)
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := ParsePrivateKey(data, nil)
		if err != nil {
			return
		}
		file, err := MarshalPrivateKey(key, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePrivateKey(file, nil)
		if err != nil || fingerprint(t, again.Public()) != fingerprint(t, key.Public()) {
			t.Errorf("%q becomes %q, %v", data, file, err)
		}
	})
}
