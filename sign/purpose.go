package sign

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// Check returns nil where a device that demands p lets the holder of c sign: by
// the rules that Key.Check describes, without a look at dates and issuers.
func (p Purpose) Check(c *x509.Certificate) error {
	if err := p.valid(); err != nil {
		return err
	}
	return checkPurpose(c, p)
}

// checkPurpose wants the signer's certificate c to serve purpose, as SWUpdate
// 2022.12 and OpenSSL 3.0 decide.
func checkPurpose(c *x509.Certificate, purpose Purpose) error {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return fmt.Errorf("%s may not sign: its key usage has neither digitalSignature nor nonRepudiation", nameCertificate(c))
	}
	if purpose.name() == PurposeCodeSigning {
		if slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) {
			return nil
		}
		return fmt.Errorf("%s is for %s: purpose codeSigning demands extended key usage codeSigning", nameCertificate(c), usages(c))
	}
	if !restricted(c) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) {
		return nil
	}
	return fmt.Errorf("%s is for %s: purpose emailProtection demands extended key usage emailProtection, or none at all", nameCertificate(c), usages(c))
}

// checkIssuerPurpose wants c, which issues certificates, not to be restricted
// to other purposes. OpenSSL's S/MIME check looks at issuers that way, while
// SWUpdate's check of codeSigning looks at signers only.
func checkIssuerPurpose(c *x509.Certificate, purpose Purpose) error {
	if purpose.name() != PurposeEmailProtection || !restricted(c) ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) {
		return nil
	}
	return fmt.Errorf("%s issues only for %s, not for emailProtection", nameCertificate(c), usages(c))
}

// restricted reports whether c has an extended key usage.
func restricted(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0
}

// usages lists the extended key usages of c by the names of RFC 5280 where
// they have one.
func usages(c *x509.Certificate) string {
	var names []string
	for _, u := range c.ExtKeyUsage {
		names = append(names, u.String())
	}
	for _, oid := range c.UnknownExtKeyUsage {
		names = append(names, asn1.ObjectIdentifier(oid).String())
	}
	if len(names) == 0 {
		return "no purpose in particular"
	}
	return strings.Join(names, ", ")
}
