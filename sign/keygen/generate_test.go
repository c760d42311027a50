package keygen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/sign"
)

// quick are the types whose keys are made at once.
var quick = []Type{RSA2048, ECDSAP256, ECDSAP384, ECDSAP521, Ed25519, X25519}

func TestTypes(t *testing.T) {
	for _, kind := range Types() {
		var got Type
		if err := got.UnmarshalText([]byte(kind)); err != nil || got != kind {
			t.Errorf("%s: %s, error %v", kind, got, err)
		}
		if kind.Symmetric() != strings.HasPrefix(string(kind), "aes-") {
			t.Errorf("%s: symmetric %v", kind, kind.Symmetric())
		}
	}
	var kind Type
	err := kind.UnmarshalText([]byte("rsa-1024"))
	wantError(t, err, `type of key "rsa-1024": want rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ecdsa-p521, ed25519, x25519, aes-128, aes-192 or aes-256`)
}

// A key comes back from its file as it was, and says what it is.
func TestGenerate(t *testing.T) {
	names := map[Type]string{
		RSA2048: "RSA-2048", ECDSAP256: "ECDSA P-256", ECDSAP384: "ECDSA P-384",
		ECDSAP521: "ECDSA P-521", Ed25519: "Ed25519", X25519: "X25519",
	}
	for _, kind := range quick {
		key := newKey(t, kind)
		if got := sign.Describe(key.Public()); got != names[kind] {
			t.Errorf("%s: %s", kind, got)
		}
		file, err := MarshalPrivateKey(key, nil, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		pub, err := PublicKey(file, nil)
		if err != nil || fingerprint(t, pub) != fingerprint(t, key.Public()) {
			t.Errorf("%s: another key came back, error %v", kind, err)
		}
		if kind != X25519 {
			if _, err := sign.ParsePrivateKey(file, nil); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}

func TestGenerateIsFresh(t *testing.T) {
	for _, kind := range quick[1:] {
		one, two := newKey(t, kind), newKey(t, kind)
		if fingerprint(t, one.Public()) == fingerprint(t, two.Public()) {
			t.Errorf("%s: the same key twice", kind)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	for _, kind := range []Type{AES256, "", "rsa-512"} {
		_, err := Generate(kind, rand.Reader)
		wantError(t, err, "making a key of type "+string(kind)+": want rsa-2048, ")
	}
}

// An encrypted key opens with its passphrase alone, X25519 among them, which
// package sign has no use for.
func TestEncryptedKey(t *testing.T) {
	for _, kind := range []Type{ECDSAP256, X25519} {
		key := newKey(t, kind)
		file, err := MarshalPrivateKey(key, []byte("secret"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(file, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")) {
			t.Errorf("%s: %.40s", kind, file)
		}
		pub, err := PublicKey(file, says("secret"))
		if err != nil || fingerprint(t, pub) != fingerprint(t, key.Public()) {
			t.Errorf("%s: another key came back, error %v", kind, err)
		}
		_, err = PublicKey(file, says("wrong"))
		wantError(t, err, "private key: wrong passphrase")
	}
}

func TestMarshalRefuses(t *testing.T) {
	odd, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = MarshalPrivateKey(odd, []byte{}, rand.Reader)
	wantError(t, err, "encrypting the private key: the passphrase is empty")
	_, err = MarshalPrivateKey(oddKey{odd}, nil, rand.Reader)
	wantError(t, err, "private key of type keygen.oddKey: want RSA")
	_, err = MarshalPublicKey("text")
	wantError(t, err, "public key of type string: want RSA")
}

// oddKey hides the type of a key, as a token does.
type oddKey struct{ PrivateKey }

func TestGenerateAES(t *testing.T) {
	for kind, digits := range map[Type]string{AES128: "32", AES192: "48", AES256: "64"} {
		one, err := GenerateAES(kind, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[0-9a-f]{` + digits + `} [0-9a-f]{32}\n$`).Match(one) {
			t.Errorf("%s: a line of %d bytes", kind, len(one))
		}
		two, err := GenerateAES(kind, rand.Reader)
		if err != nil || slices.Equal(one, two) || slices.Equal(one[len(one)-33:], two[len(two)-33:]) {
			t.Errorf("%s: key or IV is there twice, error %v", kind, err)
		}
	}
	_, err := GenerateAES(Ed25519, rand.Reader)
	wantError(t, err, "AES key of type ed25519: want aes-128, aes-192 or aes-256")
	_, err = GenerateAES(AES128, strings.NewReader("too short"))
	wantError(t, err, "making a key of type aes-128: unexpected EOF")
}
