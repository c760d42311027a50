package keygen_test

import (
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/fwpack/fwpack/sign/keygen"
)

// A key, its certificate, and what the doctor says ten years later.
func Example() {
	key, err := keygen.Generate(keygen.ECDSAP256, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	certificate, err := keygen.NewCertificate(key, keygen.CertificateOptions{
		CommonName: "Gateway release",
		NotBefore:  start,
		NotAfter:   start.AddDate(10, 0, 0),
	}, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	items, err := keygen.Describe(certificate)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(items[0].Key, items[0].Certificate.Subject, items[0].Certificate.Purposes)

	files := []keygen.File{{Name: "release.crt", Data: certificate}}
	for _, f := range keygen.Examine(files, keygen.ExamineOptions{Now: start.AddDate(9, 9, 0)}) {
		fmt.Printf("%s: %s: %s\n", f.File, f.Rule, f.Message)
	}
	// Output:
	// ECDSA P-256 CN=Gateway release [emailProtection]
	// release.crt: expires: certificate "CN=Gateway release" expires at 2036-01-01T00:00:00Z, within 6 months
}
