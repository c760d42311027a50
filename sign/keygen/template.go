package keygen

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/fwpack/fwpack/sign"
)

const (
	// serialSize is the length of a serial number in bytes; RFC 5280 section
	// 4.1.2.2 allows 20 and wants the number positive.
	serialSize = 16
	// keyIDSize is that of RFC 7093 section 2, method 1, in bytes.
	keyIDSize = 20
)

func (o CertificateOptions) template(pub crypto.PublicKey, rand io.Reader) (*x509.Certificate, error) {
	serial := make([]byte, serialSize)
	if _, err := io.ReadFull(rand, serial); err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	serial[0] = serial[0]&0x7f | 0x40 // positive, and always of the same length
	id, err := keyID(pub)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: o.CommonName},
		NotBefore:             o.NotBefore.UTC().Truncate(time.Second),
		NotAfter:              o.NotAfter.UTC().Truncate(time.Second),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           extendedUsages(o.Purposes),
		SubjectKeyId:          id,
		BasicConstraintsValid: true,
	}
	if o.Recipient {
		template.KeyUsage, template.ExtKeyUsage = recipientUsage(pub), nil
	}
	if o.CA {
		template.IsCA = true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		template.ExtKeyUsage = nil // OpenSSL would restrict everything below to it
	}
	return template, nil
}

// recipientUsage is what RFC 5280, section 4.2.1.3, calls the work of such a key.
func recipientUsage(pub crypto.PublicKey) x509.KeyUsage {
	if _, ok := pub.(*rsa.PublicKey); ok {
		return x509.KeyUsageKeyEncipherment
	}
	return x509.KeyUsageKeyAgreement
}

func extendedUsages(purposes []sign.Purpose) []x509.ExtKeyUsage {
	if len(purposes) == 0 {
		purposes = []sign.Purpose{sign.PurposeEmailProtection}
	}
	var usages []x509.ExtKeyUsage
	for _, p := range purposes {
		if p == sign.PurposeCodeSigning {
			usages = append(usages, x509.ExtKeyUsageCodeSigning)
		} else {
			usages = append(usages, x509.ExtKeyUsageEmailProtection)
		}
	}
	return usages
}

// keyID hashes the subjectPublicKey, without the algorithm around it.
func keyID(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		PublicKey asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(info.PublicKey.Bytes)
	return sum[:keyIDSize], nil
}
