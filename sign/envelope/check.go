package envelope

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/fwpack/fwpack/internal/cms"
)

// CheckRecipient returns nil where a device with c's private key can open what
// Seal makes, and its issuer meant it to. It refuses
//
//   - a key that is neither RSA of 2048 bits or more nor EC on P-256, P-384 or
//     P-521; Ed25519, for one, only signs;
//   - a key usage without keyEncipherment (RSA) or keyAgreement (EC); a
//     certificate without key usage may do anything (RFC 5280, section
//     4.2.1.3). OpenSSL and SWUpdate do not look at it;
//   - a certificate that has expired by now.
//
// The beginning of its validity is not looked at: SWUpdate does not look at
// either end, and a build in the past repeats.
//
// The error names subject and serial number and says what is allowed.
func CheckRecipient(c *x509.Certificate, now time.Time) error {
	if err := cms.CheckRecipientKey(c); err != nil {
		return err
	}
	usage, name := x509.KeyUsageKeyAgreement, "keyAgreement"
	if _, ok := c.PublicKey.(*rsa.PublicKey); ok {
		usage, name = x509.KeyUsageKeyEncipherment, "keyEncipherment"
	}
	if c.KeyUsage != 0 && c.KeyUsage&usage == 0 {
		return fmt.Errorf("%s may not receive: want key usage %s, or no key usage at all", nameOf(c), name)
	}
	if now.After(c.NotAfter) {
		return fmt.Errorf("%s expired on %s: want one that is valid on %s", nameOf(c), day(c.NotAfter), day(now))
	}
	return nil
}

// CheckRecipients checks each of the certificates, and that no two share issuer
// and serial number: a device with such a certificate may try the other's key
// and give up. Self-signed certificates with a fixed serial number and the
// same subject are such. All errors are returned together.
func CheckRecipients(certificates []*x509.Certificate, now time.Time) error {
	if len(certificates) == 0 {
		return errors.New("no recipients: want one or more certificates")
	}
	var problems []error
	seen := map[string]*x509.Certificate{}
	for _, c := range certificates {
		if err := CheckRecipient(c, now); err != nil {
			problems = append(problems, err)
			continue
		}
		id := c.SerialNumber.Text(16) + " " + string(c.RawIssuer)
		if first := seen[id]; first != nil {
			problems = append(problems, duplicate(first, c))
		}
		seen[id] = c
	}
	return errors.Join(problems...)
}

func duplicate(first, second *x509.Certificate) error {
	if bytes.Equal(first.Raw, second.Raw) {
		return fmt.Errorf("%s is there twice: want each certificate once", nameOf(second))
	}
	return fmt.Errorf("%s is another certificate than the one before it with this issuer and serial number: want different ones", nameOf(second))
}

func nameOf(c *x509.Certificate) string {
	return fmt.Sprintf("recipient %q (serial number %X)", c.Subject, c.SerialNumber)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
