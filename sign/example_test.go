package sign_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/fwpack/fwpack/sign"
)

func Example() {
	key, err := readKey("release", "../testdata/keys/leaf.pem", "../testdata/keys/chain.crt")
	if err != nil {
		log.Fatal(err)
	}
	// The clock is the caller's: here it stands still.
	now := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	if err := key.Check(sign.SchemeCMS, now, sign.PurposeEmailProtection); err != nil {
		log.Fatal(err)
	}
	message := []byte("software = { version = \"1.0\"; };\n")
	signature, err := sign.Sign(sign.SchemeCMS, message, []sign.Key{key}, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}

	roots, err := readCertificates("../testdata/keys/ca.crt")
	if err != nil {
		log.Fatal(err)
	}
	trust := sign.Trust{Roots: roots, Now: now}
	signers, err := sign.Verify(sign.SchemeCMS, message, signature, trust)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signers[0].Subject, signers[0].Key, signers[0].Digest)

	_, err = sign.Verify(sign.SchemeCMS, []byte("another message"), signature, trust)
	var refused *sign.VerificationError
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// CN=fwpack test leaf,O=TEST ONLY ECDSA P-256 sha256
	// true signature of "CN=fwpack test leaf,O=TEST ONLY": the signature does not match: the digest is of another content
}

// readKey reads a key without passphrase, and its certificate with the chain
// behind it.
func readKey(name, keyFile, certificateFile string) (sign.Key, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return sign.Key{}, err
	}
	signer, err := sign.ParsePrivateKey(text, nil)
	if err != nil {
		return sign.Key{}, fmt.Errorf("%s: %w", keyFile, err)
	}
	all, err := readCertificates(certificateFile)
	if err != nil {
		return sign.Key{}, err
	}
	return sign.Key{Name: name, Signer: signer, Certificate: all[0], Chain: all[1:]}, nil
}

func readCertificates(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return sign.ParseCertificates(text)
}

func ExampleParsePrivateKey() {
	text, err := os.ReadFile("../testdata/keys/rsa2048.legacy.pem")
	if err != nil {
		log.Fatal(err)
	}
	_, err = sign.ParsePrivateKey(text, nil)
	fmt.Println("error:", err)
	var advice interface {
		error
		Hint() string
	}
	if errors.As(err, &advice) {
		fmt.Println("hint:", advice.Hint())
	}
	// Output:
	// error: private key: encrypted in the legacy form of OpenSSL (Proc-Type: 4,ENCRYPTED): want PKCS#8
	// hint: openssl pkcs8 -topk8 -in FILE -out FILE.pem
}

func ExampleFingerprint() {
	text, err := os.ReadFile("../testdata/keys/ec-p256.crt")
	if err != nil {
		log.Fatal(err)
	}
	pub, err := sign.ParsePublicKey(text)
	if err != nil {
		log.Fatal(err)
	}
	fingerprint, err := sign.Fingerprint(pub)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sign.Describe(pub), fingerprint[:23]+"...")
	// Output: ECDSA P-256 sha256:84dea3e5c88cd618...
}
