package sign

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

func TestParsePrivateKey(t *testing.T) {
	for file, want := range map[string]string{
		"rsa2048.pem":            "RSA-2048",
		"rsa3072.pem":            "RSA-3072",
		"rsa4096.pem":            "RSA-4096",
		"rsa2048.pkcs1.pem":      "RSA-2048",
		"rsa2048.enc.pem":        "RSA-2048",
		"ec-p256.pem":            "ECDSA P-256",
		"ec-p384.pem":            "ECDSA P-384",
		"ec-p521.pem":            "ECDSA P-521",
		"ec-p256.sec1.pem":       "ECDSA P-256",
		"ec-p384.sec1.pem":       "ECDSA P-384",
		"ec-p521.sec1.pem":       "ECDSA P-521",
		"ec-p256.params.pem":     "ECDSA P-256",
		"ec-p256.enc.pem":        "ECDSA P-256",
		"ec-p256.enc-aes128.pem": "ECDSA P-256",
		"ec-p256.enc-sha1.pem":   "ECDSA P-256",
		"ec-p256.enc-sha512.pem": "ECDSA P-256",
		"ec-p256.enc-scrypt.pem": "ECDSA P-256",
		"ec-p256.enc-des3.pem":   "ECDSA P-256",
		"ed25519.pem":            "Ed25519",
	} {
		t.Run(file, func(t *testing.T) {
			signer, err := ParsePrivateKey(readFile(t, file), passphrase)
			if err != nil {
				t.Fatal(err)
			}
			if got := Describe(signer.Public()); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			name, _, _ := strings.Cut(file, ".")
			pub, err := ParsePublicKey(readFile(t, name+".pub.pem"))
			if err != nil {
				t.Fatal(err)
			}
			if !samePublicKey(pub, signer.Public()) {
				t.Error("not the key of " + name + ".pub.pem")
			}
		})
	}
}

const anyKey = "PKCS#8, PKCS#1 or SEC1"

func TestParsePrivateKeyRefuses(t *testing.T) {
	good := readFile(t, "ec-p256.pem")
	block := func(kind string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	for _, c := range []struct {
		name       string
		file       []byte
		want, hint string
	}{
		{"nothing", nil, "the file is empty", ""},
		{"blank", []byte(" \n\n"), "the file is empty", ""},
		{"text", []byte("hello\n"), "not PEM: no BEGIN line", ""},
		{"cut off", good[:100], "the PEM is damaged: want matching BEGIN and END lines around base64", ""},
		{"DER", readFile(t, "ec-p256.der"), "found a private key in DER: want PEM", "openssl pkey -inform DER -in FILE -out FILE.pem"},
		{"DER rsa", readFile(t, "rsa2048.der"), "found a private key in DER: want PEM", "openssl pkey -inform DER -in FILE -out FILE.pem"},
		{"DER sec1", decode(t, readFile(t, "ec-p256.sec1.pem")), "found a private key in DER: want PEM",
			"openssl pkey -inform DER -in FILE -out FILE.pem"},
		{"DER encrypted", decode(t, readFile(t, "ec-p256.enc.pem")), "found an encrypted private key in DER: want PEM",
			"openssl pkcs8 -topk8 -inform DER -in FILE -out FILE.pem"},
		{"DER certificate", decode(t, readFile(t, "ec-p256.crt")), "found a certificate in DER: want PEM",
			"openssl x509 -inform DER -in FILE -out FILE.pem"},
		{"DER public", decode(t, readFile(t, "ec-p256.pub.pem")), "found a public key in DER: want PEM",
			"openssl pkey -pubin -inform DER -in FILE -out FILE.pem"},
		{"PKCS#12", []byte("\x30\x05\x02\x01\x03\x30\x00"), "found PKCS#12 in DER: want PEM", "openssl pkcs12 -in FILE -nodes -out FILE.pem"},
		{"DER of nothing known", []byte("\x30\x03\x02\x01\x07"), "found something unknown in DER: want PEM", ""},
		{"certificate", readFile(t, "ec-p256.crt"), "found a certificate: want a private key in PEM", ""},
		{"certificates", readFile(t, "chain.crt"), "found a certificate and 1 more: want a private key in PEM", ""},
		{"public key", readFile(t, "ec-p256.pub.pem"), "found a public key: want a private key in PEM", ""},
		{"request", block("CERTIFICATE REQUEST", nil), "found a certificate request: want a private key in PEM", ""},
		{"other block", block("X509 CRL", nil), `found a PEM block "X509 CRL": want a private key in PEM`, ""},
		{"two keys", append(good[:len(good):len(good)], readFile(t, "ec-p384.pem")...), "found 2 private keys: want one", ""},
		{"legacy", readFile(t, "rsa2048.legacy.pem"),
			"encrypted in the legacy form of OpenSSL (Proc-Type: 4,ENCRYPTED): want PKCS#8", "openssl pkcs8 -topk8 -in FILE -out FILE.pem"},
		{"openssh", block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1")), "found an OpenSSH key: want " + anyKey, "ssh-keygen -p -m PKCS8 -f FILE"},
		{"dsa", block("DSA PRIVATE KEY", []byte{0x30, 0}), `found a PEM block "DSA PRIVATE KEY": want ` + anyKey, ""},
		{"pbes1", readFile(t, "ec-p256.enc-pbes1.pem"), "encrypted by algorithm 1.2.840.113549.1.12.1.3: want PBES2",
			"openssl pkcs8 -in FILE | openssl pkcs8 -topk8 -out FILE.pem"},
		{"p-224", readFile(t, "ec-p224.pem"), "EC key on curve P-224: want P-256, P-384 or P-521", ""},
		{"secp256k1", readFile(t, "ec-secp256k1.pem"), "EC key on curve secp256k1: want P-256, P-384 or P-521", ""},
		{"rsa1024", readFile(t, "rsa1024.pem"), "RSA-1024 is too short: want at least 2048 bits", ""},
		{"empty block", block("PRIVATE KEY", nil), "the PEM block does not hold a private key", ""},
		{"wrong block", block("RSA PRIVATE KEY", decode(t, readFile(t, "ec-p256.sec1.pem"))), "the PEM block does not hold a private key", ""},
		{"wrong ec block", block("EC PRIVATE KEY", []byte{0x30, 0}), "the PEM block does not hold a private key", ""},
		{"wrong encrypted block", block("ENCRYPTED PRIVATE KEY", []byte{0x30, 0}), "the PEM block does not hold a private key", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParsePrivateKey(c.file, passphrase)
			wantError(t, err, "private key: "+c.want)
			if hint := hintOf(err); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}

func decode(t testing.TB, text []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("no PEM block")
	}
	return block.Bytes
}

func TestParsePrivateKeyPassphrase(t *testing.T) {
	file := readFile(t, "ec-p256.enc.pem")
	_, err := ParsePrivateKey(file, nil)
	wantError(t, err, "private key: encrypted, and there is no passphrase")

	errRefused := errors.New("RELEASE_PASSPHRASE is not set")
	_, err = ParsePrivateKey(file, func() ([]byte, error) { return nil, errRefused })
	wantError(t, err, "private key: passphrase: RELEASE_PASSPHRASE is not set")
	if !errors.Is(err, errRefused) {
		t.Error("the error of the passphrase is lost")
	}

	// The second leaves a valid padding by chance, as one in 256 does.
	for _, wrong := range []string{"", "xl\x01", "Fwpack test only", testPassphrase + "\n"} {
		_, err = ParsePrivateKey(file, func() ([]byte, error) { return []byte(wrong), nil })
		wantError(t, err, "private key: wrong passphrase")
	}

	_, err = ParsePrivateKey(readFile(t, "ec-p256.pem"), func() ([]byte, error) { panic("asked for a passphrase") })
	if err != nil {
		t.Error(err)
	}
	_, err = ParsePrivateKey(readFile(t, "ec-p256.enc-pbes1.pem"), func() ([]byte, error) { panic("asked for a passphrase") })
	if err == nil {
		t.Error("PBES1 was read")
	}
}

func TestPassphraseIsWiped(t *testing.T) {
	secret := []byte(testPassphrase)
	if _, err := ParsePrivateKey(readFile(t, "ec-p256.enc.pem"), func() ([]byte, error) { return secret, nil }); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(secret, make([]byte, len(secret))) {
		t.Error("the passphrase is still in memory")
	}
}

// Files that people make with cat.
func TestParseCombinedFile(t *testing.T) {
	file := bytes.Join([][]byte{readFile(t, "leaf.crt"), readFile(t, "leaf.pem"), readFile(t, "intermediate.crt")}, []byte("\r\n"))
	file = append([]byte("Bag Attributes\n    friendlyName: release\n"), file...)
	if _, err := ParsePrivateKey(file, nil); err != nil {
		t.Error(err)
	}
	all, err := ParseCertificates(file)
	if err != nil || len(all) != 2 {
		t.Errorf("%d certificates, error %v, want 2", len(all), err)
	}
}

func TestParseCertificatesRefuses(t *testing.T) {
	damaged := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{0x30, 0}})
	for _, c := range []struct {
		name       string
		file       []byte
		want, hint string
	}{
		{"nothing", nil, "certificate: the file is empty", ""},
		{"key", readFile(t, "ec-p256.pem"), "certificate: found a private key: want a certificate in PEM", ""},
		{"DER", decode(t, readFile(t, "ec-p256.crt")), "certificate: found a certificate in DER: want PEM",
			"openssl x509 -inform DER -in FILE -out FILE.pem"},
		{"damaged", append(readFile(t, "leaf.crt"), damaged...), "certificate 2: x509: malformed tbs certificate", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseCertificates(c.file)
			wantError(t, err, c.want)
			if hint := hintOf(err); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}

func TestParsePublicKey(t *testing.T) {
	for _, file := range []string{"rsa2048.pub.pem", "rsa2048.pkcs1.pub.pem", "rsa2048.crt"} {
		pub, err := ParsePublicKey(readFile(t, file))
		if err != nil {
			t.Fatal(err)
		}
		if !samePublicKey(pub, privateKey(t, "rsa2048").Public()) {
			t.Errorf("%s: another key", file)
		}
	}
}

func TestParsePublicKeyRefuses(t *testing.T) {
	for file, c := range map[string]struct{ want, hint string }{
		"rsa2048.pem":     {"found a private key: want a public key or a certificate in PEM", "openssl pkey -in FILE -pubout"},
		"rsa1024.pub.pem": {"RSA-1024 is too short: want at least 2048 bits", ""},
		"rsa1024.crt":     {"RSA-1024 is too short: want at least 2048 bits", ""},
		"ec-p224.crt":     {"EC key on curve P-224: want P-256, P-384 or P-521", ""},
		"chain.crt":       {"found a certificate and 1 more: want one public key", ""},
		"ec-p256.der":     {"found a private key in DER: want PEM", "openssl pkey -inform DER -in FILE -out FILE.pem"},
	} {
		t.Run(file, func(t *testing.T) {
			_, err := ParsePublicKey(readFile(t, file))
			wantError(t, err, "public key: "+c.want)
			if hint := hintOf(err); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	for want, pub := range map[string]crypto.PublicKey{
		"RSA-1024":                 certificate(t, "rsa1024").PublicKey,
		"ECDSA P-224":              certificate(t, "ec-p224").PublicKey,
		"Ed25519":                  certificate(t, "ed25519").PublicKey,
		"key of an unknown kind":   nil,
		"key of type sign.Options": Options{},
	} {
		if got := Describe(pub); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	_, err := Fingerprint(Options{})
	wantError(t, err, "public key of type sign.Options: want RSA, ECDSA, Ed25519 or X25519")
}
