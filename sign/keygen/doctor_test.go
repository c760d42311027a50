package keygen

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// examined is a file of a test key, as Examine takes it.
func examined(t *testing.T, names ...string) []File {
	t.Helper()
	var files []File
	for _, name := range names {
		files = append(files, File{Name: name, Data: readKey(t, name), Mode: 0o600})
	}
	return files
}

// rules are those that Examine finds broken, published keys aside: all test
// keys are.
func rules(t *testing.T, files []File, opt ExamineOptions) []string {
	t.Helper()
	found := []string{}
	for _, f := range Examine(files, opt) {
		if f.File == "" || f.Message == "" || strings.Contains(f.Message, "\n") {
			t.Errorf("finding %+v", f)
		}
		if f.Rule != RulePublished {
			found = append(found, f.File+" "+f.Rule)
		}
	}
	return found
}

func TestExamine(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"a pair", []string{"ec-p256.pem", "ec-p256.crt"}, nil},
		{"a pair of files with three names", []string{"rsa2048.pem", "rsa2048.crt", "rsa2048.pub.pem"}, nil},
		{"encrypted", []string{"ec-p256.enc.pem", "rsa2048.crt"}, nil},
		{"a chain with its root", []string{"leaf.pem", "chain.crt", "ca.crt"}, nil},
		{"a trust file has no order", []string{"trust-chain.crt"}, nil},
		{"no root", []string{"leaf.pem", "chain.crt"}, []string{"chain.crt chain-incomplete"}},
		{"no intermediate", []string{"leaf.crt", "ca.crt"}, []string{"leaf.crt chain-incomplete"}},
		{"expired", []string{"expired.crt"}, []string{"expired.crt expired"}},
		{"not yet", []string{"not-yet-valid.crt"}, []string{"not-yet-valid.crt not-yet-valid"}},
		{"short RSA", []string{"rsa1024.pem", "rsa1024.crt"}, []string{"rsa1024.pem weak-key", "rsa1024.crt weak-key"}},
		{"short EC", []string{"ec-p224.crt"}, []string{"ec-p224.crt weak-key"}},
		{"server certificate", []string{"wrong-purpose.crt"}, []string{"wrong-purpose.crt purpose"}},
		{"any purpose", []string{"any-purpose.crt"}, []string{"any-purpose.crt purpose"}},
		{"no signatures", []string{"wrong-usage.crt"}, []string{"wrong-usage.crt purpose"}},
		{"signers without usages", []string{"no-usage.crt"}, nil},
		{"code signer", []string{"code-signing.crt"}, nil},
		{"one key, one other certificate", []string{"ec-p256.pem", "rsa2048.crt"}, []string{"ec-p256.pem mismatch"}},
		{"several pairs", []string{"ec-p256.pem", "ec-p256.crt", "rsa3072.pem", "rsa3072.crt"}, nil},
		{"a key and an authority", []string{"ec-p256.pem", "ca.crt"}, nil},
		{"a curve that is not read", []string{"ec-secp256k1.pem"}, []string{"ec-secp256k1.pem unreadable"}},
		{"DER", []string{"rsa2048.der"}, []string{"rsa2048.der unreadable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rules(t, examined(t, c.files...), ExamineOptions{Now: now}); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Files of other names belong together by their contents.
func TestExamineTogether(t *testing.T) {
	join := func(names ...string) []byte {
		var parts [][]byte
		for _, name := range names {
			parts = append(parts, readKey(t, name))
		}
		return bytes.Join(parts, nil)
	}
	for _, c := range []struct {
		name  string
		files []File
		want  []string
	}{
		{"root first", []File{{Name: "c.pem", Data: join("ca.crt", "ca-leaf.crt")}}, []string{"c.pem chain-order"}},
		{"wrong issuer next", []File{{Name: "c.pem", Data: join("leaf.crt", "ca.crt", "intermediate.crt")}}, []string{"c.pem chain-order"}},
		{"key and chain in a file", []File{{Name: "c.pem", Mode: 0o400, Data: join("leaf.pem", "chain.crt", "ca.crt")}}, nil},
		{"another key in a file", []File{{Name: "c.pem", Data: join("ec-p256.pem", "chain.crt", "ca.crt")}}, []string{"c.pem mismatch"}},
		{
			"names that pair", []File{
				{Name: "a/release.pem", Data: join("ec-p256.pem")},
				{Name: "b/release.pub.pem", Data: join("rsa2048.pub.pem")},
			}, []string{"a/release.pem mismatch"},
		},
		{
			"an image's key beside a bundle's", []File{
				{Name: "mcu.pem", Data: join("ed25519.pem")}, {Name: "release.pem", Data: join("ec-p256.pem")},
				{Name: "release.crt", Data: join("ec-p256.crt")},
			}, nil,
		},
		{"readable", []File{{Name: "k.pem", Data: join("ec-p256.pem"), Mode: 0o640}}, []string{"k.pem open-file"}},
		{"readable and encrypted", []File{{Name: "k.pem", Data: join("ec-p256.enc.pem"), Mode: 0o604}}, []string{"k.pem open-file"}},
		{"certificate for all", []File{{Name: "k.crt", Data: join("ec-p256.crt"), Mode: 0o666}}, nil},
		{"AES for all", []File{{Name: "k.aes", AES: true, Mode: 0o644}}, []string{"k.aes open-file"}},
		{"AES", []File{{Name: "k.aes", AES: true, Mode: 0o600}, {Name: "l.aes", AES: true}}, nil},
		{"empty", []File{{Name: "k.pem"}}, []string{"k.pem unreadable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rules(t, c.files, ExamineOptions{Now: now}); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// How far ahead a certificate must be valid.
func TestExamineExpires(t *testing.T) {
	key := newKey(t, ECDSAP256)
	opt := years("soon", 1)
	opt.NotAfter = now.AddDate(0, 6, 0).Add(-time.Second)
	_, text := certify(t, key, opt)
	files := []File{{Name: "soon.crt", Data: text}}
	for months, want := range map[int][]string{0: {"soon.crt expires"}, 6: {"soon.crt expires"}, 5: {}, 24: {"soon.crt expires"}} {
		if got := rules(t, files, ExamineOptions{Now: now, Months: months}); !slices.Equal(got, want) {
			t.Errorf("%d months: %q, want %q", months, got, want)
		}
	}
	findings := Examine(files, ExamineOptions{Now: now})
	const want = `certificate "CN=soon" expires at 2026-09-01T11:59:59Z, within 6 months`
	if len(findings) != 1 || findings[0].Message != want || findings[0].Hint != "fwpack key cert" {
		t.Errorf("%+v", findings)
	}
}

// The messages that a person reads.
func TestExamineMessages(t *testing.T) {
	files := []File{{Name: "keys/k.pem", Data: readKey(t, "ec-p256.pem"), Mode: 0o644}, {Name: "keys/k.crt", Data: readKey(t, "wrong-purpose.crt")}}
	files = append(files, File{Name: "x.crt", Data: readKey(t, "rsa2048.crt")})
	var got []string
	for _, f := range Examine(files, ExamineOptions{Now: now}) {
		got = append(got, f.Message)
	}
	want := []string{
		"mode 0644: others than the owner may use this secret: want 0600 or 0400",
		"everybody has the private key: it is published (fwpack: testdata/keys/ec-p256.pem)",
		"everybody has the private key: it is published (fwpack: testdata/keys/ec-p256.pem)",
		`certificate "CN=fwpack test wrong-purpose,O=TEST ONLY" may sign for no purpose of SWUpdate: its extended key usage is serverAuth: want emailProtection or codeSigning`,
		"everybody has the private key: it is published (fwpack: testdata/keys/rsa2048.pem)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

func TestExamineThrowAway(t *testing.T) {
	_, text := certify(t, newKey(t, ECDSAP256), years("THROW-AWAY development key (do not ship)", 1))
	if got := rules(t, []File{{Name: "k.crt", Data: text}}, ExamineOptions{Now: now}); !slices.Equal(got, []string{"k.crt throw-away-key"}) {
		t.Errorf("%q", got)
	}
}

// sha1Certificate signs with a hash that Go makes no certificates with any more:
// it puts the algorithm's name into a finished one and signs that again.
func sha1Certificate(t *testing.T, subject, issuer string, key *rsa.PrivateKey) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: subject},
		NotBefore: now, NotAfter: now.AddDate(5, 0, 0),
	}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: issuer}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	// sha256WithRSAEncryption ends in 11, sha1WithRSAEncryption in 5.
	oid := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01}
	der = bytes.ReplaceAll(der, append(slices.Clone(oid), 11), append(slices.Clone(oid), 5))
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(c.RawTBSCertificate)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	copy(der[len(der)-len(signature):], signature)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// A root's own signature proves nothing anyway, and may be weak.
func TestExamineWeakSignature(t *testing.T) {
	key := newKey(t, RSA2048).(*rsa.PrivateKey)
	root, leaf := sha1Certificate(t, "root", "root", key), sha1Certificate(t, "leaf", "root", key)
	files := []File{{Name: "root.crt", Data: root}, {Name: "leaf.crt", Data: leaf}}
	if got := rules(t, files, ExamineOptions{Now: now}); !slices.Equal(got, []string{"leaf.crt weak-signature"}) {
		t.Errorf("%q", got)
	}
}
