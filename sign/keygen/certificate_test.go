package keygen

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
)

// What a certificate is made for, package sign accepts it for, and nothing else.
func TestSelfSigned(t *testing.T) {
	email, code := sign.PurposeEmailProtection, sign.PurposeCodeSigning
	for _, c := range []struct {
		kind     Type
		purposes []sign.Purpose
		want     []sign.Purpose
	}{
		{ECDSAP256, nil, []sign.Purpose{email}},
		{ECDSAP384, []sign.Purpose{code}, []sign.Purpose{code}},
		{ECDSAP521, []sign.Purpose{email, code}, []sign.Purpose{email, code}},
		{RSA2048, []sign.Purpose{email}, []sign.Purpose{email}},
	} {
		key := newKey(t, c.kind)
		opt := years("Gateway release", 10)
		opt.Purposes = c.purposes
		certificate, _ := certify(t, key, opt)
		signer := sign.Key{Name: "k", Signer: key.(crypto.Signer), Certificate: certificate}
		for _, purpose := range sign.Purposes() {
			err := signer.Check(sign.SchemeCMS, now, purpose)
			if accepted := err == nil; accepted != slices.Contains(c.want, purpose) {
				t.Errorf("%s for %v: purpose %s: %v", c.kind, c.purposes, purpose, err)
			}
		}
	}
}

// The fields that RFC 5280 speaks about.
func TestCertificateFields(t *testing.T) {
	opt := years("Grüße aus 東京", 3)
	opt.NotBefore = opt.NotBefore.Add(123 * time.Millisecond)
	c, _ := certify(t, newKey(t, ECDSAP256), opt)
	switch {
	case c.Version != 3, len(c.SubjectKeyId) != 20, !c.BasicConstraintsValid, c.IsCA:
		t.Errorf("version %d, key id %x, CA %v", c.Version, c.SubjectKeyId, c.IsCA)
	case c.SerialNumber.Sign() <= 0, c.SerialNumber.BitLen() > 20*8-1, c.SerialNumber.BitLen() < 64:
		t.Errorf("serial number of %d bits", c.SerialNumber.BitLen())
	case !c.NotBefore.Equal(now), !c.NotAfter.Equal(now.AddDate(3, 0, 0)):
		t.Errorf("valid from %v to %v", c.NotBefore, c.NotAfter)
	case c.Subject.CommonName != opt.CommonName, c.Subject.String() != c.Issuer.String():
		t.Errorf("subject %v, issuer %v", c.Subject, c.Issuer)
	case c.KeyUsage != x509.KeyUsageDigitalSignature:
		t.Errorf("key usage %b", c.KeyUsage)
	}
	other, _ := certify(t, newKey(t, ECDSAP256), opt)
	if other.SerialNumber.Cmp(c.SerialNumber) == 0 {
		t.Error("the same serial number twice")
	}
}

// newCA makes an authority valid for 20 years.
func newCA(t testing.TB) (*Issuer, []byte) {
	t.Helper()
	key := newKey(t, ECDSAP384)
	opt := years("Gateway root", 20)
	opt.CA = true
	c, text := certify(t, key, opt)
	return &Issuer{c, key.(crypto.Signer)}, text
}

// A small authority: root, intermediate and a leaf of a public key alone.
func TestAuthority(t *testing.T) {
	root, _ := newCA(t)
	between := years("Gateway issuing", 15)
	between.CA, between.Issuer = true, root
	key := newKey(t, ECDSAP256)
	intermediate, _ := certify(t, key.Public(), between)
	leafOpt := years("Gateway release", 10)
	leafOpt.Issuer = &Issuer{intermediate, key.(crypto.Signer)}
	leafKey := newKey(t, RSA2048)
	leaf, _ := certify(t, leafKey.Public(), leafOpt)
	signer := sign.Key{
		Name: "release", Signer: leafKey.(crypto.Signer), Certificate: leaf,
		Chain: []*x509.Certificate{intermediate, root.Certificate},
	}
	if err := signer.Check(sign.SchemeCMS, now, sign.PurposeEmailProtection); err != nil {
		t.Error(err)
	}
	message := []byte("message")
	cms, err := sign.Sign(sign.SchemeCMS, message, []sign.Key{signer}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	trust := sign.Trust{Roots: []*x509.Certificate{root.Certificate}, Now: now}
	if _, err := sign.Verify(sign.SchemeCMS, message, cms, trust); err != nil {
		t.Error(err)
	}
	if !slices.Equal(leaf.AuthorityKeyId, intermediate.SubjectKeyId) || root.Certificate.KeyUsage&x509.KeyUsageDigitalSignature != 0 {
		t.Errorf("key of the issuer %x, usage of the root %b", leaf.AuthorityKeyId, root.Certificate.KeyUsage)
	}
}

func TestNewCertificateRefuses(t *testing.T) {
	key := newKey(t, ECDSAP256)
	root, _ := newCA(t)
	weak, err := PublicKey(readKey(t, "rsa1024.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := certify(t, key, years("leaf", 1))
	for _, c := range []struct {
		name string
		key  any
		set  func(*CertificateOptions)
		want string
	}{
		{"Ed25519", newKey(t, Ed25519), nil, "the key is Ed25519: SWUpdate verifies certificates of RSA and ECDSA keys"},
		{"X25519", newKey(t, X25519), nil, "the key is X25519"},
		{"no key", nil, nil, "the key is key of an unknown kind"},
		{"weak key", weak, nil, "RSA-1024 is too short: want at least 2048 bits"},
		{"public key", key.Public(), nil, "only a public key is at hand"},
		{"no name", key, func(o *CertificateOptions) { o.CommonName = "" }, "the common name has 0 characters: want 1 to 64"},
		{"long name", key, func(o *CertificateOptions) { o.CommonName = strings.Repeat("ü", 65) }, "has 65 characters"},
		{"control", key, func(o *CertificateOptions) { o.CommonName = "a\x1b[31m" }, "has a character U+001B: want printable ones"},
		{"not UTF-8", key, func(o *CertificateOptions) { o.CommonName = "a\xff" }, "has a character U+FFFD"},
		{"backwards", key, func(o *CertificateOptions) { o.NotAfter = o.NotBefore }, "want an end after the beginning"},
		{"year 10000", key, func(o *CertificateOptions) { o.NotAfter = now.AddDate(8000, 0, 0) }, "the years 1950 to 9999"},
		{"purpose", key, func(o *CertificateOptions) { o.Purposes = []sign.Purpose{"smime"} }, `"smime"`},
		{"purpose of a CA", key, func(o *CertificateOptions) { o.CA, o.Purposes = true, sign.Purposes() }, "signs certificates only"},
		{"outlives", key, func(o *CertificateOptions) { o.Issuer, o.NotAfter = root, now.AddDate(21, 0, 0) }, "none below it longer"},
		{"too early", key, func(o *CertificateOptions) { o.Issuer, o.NotBefore = root, now.AddDate(0, 0, -1) }, "none below it longer"},
		{"half an issuer", key, func(o *CertificateOptions) { o.Issuer = &Issuer{Certificate: root.Certificate} }, "the issuer lacks its certificate or its key"},
		{"no CA", key, func(o *CertificateOptions) { o.Issuer = &Issuer{leaf, key.(crypto.Signer)} }, `issuer "CN=leaf" is no certification authority`},
		{"wrong CA key", key, func(o *CertificateOptions) { o.Issuer = &Issuer{root.Certificate, key.(crypto.Signer)} }, "the key does not belong to the certificate"},
	} {
		opt := years("name", 1)
		if c.set != nil {
			c.set(&opt)
		}
		t.Run(c.name, func(t *testing.T) {
			_, err := NewCertificate(c.key, opt, rand.Reader)
			wantError(t, err, c.want)
			wantError(t, err, "certificate ")
		})
	}
	_, err = NewCertificate(key, years("name", 1), strings.NewReader("short"))
	wantError(t, err, "drawing a serial number: ")
}

// An issuer whose key usage forbids it is refused, although it is a CA.
func TestIssuerUsage(t *testing.T) {
	root, _ := newCA(t)
	root.Certificate.KeyUsage = x509.KeyUsageDigitalSignature
	opt := years("name", 1)
	opt.Issuer = root
	_, err := NewCertificate(newKey(t, ECDSAP256), opt, rand.Reader)
	wantError(t, err, "its key usage lacks keyCertSign")
}

// No end, as RFC 5280 writes it.
func TestWithoutEnd(t *testing.T) {
	opt := years("for ever", 1)
	opt.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if c, _ := certify(t, newKey(t, ECDSAP256), opt); !c.NotAfter.Equal(opt.NotAfter) {
		t.Errorf("ends %v", c.NotAfter)
	}
}

// A token's key, which hides its type, signs as well.
type token struct{ crypto.Signer }

func TestToken(t *testing.T) {
	key := newKey(t, RSA2048).(crypto.Signer)
	if c, _ := certify(t, token{key}, years("token", 1)); !samePublicKey(c.PublicKey, key.Public().(*rsa.PublicKey)) {
		t.Error("another key")
	}
}

// A recipient's certificate is one to encrypt for, and none to sign with; the
// doctor has nothing against that.
func TestRecipient(t *testing.T) {
	for _, kind := range []Type{RSA2048, ECDSAP256} {
		key := newKey(t, kind)
		opt := years("device", 10)
		opt.Recipient = true
		c, text := certify(t, key, opt)
		if err := envelope.CheckRecipient(c, now); err != nil {
			t.Error(err)
		}
		signer := sign.Key{Signer: key.(crypto.Signer), Certificate: c}
		if err := signer.Check(sign.SchemeCMS, now, ""); err == nil {
			t.Errorf("%s: signs", kind)
		}
		if findings := Examine([]File{{Name: "device.crt", Data: text}}, ExamineOptions{Now: now}); len(findings) > 0 {
			t.Errorf("%s: %v", kind, findings)
		}
		opt.CA = true
		if _, err := NewCertificate(key, opt, rand.Reader); err == nil || !strings.Contains(err.Error(), "a recipient's certificate signs nothing") {
			t.Errorf("CA: %v", err)
		}
	}
}
