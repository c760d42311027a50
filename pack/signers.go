package pack

import (
	"fmt"

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

// storedSignature is nil where there is none.
func storedSignature(b *swufile.File) []byte {
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
	trusted, err := swufile.ReadTrust(s.opt.Trust)
	if err != nil {
		return err
	}
	trust := sign.Trust{Roots: trusted.Roots, Keys: trusted.Keys, Now: s.opt.Now, Expired: true}
	if s.bundle.Signature == nil {
		return fmt.Errorf("%s: %w", s.path, &sign.VerificationError{Reason: fmt.Errorf("there is none")})
	}
	if err := verifyAny(s.bundle, trust); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	s.report.Verified = true
	return nil
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
