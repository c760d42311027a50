package sign

import (
	"strings"
	"testing"
	"time"
)

func TestParseCMS(t *testing.T) {
	rsaKey := leafKey(t, "rsa2048-leaf")
	rsaKey.PSS = true
	opt := Options{SigningTime: now.Add(time.Millisecond), Rand: seeded()}
	parsed, err := ParseCMS(append(signed(t, SchemeCMS, opt, rsaKey), "tail"...))
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Trailing != 4 || parsed.Attached || len(parsed.Certificates) != 2 || len(parsed.Signers) != 1 {
		t.Fatalf("%+v", parsed)
	}
	got := parsed.Signers[0]
	if !got.Certificate.Equal(rsaKey.Certificate) {
		t.Error("another certificate")
	}
	key, _ := Fingerprint(rsaKey.Signer.Public())
	want := Signer{
		Subject:                "CN=fwpack test leaf rsa2048,O=TEST ONLY",
		Issuer:                 "CN=fwpack test intermediate,O=TEST ONLY",
		Serial:                 "012F",
		Algorithm:              "rsa-pss",
		Digest:                 "sha256",
		SigningTime:            now,
		Key:                    "RSA-2048",
		KeyFingerprint:         key,
		Certificate:            got.Certificate,
		CertificateFingerprint: fingerprint(rsaKey.Certificate.Raw),
	}
	if got != want {
		t.Errorf("signer:\n got %+v\nwant %+v", got, want)
	}
}

func TestParseCMSOrder(t *testing.T) {
	parsed, err := ParseCMS(signed(t, SchemeCMS, Options{}, cmsKey(t, "ec-p521"), cmsKey(t, "ec-p256")))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range parsed.Signers {
		if s.Algorithm != "ecdsa" || !s.SigningTime.IsZero() || s.Subject != s.Issuer {
			t.Errorf("%+v", s)
		}
	}
	if parsed.Certificates[0].Subject.CommonName != "fwpack test ec-p521" {
		t.Error("the certificates are not in the order of the keys")
	}
}

func TestParseCMSRefuses(t *testing.T) {
	for _, c := range []struct {
		name, file, want, hint string
	}{
		{"nothing", "", "cms: not DER: want a SEQUENCE, which begins with byte 0x30", ""},
		{"text", "software = {}", "cms: not DER: want a SEQUENCE, which begins with byte 0x30", ""},
		{"cut off", "\x30\x80", "cms: content info: asn1: syntax error: indefinite length found (not DER)", ""},
		{"too long", strings.Repeat("\x30", 1<<20+1), "cms: 1048577 bytes: at most 1048576 are allowed", ""},
		{"pem", "-----BEGIN CMS-----\n", "cms: found PEM: want DER, which is all that SWUpdate reads",
			"openssl cms -cmsout -inform PEM -in FILE -outform DER -out FILE.der"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseCMS([]byte(c.file))
			wantError(t, err, c.want)
			if hint := hintOf(err); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}
