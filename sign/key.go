package sign

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Key is a key ready to sign, with what its scheme puts around a signature.
type Key struct {
	// Name is what messages call the key.
	Name string
	// Signer holds the private half: a key of the standard library, a token,
	// a signing program.
	Signer crypto.Signer
	// Certificate is of Signer's public half. Scheme cms ships it; the others
	// have no place for it and refuse it.
	Certificate *x509.Certificate
	// Chain holds the certificates between Certificate and the root, the
	// issuer of Certificate first. Scheme cms ships them.
	Chain []*x509.Certificate
	// Digest is the digest of a CMS; the RSA schemes take SHA-256 only.
	Digest Digest
	// PSS makes an RSA key sign a CMS by RSASSA-PSS.
	PSS bool
}

// String returns the words that errors begin with: `key "release"`.
func (k Key) String() string {
	if k.Name == "" {
		return "key"
	}
	return fmt.Sprintf("key %q", k.Name)
}

// Check returns nil where a device would accept what k signs under scheme at
// the time now: the kind of key fits the scheme, the certificate belongs to
// the key, is valid at now and serves purpose, and the chain links up. The
// private half is not used.
//
// The purposes are checked as SWUpdate does. emailProtection: extended key
// usage absent, or with emailProtection; anyExtendedKeyUsage does not do.
// codeSigning: extended key usage present, with codeSigning. Both: key usage
// absent, or with digitalSignature or nonRepudiation.
func (k Key) Check(scheme Scheme, now time.Time, purpose Purpose) error {
	if err := cmp.Or(scheme.valid(), purpose.valid()); err != nil {
		return err
	}
	if err := k.fits(scheme); err != nil {
		return err
	}
	if k.Certificate == nil {
		return nil
	}
	if err := checkCertificate(k.Certificate, now, purpose); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	if err := checkChain(k.Certificate, k.Chain, now, purpose); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	return nil
}

// fits refuses a key that cannot sign under scheme, whatever the date.
func (k Key) fits(scheme Scheme) error {
	if k.Signer == nil {
		return fmt.Errorf("%s: no private key", k)
	}
	if err := cmp.Or(k.Digest.valid(), checkStrength(k.Signer.Public())); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	if scheme == SchemeCMS {
		return k.fitsCMS()
	}
	return k.fitsRSA(scheme)
}

func (k Key) fitsRSA(scheme Scheme) error {
	pub := k.Signer.Public()
	switch {
	case !isRSA(pub):
		return fmt.Errorf("%s: scheme %s signs with RSA, and this is %s", k, scheme, Describe(pub))
	case k.Digest.name() != DigestSHA256:
		return fmt.Errorf("%s: digest %s: SWUpdate verifies scheme %s with sha256 only", k, k.Digest, scheme)
	case k.PSS:
		return fmt.Errorf("%s: PSS is an option of scheme cms; beside it there is scheme %s", k, SchemeRSAPSS)
	case k.Certificate != nil || len(k.Chain) > 0:
		return fmt.Errorf("%s: scheme %s has no place for a certificate, which only scheme cms ships", k, scheme)
	}
	return nil
}

func (k Key) fitsCMS() error {
	pub := k.Signer.Public()
	if _, ok := pub.(ed25519.PublicKey); ok {
		return fmt.Errorf("%s: Ed25519 does not sign a CMS: OpenSSL 3.0 cannot verify it, and so no SWUpdate: want RSA or ECDSA", k)
	}
	if k.PSS && !isRSA(pub) {
		return fmt.Errorf("%s: PSS is for RSA, and this is %s", k, Describe(pub))
	}
	if k.Certificate == nil {
		return fmt.Errorf("%s: scheme cms needs the certificate of the key", k)
	}
	if !samePublicKey(k.Certificate.PublicKey, pub) {
		return fmt.Errorf("%s: %s belongs to another key: it holds %s, the key is %s",
			k, nameCertificate(k.Certificate), identify(k.Certificate.PublicKey), identify(pub))
	}
	return nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	equal, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && equal.Equal(b)
}

// identify describes pub and tells it from others of its kind.
func identify(pub crypto.PublicKey) string {
	f, err := Fingerprint(pub)
	if err != nil {
		return Describe(pub)
	}
	return Describe(pub) + " " + f[:len("sha256:")+16]
}

// checkCertificate wants c to be valid at now and to serve purpose.
func checkCertificate(c *x509.Certificate, now time.Time, purpose Purpose) error {
	if err := checkPeriod(c, now); err != nil {
		return err
	}
	return checkPurpose(c, purpose)
}

func checkPeriod(c *x509.Certificate, now time.Time) error {
	if now.Before(c.NotBefore) {
		return fmt.Errorf("%s is not valid before %s, and it is %s", nameCertificate(c), stamp(c.NotBefore), stamp(now))
	}
	if now.After(c.NotAfter) {
		return fmt.Errorf("%s expired at %s, and it is %s", nameCertificate(c), stamp(c.NotAfter), stamp(now))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// checkChain wants every certificate to be issued by the next. A chain may
// end with the root, which devices hold anyway.
func checkChain(leaf *x509.Certificate, chain []*x509.Certificate, now time.Time, purpose Purpose) error {
	below := leaf
	for i, c := range chain {
		if bytes.Equal(c.Raw, leaf.Raw) {
			return fmt.Errorf("chain, certificate %d: %s is the key's own: the chain begins with its issuer", i+1, nameCertificate(c))
		}
		if !bytes.Equal(below.RawIssuer, c.RawSubject) {
			return fmt.Errorf("chain, certificate %d: %s did not issue %s, which names issuer %q",
				i+1, nameCertificate(c), nameCertificate(below), distinguishedName(below.Issuer.String()))
		}
		if err := below.CheckSignatureFrom(c); err != nil {
			return fmt.Errorf("chain, certificate %d: %s did not issue %s: %v", i+1, nameCertificate(c), nameCertificate(below), err)
		}
		if err := cmp.Or(checkPeriod(c, now), checkIssuerPurpose(c, purpose)); err != nil {
			return fmt.Errorf("chain, certificate %d: %w", i+1, err)
		}
		below = c
	}
	return nil
}

// nameCertificate is what errors call c.
func nameCertificate(c *x509.Certificate) string {
	return fmt.Sprintf("certificate %q (serial %s)", distinguishedName(c.Subject.String()), serial(c.SerialNumber.Bytes()))
}

// serial prints a serial number as "openssl x509 -serial" does.
func serial(bytes []byte) string {
	if len(bytes) == 0 {
		return "00"
	}
	return fmt.Sprintf("%X", bytes)
}

// distinguishedName replaces what a terminal would act on: whoever made the
// certificate chose the name.
func distinguishedName(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
