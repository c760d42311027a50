package keygen

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/fwpack/fwpack/sign"
)

// CheckRelease returns nil where nothing says that others have the private half
// of pub, or that of an issuer among the certificates: no such key is published,
// and no certificate calls itself that of a throw-away key.
func CheckRelease(pub crypto.PublicKey, certificates ...*x509.Certificate) error {
	if err := checkPublished(pub); err != nil {
		return err
	}
	for _, c := range certificates {
		if isThrowAway(c) {
			return fmt.Errorf("certificate %q says itself that nobody guards its key", c.Subject)
		}
		if err := checkPublished(c.PublicKey); err != nil {
			return fmt.Errorf("certificate %q: %w", c.Subject, err)
		}
	}
	return nil
}

func checkPublished(pub crypto.PublicKey) error {
	fingerprint, err := sign.Fingerprint(pub)
	if err != nil {
		return err
	}
	if where := Published(fingerprint); where != "" {
		return fmt.Errorf("everybody has the private key: it is published (%s)", where)
	}
	return nil
}
