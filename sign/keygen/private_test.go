package keygen

import (
	"crypto/rand"
	"testing"
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
