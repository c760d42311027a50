// Package swutest makes signed bundles for tests that ask a real client about a
// description.
package swutest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
)

// Certificate is the file, in the folder of the test keys, that a client must
// trust to accept what Write signs.
const Certificate = "ec-p256.crt"

// Member is a file of the archive.
type Member struct{ Name, Data string }

// Write makes a bundle with the description, its CMS signature and the members,
// in this order, and returns its path. keys is the folder of the test keys.
func Write(t testing.TB, keys, description string, members ...Member) string {
	t.Helper()
	all := []Member{{swu.Description, description}, {swu.Signature, Sign(t, keys, description)}}
	path := filepath.Join(t.TempDir(), "test.swu")
	if err := os.WriteFile(path, Archive(t, append(all, members...)...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Sign is a CMS of the description by the test key.
func Sign(t testing.TB, keys, description string) string {
	t.Helper()
	signature, err := sign.Sign(sign.SchemeCMS, []byte(description), []sign.Key{signer(t, keys)}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(signature)
}

// Archive is the bundle with the members in this order.
func Archive(t testing.TB, members ...Member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	for _, m := range members {
		add(t, w, m)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func add(t testing.TB, w *swu.Writer, m Member) {
	t.Helper()
	var sum swu.Sum
	sum.Write([]byte(m.Data))
	if err := w.WriteHeader(swu.Header{Name: m.Name, Size: int64(len(m.Data)), Sum: sum.Sum32()}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(m.Data)); err != nil {
		t.Fatal(err)
	}
}

func signer(t testing.TB, keys string) sign.Key {
	t.Helper()
	private, err := sign.ParsePrivateKey(read(t, filepath.Join(keys, "ec-p256.pem")), nil)
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := sign.ParseCertificates(read(t, filepath.Join(keys, Certificate)))
	if err != nil {
		t.Fatal(err)
	}
	return sign.Key{Signer: private, Certificate: certificates[0]}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
