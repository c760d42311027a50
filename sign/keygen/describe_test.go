package keygen

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/sign"
)

func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		file      string
		kind      string
		key       string
		encrypted bool
		problem   string
	}{
		{"rsa2048.pem", KindPrivateKey, "RSA-2048", false, ""},
		{"rsa1024.pem", KindPrivateKey, "RSA-1024", false, ""},
		{"ec-p224.pem", KindPrivateKey, "ECDSA P-224", false, ""},
		{"ed25519.pub.pem", KindPublicKey, "Ed25519", false, ""},
		{"ec-p521.crt", KindCertificate, "ECDSA P-521", false, ""},
		{"ec-p256.enc.pem", KindPrivateKey, "", true, ""},
		{"rsa2048.legacy.pem", KindPrivateKey, "", true, ""},
		{"ec-secp256k1.pem", KindPrivateKey, "", false, "want RSA, ECDSA on P-256"},
	} {
		items, err := Describe(readKey(t, c.file))
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items, error %v", c.file, len(items), err)
			continue
		}
		i := items[0]
		if i.Kind != c.kind || i.Key != c.key || i.Encrypted != c.encrypted || !strings.Contains(i.Problem, c.problem) || (i.Problem == "") != (c.problem == "") {
			t.Errorf("%s: %+v", c.file, i)
		}
		if known := i.Key != ""; known != (i.Published != "") || known != strings.HasPrefix(i.Fingerprint, "sha256:") {
			t.Errorf("%s: published %q, fingerprint %q", c.file, i.Published, i.Fingerprint)
		}
	}
}

func TestDescribeCertificate(t *testing.T) {
	items, err := Describe(readKey(t, "chain.crt"))
	if err != nil || len(items) != 2 {
		t.Fatalf("%d items, error %v", len(items), err)
	}
	leaf, issuer := items[0].Certificate, items[1].Certificate
	if leaf.Subject == leaf.Issuer || leaf.Issuer != issuer.Subject || leaf.CA || leaf.SelfSigned || !issuer.CA {
		t.Errorf("leaf %+v, issuer %+v", leaf, issuer)
	}
	if !slices.Equal(leaf.KeyUsage, []string{"digitalSignature"}) || !slices.Equal(leaf.ExtendedKeyUsage, []string{"emailProtection"}) ||
		!slices.Equal(leaf.Purposes, []sign.Purpose{sign.PurposeEmailProtection}) {
		t.Errorf("key usage %v, %v, purposes %v", leaf.KeyUsage, leaf.ExtendedKeyUsage, leaf.Purposes)
	}
	if leaf.NotAfter.Year() != 2120 || leaf.SignatureAlgorithm != "ECDSA-SHA256" || len(leaf.Fingerprint) != len("sha256:")+64 {
		t.Errorf("%+v", leaf)
	}
}

// JSON of a certificate without usages has empty lists, not null.
func TestDescribeJSON(t *testing.T) {
	items, err := Describe(readKey(t, "no-usage.crt"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"key_usage":[]`, `"extended_key_usage":[]`, `"purposes":["emailProtection"]`, `"self_signed":true`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestDescribeOther(t *testing.T) {
	items, err := Describe(append(block("CERTIFICATE REQUEST", []byte("x")), block("CERTIFICATE", []byte("x"))...))
	if err != nil || len(items) != 2 {
		t.Fatalf("%d items, error %v", len(items), err)
	}
	if i := items[0]; i.Kind != KindOther || i.Form != "CERTIFICATE REQUEST" || i.Problem != "" {
		t.Errorf("%+v", i)
	}
	if i := items[1]; i.Kind != KindCertificate || i.Problem == "" || i.Certificate != nil {
		t.Errorf("%+v", i)
	}
	_, err = Describe([]byte("text"))
	wantError(t, err, "neither PEM nor an AES key")
}

// No private key of this repository escapes the table, encrypted ones included.
func TestPublished(t *testing.T) {
	var files []string
	for _, pattern := range []string{keyFolder + "/*.pem", "../../examples/*/keys/*.pem"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, error %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pub, err := PublicKey(data, says(testPassphrase))
		if err != nil {
			if !strings.Contains(file, "secp256k1") && !strings.Contains(file, "legacy") && !strings.Contains(file, "pbes1") {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		if f := fingerprint(t, pub); !strings.HasPrefix(Published(f), "fwpack: ") {
			t.Errorf("%s: %s is not in the table", file, f)
		}
	}
	if got := Published(fingerprint(t, newKey(t, ECDSAP256).Public())); got != "" {
		t.Errorf("a fresh key is published as %q", got)
	}
	if got := Published("sha256:"); got != "" {
		t.Errorf("no hash is published as %q", got)
	}
}

func TestPublishedTable(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range published {
		raw, err := hex.DecodeString(k.hash)
		if err != nil || len(raw) != 32 || k.name == "" || seen[k.hash] {
			t.Errorf("%+v, error %v", k, err)
		}
		seen[k.hash] = true
	}
}

// Whatever is described does not panic, and a key that is described comes back
// from a file of ours as the same key.
func FuzzDescribe(f *testing.F) {
	names, err := filepath.Glob(keyFolder + "/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(bytes.Join([][]byte{readKey(f, "ca-leaf.crt"), readKey(f, "ca.crt"), readKey(f, "leaf.pem")}, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, err := Describe(data)
		if err != nil {
			return
		}
		for _, item := range items {
			if item.pub == nil {
				continue
			}
			file, err := MarshalPublicKey(item.pub)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Describe(file)
			if err != nil || len(again) != 1 || again[0].Fingerprint != item.Fingerprint {
				t.Fatalf("%s became %+v, error %v", item.Fingerprint, again, err)
			}
		}
		Examine([]File{{Name: "a.pem", Data: data, Mode: 0o600}, {Name: "b.pem", Data: data}}, ExamineOptions{Now: now})
	})
}
