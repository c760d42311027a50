package pack

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
)

// signersOf are those that the signature names; none for one that is no CMS.
func signersOf(b *swufile.File) []sign.Signer {
	if b.CMS == nil {
		return nil
	}
	return b.CMS.Signers
}

// signatureOf is nil where there is none.
func signatureOf(b *swufile.File) []byte {
	if b.Signature == nil {
		return nil
	}
	return b.Signature.Data
}

// trusted wants the present signature to be by somebody who is trusted, where the
// caller says who is.
func (s *Signing) trusted() error {
	if len(s.opt.Trust) == 0 {
		return nil
	}
	trust, err := readTrust(s.opt.Trust)
	if err != nil {
		return err
	}
	trust.Now, trust.Expired = s.opt.Now, true
	if s.bundle.Signature == nil {
		return fmt.Errorf("%s: %w", s.path, &sign.VerificationError{Reason: fmt.Errorf("there is none")})
	}
	if err := verifyAny(s.bundle, trust); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	s.report.Verified = true
	return nil
}

// readTrust reads PEM files with certificates and public keys.
func readTrust(files []string) (sign.Trust, error) {
	var trust sign.Trust
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil {
			return trust, err
		}
		roots, keys, err := parseTrust(pem)
		if err != nil {
			return trust, fmt.Errorf("%s: want certificates or a public key: %w", file, err)
		}
		trust.Roots, trust.Keys = append(trust.Roots, roots...), append(trust.Keys, keys...)
	}
	return trust, nil
}

// parseTrust reads certificates, whose keys are trusted for raw signatures too, or
// a public key.
func parseTrust(pem []byte) (roots []*x509.Certificate, keys []crypto.PublicKey, err error) {
	if roots, err = sign.ParseCertificates(pem); err == nil {
		return roots, nil, nil
	}
	key, err := sign.ParsePublicKey(pem)
	return nil, []crypto.PublicKey{key}, err
}

// verifyAny verifies the signature of a bundle under the scheme that it has.
func verifyAny(b *swufile.File, trust sign.Trust) error {
	if b.CMS != nil {
		_, err := sign.Verify(sign.SchemeCMS, b.Source, b.Signature.Data, trust)
		return err
	}
	var err error
	for _, scheme := range []sign.Scheme{sign.SchemeRSAPKCS1v15, sign.SchemeRSAPSS} {
		if _, err = sign.Verify(scheme, b.Source, b.Signature.Data, trust); err == nil {
			return nil
		}
	}
	return err
}
