package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"testing"
)

var content = []byte("content\r\nof two lines\n")

func readPEM(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/keys/" + file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	return block.Bytes
}

func signerOf(t testing.TB, name string) crypto.Signer {
	t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(readPEM(t, name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return key.(crypto.Signer)
}

func certificateOf(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(readPEM(t, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signer signs by a with the key and the certificate of that name.
func signer(t testing.TB, name string, a Algorithm) Signer {
	t.Helper()
	key := signerOf(t, name)
	return Signer{
		Certificate: certificateOf(t, name),
		Algorithm:   a,
		Sign:        func(attributes []byte) ([]byte, error) { return a.Sign(key, zeros{}, attributes) },
	}
}

// zeros is the simplest source of PSS salts.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func build(t testing.TB, signers ...Signer) []byte {
	t.Helper()
	der, err := Build(content, signers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

var (
	ecdsa256 = Algorithm{Kind: ECDSA, Hash: crypto.SHA256}
	rsa256   = Algorithm{Kind: RSA, Hash: crypto.SHA256}
	pss256   = Algorithm{Kind: RSAPSS, Hash: crypto.SHA256, SaltLength: 32}
)
