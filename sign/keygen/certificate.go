package keygen

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fwpack/fwpack/sign"
)

// CertificateOptions says what a certificate is for.
type CertificateOptions struct {
	// CommonName is the whole subject: 1 to 64 printable characters. SWUpdate's
	// --forced-signer-name compares it.
	CommonName string
	// NotBefore and NotAfter bound the validity, to the second, both included.
	// The end of the year 9999 stands for no end (RFC 5280 section 4.1.2.5).
	NotBefore, NotAfter time.Time
	// Purposes are what the certificate may sign for; none means
	// sign.PurposeEmailProtection, which SWUpdate demands by default.
	Purposes []sign.Purpose
	// Recipient makes a certificate that encrypted descriptions are sealed for (see
	// package sign/envelope) and that signs nothing.
	Recipient bool
	// CA makes a certificate that issues others, and signs nothing else.
	CA bool
	// Issuer signs the certificate; nil makes it sign itself.
	Issuer *Issuer
}

// NewCertificate certifies key, and returns the certificate in PEM. A
// self-signed certificate needs the private half in key, which must be a
// crypto.Signer; otherwise the public half is enough. rand gives the serial
// number.
//
// The certificate is one by RFC 5280 that SWUpdate accepts for its purposes,
// those of its builds with mbedTLS included, which want key usage and extended
// key usage spelled out. SWUpdate verifies RSA and ECDSA certificates.
func NewCertificate(key any, opt CertificateOptions, rand io.Reader) ([]byte, error) {
	certificate, err := newCertificate(key, opt, rand)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", opt.CommonName, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: certificate.Raw}), nil
}

func newCertificate(key any, opt CertificateOptions, rand io.Reader) (*x509.Certificate, error) {
	pub := publicHalf(key)
	if err := errors.Join(checkSignerKey(pub), opt.check()); err != nil {
		return nil, err
	}
	template, err := opt.template(pub, rand)
	if err != nil {
		return nil, err
	}
	parent, signer, err := opt.parent(template, key)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand, template, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return certificate, opt.confirm(certificate)
}

func publicHalf(key any) crypto.PublicKey {
	if private, ok := key.(PrivateKey); ok {
		return private.Public()
	}
	return key
}

// confirm looks at the finished certificate as a device would, before anybody
// relies on it.
func (o CertificateOptions) confirm(c *x509.Certificate) error {
	issuer := c
	if o.Issuer != nil {
		issuer = o.Issuer.Certificate
	}
	if !bytes.Equal(c.RawIssuer, issuer.RawSubject) {
		return errors.New("the issuer's name changed on the way")
	}
	if err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
		return err
	}
	if o.CA {
		return nil
	}
	for _, p := range o.Purposes {
		if err := p.Check(c); err != nil {
			return err
		}
	}
	return nil
}
