package keygen

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fwpack/fwpack/sign"
)

// maxCommonName is ub-common-name of RFC 5280 appendix A, in characters.
const maxCommonName = 64

// checkSignerKey refuses keys that SWUpdate's OpenSSL verifies no CMS with.
func checkSignerKey(pub crypto.PublicKey) error {
	switch pub.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return weakness(pub)
	}
	return fmt.Errorf("the key is %s: SWUpdate verifies certificates of RSA and ECDSA keys", sign.Describe(pub))
}

func (o CertificateOptions) check() error {
	if err := checkCommonName(o.CommonName); err != nil {
		return err
	}
	if o.Issuer != nil && (o.Issuer.Certificate == nil || o.Issuer.Key == nil) {
		return errors.New("the issuer lacks its certificate or its key: want both")
	}
	if o.CA && len(o.Purposes) > 0 {
		return errors.New("a certification authority signs certificates only, and has no purpose")
	}
	if o.Recipient && (o.CA || len(o.Purposes) > 0) {
		return errors.New("a recipient's certificate signs nothing, and has neither a purpose nor certificates below it")
	}
	for _, p := range o.Purposes {
		if err := new(sign.Purpose).UnmarshalText([]byte(p)); err != nil {
			return err
		}
	}
	return o.checkValidity()
}

func checkCommonName(name string) error {
	n := utf8.RuneCountInString(name)
	if n < 1 || n > maxCommonName {
		return fmt.Errorf("the common name has %d characters: want 1 to %d", n, maxCommonName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return fmt.Errorf("the common name has a character %U: want printable ones", r)
		}
	}
	return nil
}

func (o CertificateOptions) checkValidity() error {
	if !o.NotBefore.Before(o.NotAfter) {
		return fmt.Errorf("valid from %s to %s: want an end after the beginning", stamp(o.NotBefore), stamp(o.NotAfter))
	}
	if o.NotBefore.Year() < 1950 || o.NotAfter.UTC().Year() > 9999 {
		return fmt.Errorf("valid from %s to %s: a certificate can state the years 1950 to 9999", stamp(o.NotBefore), stamp(o.NotAfter))
	}
	if o.Issuer == nil {
		return nil
	}
	issuer := o.Issuer.Certificate
	if o.NotBefore.Before(issuer.NotBefore) || o.NotAfter.After(issuer.NotAfter) {
		return fmt.Errorf("valid from %s to %s: the issuer's certificate is valid from %s to %s, and none below it longer",
			stamp(o.NotBefore), stamp(o.NotAfter), stamp(issuer.NotBefore), stamp(issuer.NotAfter))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
