package inspect

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/sign"
)

// outcome is what is said of a signer.
type outcome struct{ scheme, known, verified string }

func outcomeOf(s Signer) outcome { return outcome{s.Scheme, s.Known, s.Verified} }

func TestBundleSigners(t *testing.T) {
	raw := func(scheme sign.Scheme) []byte {
		signature, err := sign.Sign(scheme, []byte(description), []sign.Key{{Name: "k", Signer: privateKey(t, "rsa2048")}}, sign.Options{Rand: random()})
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	for name, test := range map[string]struct {
		signature []byte
		ring      Keyring
		want      outcome
		problems  int
	}{
		"cms, certificate in the ring":   {cms(t, description, "ec-p384"), ring(t, "rsa2048.crt", "ec-p384.crt"), outcome{"cms", "keyring", "yes"}, 0},
		"cms, public key in the ring":    {cms(t, description, "ec-p384"), ring(t, "ec-p384.pub.pem"), outcome{"cms", "keyring", "yes"}, 0},
		"cms of a published key":         {cms(t, description, "ec-p384"), ring(t, "rsa2048.crt"), outcome{"cms", "published", "yes"}, 0},
		"cms of another description":     {cms(t, "software = {};", "ec-p384"), ring(t, "ec-p384.crt"), outcome{"cms", "keyring", "no"}, 1},
		"raw, key in the ring":           {raw(sign.SchemeRSAPKCS1v15), ring(t, "ec-p256.crt", "rsa2048.pub.pem"), outcome{"rsa-pkcs1v15", "keyring", "yes"}, 0},
		"raw by PSS, key in the ring":    {raw(sign.SchemeRSAPSS), ring(t, "rsa2048.crt"), outcome{"rsa-pss", "keyring", "yes"}, 0},
		"raw, key elsewhere":             {raw(sign.SchemeRSAPSS), ring(t, "rsa3072.crt"), outcome{"raw", "unknown", "unknown"}, 0},
		"raw, no ring":                   {raw(sign.SchemeRSAPSS), nil, outcome{"raw", "unknown", "unknown"}, 0},
		"raw that begins as a CMS would": {append([]byte{0x30}, noise(255)...), ring(t, "rsa2048.crt"), outcome{"raw", "unknown", "unknown"}, 0},
	} {
		ins := read(t, bundle(t, description, test.signature, member{"a", []byte("text")}), Options{Keyring: test.ring})
		if len(ins.Signers) != 1 || outcomeOf(ins.Signers[0]) != test.want || len(ins.Problems) != test.problems {
			t.Errorf("%s: %+v, problems %q", name, ins.Signers, ins.Problems)
		}
	}
}

// A CMS by itself names its signers, and what they signed is not known.
func TestSignatureAlone(t *testing.T) {
	ins := read(t, cms(t, description, "ec-p256", "rsa2048"), Options{Keyring: ring(t, "rsa2048.crt")})
	if ins.Signature.Kind != "cms" || len(ins.Signers) != 2 {
		t.Fatalf("%+v %+v", ins.Signature, ins.Signers)
	}
	for _, s := range ins.Signers {
		want := outcome{"cms", "published", "unknown"}
		if s.Key == "RSA-2048" {
			want.known = "keyring"
		}
		if outcomeOf(s) != want || !strings.HasPrefix(s.Subject, "CN=fwpack test ") || s.CertificateFingerprint == "" {
			t.Errorf("%+v", s)
		}
	}
	ins = read(t, append(cms(t, description, "ec-p256"), 0, 0), Options{})
	if len(ins.Problems) != 1 || ins.Problems[0] != "2 bytes behind the CMS, which nothing signs" {
		t.Errorf("%q", ins.Problems)
	}
}

func TestImageSigners(t *testing.T) {
	// The hash that an image names a published key by is known where it is that of
	// the key's fingerprint.
	published := map[string]string{"ec-p256": "published", "ed25519": "published"}
	for _, key := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"} {
		data := image(t, key)
		changed := append([]byte{}, data...)
		changed[len(changed)-1] ^= 1 // of the signature
		stranger := cmp.Or(published[key], "unknown")
		for name, test := range map[string]struct {
			data []byte
			ring Keyring
			want outcome
		}{
			"in the ring":                {data, ring(t, "rsa2048.crt", key+".pub.pem"), outcome{"mcuboot", "keyring", "yes"}},
			"certificate in the ring":    {data, ring(t, key+".crt"), outcome{"mcuboot", "keyring", "yes"}},
			"in the ring, not signed so": {changed, ring(t, key+".crt"), outcome{"mcuboot", "keyring", "no"}},
			"no ring":                    {data, nil, outcome{"mcuboot", stranger, "unknown"}},
			"another ring":               {data, ring(t, "rsa4096.crt"), outcome{"mcuboot", stranger, "unknown"}},
		} {
			ins := read(t, test.data, Options{Keyring: test.ring})
			if len(ins.Signers) != 1 || outcomeOf(ins.Signers[0]) != test.want {
				t.Errorf("%s, %s: %+v", key, name, ins.Signers)
			}
		}
	}
	if ins := read(t, image(t, ""), Options{}); len(ins.Signers) != 0 {
		t.Errorf("unsigned: %+v", ins.Signers)
	}
}

// A folder may hold anything beside keys; a file that is named must hold one.
func TestReadKeyring(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"a.crt": string(readKey(t, "ec-p256.crt")), "b.pem": string(readKey(t, "rsa2048.pub.pem")),
		"c.pem": string(readKey(t, "ed25519.pem")), "notes": "text", "empty": "", "key.aes": aesFile(),
		"locked.pem": string(readKey(t, "ec-p256.enc.pem")), "chain.pem": string(readKey(t, "chain.crt")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := ReadKeyring([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ec-p256", "rsa2048", "ed25519", "intermediate"} {
		fingerprint, err := sign.Fingerprint(privateKey(t, name).Public())
		if err != nil || r.file(fingerprint) == "" {
			t.Errorf("%s is not in the ring: %v", name, err)
		}
	}
	for _, path := range []string{"notes", "empty", "key.aes", "locked.pem", "missing"} {
		if _, err := ReadKeyring([]string{filepath.Join(dir, path)}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := ReadKeyring([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no file in it") {
		t.Errorf("an empty folder: %v", err)
	}
}
