package sign

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/fwpack/fwpack/internal/cms"
)

// Trust is what a verifier goes by, as a device's configuration would.
type Trust struct {
	// Keys are the public keys of the RSA schemes; any of them may have
	// signed.
	Keys []crypto.PublicKey
	// Roots is the content of a device's trust file, for scheme cms. The
	// self-signed certificates in it are trusted; others only help to build a
	// chain up to one of those, as OpenSSL does it.
	Roots []*x509.Certificate
	// Now is the time at which certificates must be valid; scheme cms needs it.
	Now time.Time
	// Expired accepts a signer whose certificate is no longer valid at Now: it is
	// judged by its last second. So an old release can be told from a forged one;
	// no device accepts it.
	Expired bool
	// Purpose is what the signers' certificates must be for.
	Purpose Purpose
	// IgnoreShipped leaves out the issuers that the CMS carries, so that a
	// chain is built from Roots alone. SWUpdate does so in Debian 12 (2022.12
	// with its security fixes) and, from 2026.05, where it was built to.
	IgnoreShipped bool
	// SkipUnknown passes over signers of a CMS whose certificates are not trusted,
	// as long as one is. SWUpdate does so where it was built to, as in Debian 12.
	SkipUnknown bool
}

// VerificationError says that a signature is not one to accept: it is damaged,
// of another message, by another key, or by a signer who is not trusted.
type VerificationError struct {
	// Signer is the subject of the signer's certificate, or "" where no signer
	// is known.
	Signer string
	// Reason is a sentence without the signer.
	Reason error
}

// Error is one line.
func (e *VerificationError) Error() string {
	if e.Signer == "" {
		return "signature: " + e.Reason.Error()
	}
	return fmt.Sprintf("signature of %q: %v", e.Signer, e.Reason)
}

// Unwrap returns Reason.
func (e *VerificationError) Unwrap() error { return e.Reason }

// Verify returns the signers of message where signature is to be accepted, and
// a *VerificationError where it is not. Other errors say that trust or scheme
// cannot be used.
//
// Every signer of a CMS must be trusted, as SWUpdate demands unless it was
// built to skip unknown ones; those skipped are not among the signers returned. A CMS may carry the message, if it is the same.
// Digests weaker than SHA-256 and keys that ParsePublicKey would refuse are
// not accepted, although some clients do; bytes after a CMS are ignored, as
// all clients do.
func Verify(scheme Scheme, message, signature []byte, trust Trust) ([]Signer, error) {
	if err := trust.usable(scheme); err != nil {
		return nil, err
	}
	if scheme == SchemeCMS {
		return verifyCMS(message, signature, trust)
	}
	return verifyRSA(scheme, message, signature, trust.Keys)
}

func (t Trust) usable(scheme Scheme) error {
	if err := scheme.valid(); err != nil {
		return err
	}
	if scheme != SchemeCMS {
		return usableKeys(scheme, t.Keys)
	}
	if t.Now.IsZero() {
		return errors.New("scheme cms: trust has no time to check certificates at")
	}
	for _, c := range t.Roots {
		if selfSigned(c) {
			return t.Purpose.valid()
		}
	}
	return errors.New("scheme cms: nothing to trust: want a self-signed certificate, as SWUpdate ends every chain at one")
}

func usableKeys(scheme Scheme, keys []crypto.PublicKey) error {
	if len(keys) == 0 {
		return fmt.Errorf("scheme %s: nothing to trust: want an RSA public key", scheme)
	}
	for _, k := range keys {
		if !isRSA(k) {
			return fmt.Errorf("scheme %s: %s: want an RSA public key", scheme, Describe(k))
		}
		if err := checkStrength(k); err != nil {
			return fmt.Errorf("scheme %s: %w", scheme, err)
		}
	}
	return nil
}

func verifyRSA(scheme Scheme, message, signature []byte, keys []crypto.PublicKey) ([]Signer, error) {
	algorithm := cms.Algorithm{Kind: cms.RSA, Hash: crypto.SHA256}
	if scheme == SchemeRSAPSS {
		// Any length of salt verifies: openssl's habit is the longest.
		algorithm = cms.Algorithm{Kind: cms.RSAPSS, Hash: crypto.SHA256}
	}
	for _, k := range keys {
		if algorithm.Verify(k, message, signature) == nil {
			return []Signer{signerOfKey(algorithm, k)}, nil
		}
	}
	return nil, &VerificationError{Reason: rsaMismatch(scheme, signature, keys)}
}

func rsaMismatch(scheme Scheme, signature []byte, keys []crypto.PublicKey) error {
	for _, k := range keys {
		if len(signature) == signatureSize(k) {
			return fmt.Errorf("no trusted key made it over this message by scheme %s", scheme)
		}
	}
	return fmt.Errorf("%d bytes: scheme %s with %s makes %d", len(signature), scheme, Describe(keys[0]), signatureSize(keys[0]))
}

func verifyCMS(message, signature []byte, trust Trust) ([]Signer, error) {
	d, err := parseCMS(signature)
	if err != nil {
		return nil, &VerificationError{Reason: err}
	}
	if len(d.Signers) == 0 {
		return nil, &VerificationError{Reason: errors.New("the CMS has no signer")}
	}
	var signers []Signer
	var unknown error
	for i := range d.Signers {
		signer := describeSigner(d, &d.Signers[i])
		err := verifySigner(d, &d.Signers[i], message, trust)
		if err == nil {
			signers = append(signers, signer)
			continue
		}
		err = &VerificationError{Signer: signer.Subject, Reason: err}
		if !trust.SkipUnknown || trusts(d, &d.Signers[i], trust) {
			return nil, err
		}
		if unknown == nil {
			unknown = err
		}
	}
	if len(signers) == 0 {
		return nil, unknown
	}
	return signers, nil
}

// trusts tells whether a signer is trusted, whatever was signed.
func trusts(d *cms.SignedData, s *cms.SignerInfo, trust Trust) bool {
	c := d.CertificateOf(s)
	return c != nil && checkCertificate(c, trust.Now, trust.Purpose) == nil && verifyChain(c, d.Certificates, trust) == nil
}

// verifySigner accepts one signer of d. The signature comes before the trust,
// so that a wrong message is called that.
func verifySigner(d *cms.SignedData, s *cms.SignerInfo, message []byte, trust Trust) error {
	c := d.CertificateOf(s)
	if c == nil {
		return errors.New("the CMS does not hold the signer's certificate, which SWUpdate takes from there only")
	}
	if err := checkStrength(c.PublicKey); err != nil {
		return err
	}
	if err := d.Verify(s, c.PublicKey, message); err != nil {
		return err
	}
	if trust.Expired && trust.Now.After(c.NotAfter) {
		trust.Now = c.NotAfter
	}
	if err := checkCertificate(c, trust.Now, trust.Purpose); err != nil {
		return err
	}
	return verifyChain(c, d.Certificates, trust)
}

// verifyChain wants a path from c to a self-signed certificate of the trust
// file, all of it valid now and none of it restricted to another purpose.
func verifyChain(c *x509.Certificate, shipped []*x509.Certificate, trust Trust) error {
	if trust.IgnoreShipped {
		shipped = nil
	}
	roots, others := pools(trust.Roots, shipped)
	chains, err := c.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: others,
		CurrentTime:   trust.Now,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // checked here, by SWUpdate's rules
	})
	if err != nil {
		return fmt.Errorf("%s is not trusted: %v", nameCertificate(c), err)
	}
	for _, chain := range chains {
		if err = issuersServe(chain[1:], trust.Purpose); err == nil {
			return nil
		}
	}
	return err
}

func pools(trusted, shipped []*x509.Certificate) (roots, others *x509.CertPool) {
	roots, others = x509.NewCertPool(), x509.NewCertPool()
	for _, c := range trusted {
		if selfSigned(c) {
			roots.AddCert(c)
		} else {
			others.AddCert(c)
		}
	}
	for _, c := range shipped {
		others.AddCert(c)
	}
	return roots, others
}

func issuersServe(issuers []*x509.Certificate, purpose Purpose) error {
	for _, c := range issuers {
		if err := checkIssuerPurpose(c, purpose); err != nil {
			return err
		}
	}
	return nil
}

// selfSigned goes by the names: the signature of a trusted certificate on
// itself proves nothing, and OpenSSL does not look at it either.
func selfSigned(c *x509.Certificate) bool {
	return string(c.RawSubject) == string(c.RawIssuer)
}
