package keygen

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
)

// Issuer is a certification authority.
type Issuer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// parent returns who issues the certificate: Issuer, or the certificate itself.
func (o CertificateOptions) parent(template *x509.Certificate, key any) (*x509.Certificate, crypto.Signer, error) {
	if o.Issuer != nil {
		return o.Issuer.Certificate, o.Issuer.Key, o.Issuer.check()
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, nil, errors.New("only a public key is at hand: to sign itself a certificate needs the private key")
	}
	return template, signer, nil
}

// check wants an issuer that verifiers accept as one.
func (i *Issuer) check() error {
	c := i.Certificate
	switch {
	case !c.BasicConstraintsValid || !c.IsCA:
		return fmt.Errorf("issuer %q is no certification authority: its certificate lacks basic constraint CA", c.Subject)
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("issuer %q may not sign certificates: its key usage lacks keyCertSign", c.Subject)
	case !samePublicKey(c.PublicKey, i.Key.Public()):
		return fmt.Errorf("issuer %q: the key does not belong to the certificate", c.Subject)
	}
	return nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	equal, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && equal.Equal(b)
}
