package sign

import (
	"crypto"
	"crypto/x509"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const keyFolder = "../testdata/keys"

const testPassphrase = "fwpack test only"

// now lies within the validity of the test certificates.
var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keyFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func privateKey(t testing.TB, name string) crypto.Signer {
	t.Helper()
	signer, err := ParsePrivateKey(readFile(t, name+".pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func certificates(t testing.TB, names ...string) []*x509.Certificate {
	t.Helper()
	var all []*x509.Certificate
	for _, name := range names {
		parsed, err := ParseCertificates(readFile(t, name+".crt"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed...)
	}
	return all
}

func certificate(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	return certificates(t, name)[0]
}

// cmsKey is the key and the certificate of that name.
func cmsKey(t testing.TB, name string) Key {
	t.Helper()
	return Key{Name: name, Signer: privateKey(t, name), Certificate: certificate(t, name)}
}

// leafKey is a key whose certificate is two steps below the root.
func leafKey(t testing.TB, name string) Key {
	t.Helper()
	k := cmsKey(t, name)
	k.Chain = certificates(t, "intermediate")
	return k
}

func trust(t testing.TB, roots ...string) Trust {
	t.Helper()
	return Trust{Roots: certificates(t, roots...), Now: now}
}

// opaque hides the type of a key, as a token does.
type opaque struct{ inner crypto.Signer }

func (o opaque) Public() crypto.PublicKey { return o.inner.Public() }

func (o opaque) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return o.inner.Sign(random, digest, opts)
}

// claims pretends to be the key of another signer.
type claims struct {
	opaque
	public crypto.PublicKey
}

func (c claims) Public() crypto.PublicKey { return c.public }

// seeded is a source of bytes that repeats.
func seeded() io.Reader {
	return rand.NewChaCha8([32]byte([]byte(strings.Repeat("fwpack! ", 4))))
}

// hintOf returns the hint of err or of what it wraps.
func hintOf(err error) string {
	for ; err != nil; err = unwrap(err) {
		if h, ok := err.(interface{ Hint() string }); ok {
			return h.Hint()
		}
	}
	return ""
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

// wantError fails unless err is one line with exactly this text.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("no error, want %q", want)
	case err.Error() != want:
		t.Errorf("error:\n got %s\nwant %s", err, want)
	}
}
