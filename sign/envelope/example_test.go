package envelope_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log"
	"math/big"
	"time"

	"github.com/fwpack/fwpack/sign/envelope"
)

// A description is sealed for one device, which opens it with its key.
func Example() {
	key, certificate := newDevice()
	recipients := []*x509.Certificate{certificate}
	if err := envelope.CheckRecipients(recipients, certificate.NotBefore); err != nil {
		log.Fatal(err)
	}

	description := []byte("software = { version = \"1.0\"; };\n")
	opt := envelope.Options{Rand: rand.Reader}
	der, err := envelope.Seal(description, recipients, opt)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("size as foretold:", len(der) == envelope.Size(len(description), recipients, opt))

	list, err := envelope.Recipients(der)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list[0].Kind, "for", list[0].String())

	plaintext, err := envelope.Open(der, key, certificate)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", plaintext)
	// Output:
	// size as foretold: true
	// ECDH P-521 for CN=device 1, serial number 1001
	// software = { version = "1.0"; };
}

func newDevice() (*ecdsa.PrivateKey, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1001),
		Subject:      pkix.Name{CommonName: "device 1"},
		NotBefore:    time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2046, time.January, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageKeyAgreement,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	return key, certificate
}
