package sign

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Whatever the bytes are: no panic, printable names, and no signature that is
// good for two messages.
func FuzzParseCMS(f *testing.F) {
	roots := trust(f, "ca", "ec-p256", "rsa2048")
	for _, keys := range [][]Key{{leafKey(f, "leaf")}, {cmsKey(f, "rsa2048"), cmsKey(f, "ec-p256")}} {
		f.Add(signed(f, SchemeCMS, Options{SigningTime: now}, keys...))
	}
	f.Add([]byte("\x30\x80"))
	f.Fuzz(func(t *testing.T, der []byte) {
		parsed, err := ParseCMS(der)
		if err != nil {
			oneLine(t, err)
			return
		}
		for _, s := range parsed.Signers {
			if strings.ContainsFunc(s.Subject+s.Issuer, unicode.IsControl) {
				t.Errorf("control characters in %q, %q", s.Subject, s.Issuer)
			}
		}
		signers, err := Verify(SchemeCMS, message, der, roots)
		var refused *VerificationError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%T: %v", err, err)
		}
		if err == nil && len(signers) == 0 {
			t.Error("accepted without a signer")
		}
		if _, other := Verify(SchemeCMS, message[1:], der, roots); err == nil && other == nil {
			t.Error("two messages verify")
		}
	})
}

// What is read as a private key signs, and PKCS#8 of it is read as the same.
func FuzzParsePrivateKey(f *testing.F) {
	for _, name := range []string{"ec-p256.pem", "ec-p256.params.pem", "ed25519.pem", "rsa2048.pkcs1.pem", "ec-p256.enc.pem",
		"rsa2048.legacy.pem", "ec-p224.pem", "ec-p256.crt", "ec-p256.der"} {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		signer, err := ParsePrivateKey(file, nil)
		if err != nil {
			oneLine(t, err)
			return
		}
		der, err := x509.MarshalPKCS8PrivateKey(signer)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parsePKCS8(der)
		if err != nil || !samePublicKey(again.Public(), signer.Public()) {
			t.Errorf("PKCS#8 of the key: %v", err)
		}
	})
}

func FuzzParseEncryptedKey(f *testing.F) {
	for _, name := range []string{"ec-p256.enc.pem", "ec-p256.enc-sha1.pem", "ec-p256.enc-scrypt.pem", "ec-p256.enc-pbes1.pem"} {
		f.Add(decode(f, readFile(f, name)))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		// The parameters are what is read before anybody types a passphrase.
		_, err := parseEncrypted(der, func() ([]byte, error) { return nil, errors.New("not now") })
		if err == nil {
			t.Fatal("opened without a passphrase")
		}
		oneLine(t, err)
	})
}

func FuzzParseCertificatesAndPublicKey(f *testing.F) {
	for _, name := range []string{"ec-p256.crt", "chain.crt", "rsa2048.pub.pem", "rsa2048.pkcs1.pub.pem", "ec-p256.pem"} {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := ParseCertificates(file)
		if (err == nil) != (len(all) > 0) {
			t.Errorf("%d certificates, error %v", len(all), err)
		}
		if err != nil {
			oneLine(t, err)
		}
		pub, err := ParsePublicKey(file)
		if err != nil {
			oneLine(t, err)
			return
		}
		if _, err := Fingerprint(pub); err != nil {
			t.Error(err)
		}
	})
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.ContainsFunc(text, unicode.IsControl) || text == "" {
		t.Errorf("error %q is not one line", text)
	}
}

// A signature that was made elsewhere stands for itself at least, and for what it
// holds in any of the forms.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{"\x30\x01\x00", "MAEA\n", "30 01 00\n", "-----BEGIN CMS-----\nMAEA\n-----END CMS-----\n", "_-8", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		forms, err := Forms(data)
		if err != nil {
			oneLine(t, err)
			return
		}
		if !bytes.Equal(forms[0], data) || len(forms) > 4 {
			t.Errorf("%q has %d forms, the first %q", data, len(forms), forms[0])
		}
		for _, spelled := range []string{hex.EncodeToString(data), base64.StdEncoding.EncodeToString(data), string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: data}))} {
			again, err := Forms([]byte(spelled))
			if err != nil || !slices.ContainsFunc(again, func(form []byte) bool { return bytes.Equal(form, data) }) {
				t.Errorf("%q is not among the forms of %q: %v", data, spelled, err)
			}
		}
	})
}
