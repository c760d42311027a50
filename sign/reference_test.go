package sign

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// reference reads a signature that openssl made; generate.sh beside it says how.
func reference(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/openssl", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestReferenceCMS(t *testing.T) {
	for _, c := range []struct {
		file  string
		roots []string
		want  string // "" where it is accepted
		first Signer // of the signer: Algorithm, Digest, Key, KeyID, whether there is a time
	}{
		{"ecdsa.cms", []string{"ec-p256"}, "", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256"}},
		{"ecdsa-nosmimecap.cms", []string{"ec-p384"}, "", Signer{Algorithm: "ecdsa", Digest: "sha384", Key: "ECDSA P-384"}},
		{"ecdsa-noattr.cms", []string{"ec-p521"}, "", Signer{Algorithm: "ecdsa", Digest: "sha512", Key: "ECDSA P-521"}},
		{"keyid.cms", []string{"ec-p256"}, "", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256",
			KeyID: hex.EncodeToString(certificate(t, "ec-p256").SubjectKeyId)}},
		{"attached.cms", []string{"ec-p256"}, "", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256"}},
		{"rsa.cms", []string{"rsa2048"}, "", Signer{Algorithm: "rsa-pkcs1v15", Digest: "sha256", Key: "RSA-2048"}},
		{"rsa-noattr.cms", []string{"rsa2048"}, "", Signer{Algorithm: "rsa-pkcs1v15", Digest: "sha256", Key: "RSA-2048"}},
		{"pss.cms", []string{"rsa2048"}, "", Signer{Algorithm: "rsa-pss", Digest: "sha256", Key: "RSA-2048"}},
		{"chain.cms", []string{"ca"}, "", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256"}},
		{"two-signers.cms", []string{"ec-p256", "rsa2048"}, "", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256"}},
		{"two-signers.cms", []string{"ec-p256"}, `signature of "CN=fwpack test rsa2048,O=TEST ONLY": ` + called("rsa2048", "02") +
			" is not trusted: x509: certificate signed by unknown authority", Signer{Algorithm: "ecdsa", Digest: "sha256", Key: "ECDSA P-256"}},
		{"sha1.cms", []string{"rsa2048"}, `signature of "CN=fwpack test rsa2048,O=TEST ONLY": digest sha1: want sha256, sha384 or sha512`,
			Signer{Digest: "sha1", Key: "RSA-2048", Unsupported: "digest sha1: want sha256, sha384 or sha512"}},
		{"nocerts.cms", []string{"ec-p256"}, "signature: the CMS does not hold the signer's certificate, which SWUpdate takes from there only",
			Signer{Algorithm: "ecdsa", Digest: "sha256"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			signature := reference(t, c.file)
			_, err := Verify(SchemeCMS, message, signature, trust(t, c.roots...))
			if c.want != "" {
				wantError(t, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
			parsed, err := ParseCMS(signature)
			if err != nil {
				t.Fatal(err)
			}
			s := parsed.Signers[0]
			got := Signer{Algorithm: s.Algorithm, Digest: s.Digest, Key: s.Key, KeyID: s.KeyID, Unsupported: s.Unsupported}
			if got != c.first {
				t.Errorf("signer:\n got %+v\nwant %+v", got, c.first)
			}
			if attached := c.file == "attached.cms"; parsed.Attached != attached {
				t.Errorf("attached is %v", parsed.Attached)
			}
		})
	}
	_, err := ParseCMS(reference(t, "indefinite.cms"))
	wantError(t, err, "cms: content info: asn1: syntax error: indefinite length found (not DER)")
}

func TestReferenceRSA(t *testing.T) {
	keys := []crypto.PublicKey{privateKey(t, "rsa2048").Public()}
	for file, scheme := range map[string]Scheme{
		"rsa.sig":   SchemeRSAPKCS1v15,
		"pss-2.sig": SchemeRSAPSS, // the longest salt
		"pss-1.sig": SchemeRSAPSS, // as long as the digest
		"pss0.sig":  SchemeRSAPSS, // no salt
	} {
		if _, err := Verify(scheme, message, reference(t, file), Trust{Keys: keys}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	// PKCS #1 v1.5 has one signature for a message and a key.
	ours := signed(t, SchemeRSAPKCS1v15, Options{}, Key{Signer: privateKey(t, "rsa2048")})
	if string(ours) != string(reference(t, "rsa.sig")) {
		t.Error("openssl signs other bytes")
	}
}

// The same message and keys give the same bytes, release after release: what
// changes here changes every bundle that anybody has built before.
func TestSignGolden(t *testing.T) {
	late := cmsKey(t, "ec-p384")
	late.Digest = DigestSHA384
	for _, c := range []struct {
		name   string
		scheme Scheme
		keys   []Key
		opt    Options
		want   string
	}{
		{"rsa", SchemeRSAPKCS1v15, []Key{{Signer: privateKey(t, "rsa2048")}}, Options{},
			"c70422f89571131ee5cfdf6e54a11886146a38f38cfe70c378bb03368c2aafc9"},
		{"cms rsa", SchemeCMS, []Key{cmsKey(t, "rsa2048")}, Options{},
			"0370029dfbc9bb21034d61b067f9d940be80d7e336c6bf03f8a389d74b3caaa3"},
		{"cms chain", SchemeCMS, []Key{leafKey(t, "leaf")}, Options{},
			"ecadb28b577124b93faf1179b6a9c7fca4f9494b2bcd9da60a948225cc524594"},
		{"cms time", SchemeCMS, []Key{late}, Options{SigningTime: now},
			"27a6e80aa35e1c3e737f148399dceaad3cf15edbfa4a8666ec0fdcb3f89aa17a"},
		{"cms signers", SchemeCMS, []Key{leafKey(t, "leaf"), leafKey(t, "rsa2048-leaf")}, Options{},
			"39601850d8efcc8cb48a806e141d8c9e915839a7858fb7c36fb2a370d1f60548"},
	} {
		sum := sha256.Sum256(signed(t, c.scheme, c.opt, c.keys...))
		if got := hex.EncodeToString(sum[:]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
