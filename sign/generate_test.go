package sign

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"
)

// A development key signs what a device accepts, at any time.
func TestNewDevelopmentKey(t *testing.T) {
	keyPEM, certPEM, err := NewDevelopmentKey("nobody", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ParsePrivateKey(keyPEM, nil)
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := ParseCertificates(certPEM)
	if err != nil || len(certificates) != 1 || certificates[0].Subject.CommonName != "nobody" {
		t.Fatalf("certificates %v, error %v", certificates, err)
	}
	key := Key{Name: "dev", Signer: signer, Certificate: certificates[0]}
	for _, year := range []int{2001, 2030, 2199} {
		now := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		if err := key.Check(SchemeCMS, now, PurposeEmailProtection); err != nil {
			t.Errorf("%d: %v", year, err)
		}
		signature, err := Sign(SchemeCMS, []byte("message"), []Key{key}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(SchemeCMS, []byte("message"), signature, Trust{Roots: certificates, Now: now}); err != nil {
			t.Errorf("%d: %v", year, err)
		}
	}
}

// No two development keys are the same, and none comes from broken randomness.
func TestNewDevelopmentKeyIsFresh(t *testing.T) {
	one, oneCert, _ := NewDevelopmentKey("x", rand.Reader)
	two, twoCert, _ := NewDevelopmentKey("x", rand.Reader)
	if string(one) == string(two) || string(oneCert) == string(twoCert) {
		t.Error("two keys or certificates are the same")
	}
	if _, _, err := NewDevelopmentKey("x", strings.NewReader("short")); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("error %v", err)
	}
}

// A purpose by itself judges a certificate as Key.Check does.
func TestPurposeCheck(t *testing.T) {
	for _, c := range []struct {
		name    string
		purpose Purpose
		want    string
	}{
		{"ec-p256", "", ""},
		{"both-purposes", PurposeCodeSigning, ""},
		{"no-eku", PurposeEmailProtection, ""},
		{"no-eku", PurposeCodeSigning, "codeSigning demands"},
		{"wrong-purpose", PurposeEmailProtection, "emailProtection demands"},
		{"wrong-usage", PurposeEmailProtection, "may not sign"},
		{"ec-p256", "email", "email"},
	} {
		err := c.purpose.Check(certificate(t, c.name))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s for %q: %v, want %q", c.name, c.purpose, err, c.want)
		}
	}
}
