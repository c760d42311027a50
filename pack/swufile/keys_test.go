package swufile

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
)

// seal encrypts a description for the owner of a test key.
func seal(t testing.TB, description, certificate string) string {
	t.Helper()
	pem, err := os.ReadFile(key(certificate))
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := sign.ParseCertificates(pem)
	if err != nil {
		t.Fatal(err)
	}
	der, err := envelope.Seal([]byte(description), certificates, envelope.Options{Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

func TestReadKeys(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		text:                         "want an AES key or a private key",
		filepath.Join(dir, "none"):   "none",
		key("ec-p256.enc.pem"):       "encrypted, and there is no passphrase",
		filepath.Join(dir, "..", ""): "",
	} {
		if _, err := ReadKeys([]string{file}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if keys, err := ReadKeys(nil, nil); keys != nil || err != nil || keys.ImageKey(nil) != nil {
		t.Errorf("none: %v, %v", keys, err)
	}
	asked := ""
	ask := func(file string) ([]byte, error) { asked = file; return nil, errors.New("asked") }
	if _, err := ReadKeys([]string{key("ec-p256.enc.pem")}, ask); err == nil || asked != key("ec-p256.enc.pem") {
		t.Errorf("asked for %q: %v", asked, err)
	}
}

// An encrypted description is opened by whichever key fits, and the keys in it open
// the payloads.
func TestOpenDescription(t *testing.T) {
	data := pack(t, firmware, payload.Zstd, aesDigits)
	fresh := describe(image("a", data, `compressed = "zstd"; encrypted = true; ivt = "`+ivDigits+`"; aes-key = "`+aesDigits+`";`))
	own := describe(image("a", data, `compressed = "zstd"; encrypted = true;`))
	symmetric, err := envelope.SealAES([]byte(own), unhex(t, aesDigits), unhex(t, ivDigits))
	if err != nil {
		t.Fatal(err)
	}
	sealed := seal(t, fresh, "ec-p256.crt")
	pair, other := aesDigits+" "+ivDigits, otherDigits+" "+ivDigits
	for name, c := range map[string]struct {
		description string
		keys        []string
		want        string // in the error; "" for none
	}{
		"recipient":     {sealed, []string{key("ec-p256.pem")}, ""},
		"second key":    {sealed, []string{pair, key("rsa2048.pem"), key("ec-p384.pem"), key("ec-p256.pem")}, ""},
		"somebody else": {sealed, []string{key("ec-p384.pem")}, "not decrypted"},
		"AES":           {sealed, []string{pair}, "for the owners of private keys"},
		"none":          {sealed, nil, "is encrypted for CN=fwpack test ec-p256"},
		"one key":       {string(symmetric), []string{pair}, ""},
		"second AES":    {string(symmetric), []string{other, key("ec-p256.pem"), pair}, ""},
		"other AES":     {string(symmetric), []string{other}, "not decrypted"},
		"no IV":         {string(symmetric), []string{aesDigits}, "has no IV"},
		"private":       {string(symmetric), []string{key("ec-p256.pem")}, "want the AES key"},
		"no key":        {string(symmetric), nil, "may be encrypted, and the key is not given"},
	} {
		var keys *Keys
		if c.keys != nil {
			keys = keysOf(t, c.keys...)
		}
		f := read(t, unsigned(t, c.description, swutest.Member{Name: "a", Data: data}), Options{Keys: keys})
		switch {
		case c.want == "":
			if f.Unreadable != nil || f.Payloads[0].Problem != nil || f.Payloads[0].Unpacked.Size != int64(len(firmware)) {
				t.Errorf("%s: %v, %+v", name, f.Unreadable, f.Payloads[0])
			}
			if f.Envelope != nil && !f.Envelope.Opened {
				t.Errorf("%s: not opened", name)
			}
		case f.Unreadable == nil || !strings.Contains(f.Unreadable.Error(), c.want) || f.Doc != nil:
			t.Errorf("%s: %v", name, f.Unreadable)
		}
	}
}

// Of several AES keys the one is taken with which a payload begins as it should.
func TestPayloadKeys(t *testing.T) {
	data := pack(t, firmware, payload.Zlib, aesDigits)
	for name, c := range map[string]struct {
		more string
		keys []string
		ok   bool
	}{
		"iv told":     {`ivt = "` + ivDigits + `";`, []string{aesDigits}, true},
		"iv in file":  {"", []string{aesDigits + " " + ivDigits}, true},
		"second":      {`ivt = "` + ivDigits + `";`, []string{otherDigits, aesDigits}, true},
		"name":        {`ivt = "` + ivDigits + `"; encrypted = "aes-cbc";`, []string{aesDigits}, true},
		"wrong":       {`ivt = "` + ivDigits + `";`, []string{otherDigits}, false},
		"none":        {`ivt = "` + ivDigits + `";`, []string{key("ec-p256.pem")}, false},
		"second, iv ": {"", []string{otherDigits, otherDigits + ivDigits[:0], aesDigits + " " + ivDigits}, true},
	} {
		more := c.more
		if !strings.Contains(more, "encrypted") {
			more += " encrypted = true;"
		}
		bundle := unsigned(t, describe(image("a", data, `compressed = "zlib"; `+more)), swutest.Member{Name: "a", Data: data})
		p := read(t, bundle, Options{Keys: keysOf(t, c.keys...)}).Payloads[0]
		if ok := p.Problem == nil; ok != c.ok || ok && p.Unpacked.Size != int64(len(firmware)) {
			t.Errorf("%s: %v", name, p.Problem)
		}
	}
}

// Of thousands of recipients, the certificate beside the key tells which one it is.
func TestOpenForThousands(t *testing.T) {
	pem := readFile(t, key("rsa2048.crt"))
	own := parseCertificate(t, pem)
	recipients := []*x509.Certificate{own}
	for i := range 2000 {
		other := *parseCertificate(t, readFile(t, key("rsa2048-leaf.crt")))
		issuer, err := asn1.Marshal(pkix.Name{CommonName: strconv.Itoa(i)}.ToRDNSequence())
		if err != nil {
			t.Fatal(err)
		}
		other.RawIssuer = issuer // shorter than ours: sorts before it
		recipients = append(recipients, &other)
	}
	sealed, err := envelope.Seal([]byte(describe()), recipients, envelope.Options{Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	private := readFile(t, key("rsa2048.pem"))
	for file, want := range map[string]bool{private + pem: true, private: false} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := ReadKeys([]string{path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.OpenDescription(sealed); (err == nil) != want {
			t.Errorf("with a certificate: %v: %v", want, err)
		}
	}
}

func parseCertificate(t *testing.T, pem string) *x509.Certificate {
	t.Helper()
	certs, err := sign.ParseCertificates([]byte(pem))
	if err != nil {
		t.Fatal(err)
	}
	return certs[0]
}
