package cms

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestJoinOneIsTheSame(t *testing.T) {
	for _, s := range []Signer{signer(t, "ec-p256", ecdsa256), signer(t, "rsa2048", pss256)} {
		der := build(t, s)
		joined, err := Join(mustParse(t, der))
		if err != nil || !bytes.Equal(joined, der) {
			t.Errorf("%s: %x, %v: want %x", s.Certificate.Subject, joined, err, der)
		}
	}
}

func TestJoin(t *testing.T) {
	one := mustParse(t, build(t, signer(t, "ec-p256", ecdsa256)))
	two := mustParse(t, build(t, signer(t, "rsa2048", rsa256)))
	der, err := Join(one, two)
	if err != nil {
		t.Fatal(err)
	}
	mustVerify(t, der)
	if d := mustParse(t, der); len(d.Signers) != 2 || len(d.Certificates) != 2 || d.Trailing != 0 {
		t.Errorf("%d signers, %d certificates, %d bytes behind", len(d.Signers), len(d.Certificates), d.Trailing)
	}
	// The order of the parts is that of the certificates only: signers are a set.
	other, err := Join(two, one)
	if err != nil || len(other) != len(der) {
		t.Errorf("in the other order %d bytes, %v: want %d", len(other), err, len(der))
	}
	_, err = Join(one, two, one)
	wantError(t, err, `certificate "CN=fwpack test ec-p256,O=TEST ONLY" signs twice`)
}

// A signer that goes takes along the certificates that nobody else needs.
func TestWithout(t *testing.T) {
	leaf, other := signer(t, "leaf", ecdsa256), signer(t, "ec-p256", ecdsa256)
	chain := []*x509.Certificate{certificateOf(t, "intermediate"), certificateOf(t, "ca")}
	der, err := Build(content, []Signer{leaf, other}, chain)
	if err != nil {
		t.Fatal(err)
	}
	d := mustParse(t, der)
	for _, c := range []struct {
		drop         *x509.Certificate
		certificates int
	}{{leaf.Certificate, 1}, {other.Certificate, 3}} {
		der, err := Join(d.Without(func(s *SignerInfo) bool { return s.Names(c.drop) }))
		if err != nil {
			t.Fatal(err)
		}
		mustVerify(t, der)
		if rest := mustParse(t, der); len(rest.Signers) != 1 || len(rest.Certificates) != c.certificates {
			t.Errorf("without %s: %d signers, %d certificates", c.drop.Subject, len(rest.Signers), len(rest.Certificates))
		}
	}
	_, err = Join(d.Without(func(*SignerInfo) bool { return true }))
	wantError(t, err, "no signer")
	if len(d.Signers) != 2 {
		t.Error("the original has changed")
	}
}

func TestJoinWantsPlainData(t *testing.T) {
	d := mustParse(t, build(t, signer(t, "ec-p256", ecdsa256)))
	d.ContentType = oidSignedData
	_, err := Join(d)
	wantError(t, err, "content type 1.2.840.113549.1.7.2: want plain data")
}

// openssl makes one part, with attributes of its own, and verifies the whole.
func TestConformanceJoin(t *testing.T) {
	reftool.Need(t, "openssl")
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	keys := "../../testdata/keys/"
	write(t, file("content"), content)
	openssl(t, "cms", "-sign", "-binary", "-in", file("content"), "-signer", keys+"rsa2048.crt", "-inkey", keys+"rsa2048.pem",
		"-keyid", "-outform", "DER", "-out", file("theirs"))
	theirs := mustParse(t, readFile(t, file("theirs")))
	der, err := Join(mustParse(t, build(t, signer(t, "ec-p256", ecdsa256))), theirs)
	if err != nil {
		t.Fatal(err)
	}
	mustVerify(t, der)
	write(t, file("joined"), der)
	write(t, file("roots"), append(readFile(t, keys+"rsa2048.crt"), readFile(t, keys+"ec-p256.crt")...))
	openssl(t, "cms", "-verify", "-binary", "-inform", "DER", "-in", file("joined"), "-content", file("content"),
		"-CAfile", file("roots"), "-out", os.DevNull)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func openssl(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
	}
}
