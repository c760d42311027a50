package keygen

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign"
)

const keyFolder = "../../testdata/keys"

// testPassphrase opens every encrypted test key.
const testPassphrase = "fwpack test only"

// now lies within the validity of the test certificates.
var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func readKey(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(keyFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func says(text string) sign.PassphraseFunc {
	return func() ([]byte, error) { return []byte(text), nil }
}

func newKey(t testing.TB, kind Type) PrivateKey {
	t.Helper()
	key, err := Generate(kind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func fingerprint(t testing.TB, pub crypto.PublicKey) string {
	t.Helper()
	f, err := sign.Fingerprint(pub)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// certify makes a certificate and parses it.
func certify(t testing.TB, key any, opt CertificateOptions) (*x509.Certificate, []byte) {
	t.Helper()
	text, err := NewCertificate(key, opt, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// years are options for a certificate valid from now for so many years.
func years(name string, n int) CertificateOptions {
	return CertificateOptions{CommonName: name, NotBefore: now, NotAfter: now.AddDate(n, 0, 0)}
}

// wantError compares an error with the text that it must hold, "" for none.
func wantError(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("error %v, want %q", err, want)
	}
}
