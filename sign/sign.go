// Package sign makes and verifies the signatures of firmware, for every way of
// signing that SWUpdate knows with a key pair.
//
// To sign: ParsePrivateKey reads a key (any other crypto.Signer does as well:
// a token, a signing program), Key.Check says before anything is built whether
// a device would accept what the key signs, and Sign signs. To verify: Verify.
// To look at a signature without trusting anything: ParseCMS.
//
// A signature is always detached: Sign returns what goes into a file of its
// own, beside the message.
//
//   - SchemeCMS: DER of a CMS SignedData (RFC 5652) with the signers'
//     certificates; RSA, RSA-PSS or ECDSA with SHA-256, SHA-384 or SHA-512.
//   - SchemeRSAPKCS1v15: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), as many
//     bytes as the modulus has.
//   - SchemeRSAPSS: RSASSA-PSS with SHA-256 in hash and mask, as many bytes as
//     the modulus has.
package sign

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fwpack/fwpack/internal/cms"
)

// Options are what a signature depends on besides message and keys. The zero
// Options make signatures that repeat byte for byte, except where a key is
// used with PSS, which needs Rand.
type Options struct {
	// SigningTime is recorded in a CMS, to the second. The zero time leaves it
	// out, as no verifier of firmware looks at it. The RSA schemes refuse it.
	SigningTime time.Time
	// Rand is the source of PSS salts. It is also passed to a crypto.Signer of
	// another make, which may need it for ECDSA.
	Rand io.Reader
}

// Sign signs message with every key and returns the signature: a CMS for any
// number of keys, the raw signature for the one key of an RSA scheme.
//
// Each signature is verified with the public half of its key before Sign
// returns, so that a token that holds another key is found here and not on a
// device. Dates and purposes of certificates are Key.Check's business.
//
// RSA PKCS #1 v1.5 and ECDSA with a key of the standard library give the same
// bytes every time.
func Sign(scheme Scheme, message []byte, keys []Key, opt Options) ([]byte, error) {
	if err := checkKeys(scheme, keys, opt); err != nil {
		return nil, err
	}
	if scheme == SchemeCMS {
		return signCMS(message, keys, opt)
	}
	return keys[0].sign(scheme, message, opt)
}

// Size returns the length in bytes that Sign will return, without using a
// private key. It is exact for RSA. An ECDSA signature varies by a few bytes,
// and Size returns its most likely length.
func Size(scheme Scheme, keys []Key, opt Options) (int, error) {
	if err := checkKeys(scheme, keys, opt); err != nil {
		return 0, err
	}
	if scheme != SchemeCMS {
		return signatureSize(keys[0].Signer.Public()), nil
	}
	der, err := buildCMS(nil, keys, opt, func(k Key, _ []byte) ([]byte, error) {
		return make([]byte, signatureSize(k.Signer.Public())), nil
	})
	return len(der), err
}

// checkKeys refuses what Sign cannot do with keys, whatever the date.
func checkKeys(scheme Scheme, keys []Key, opt Options) error {
	if err := scheme.valid(); err != nil {
		return err
	}
	if len(keys) == 0 {
		return fmt.Errorf("scheme %s: no key to sign with", scheme)
	}
	if scheme != SchemeCMS {
		if len(keys) > 1 {
			return fmt.Errorf("scheme %s: %d keys: want one, as only scheme cms holds several signatures", scheme, len(keys))
		}
		if !opt.SigningTime.IsZero() {
			return fmt.Errorf("scheme %s: no place for a signing time, which only scheme cms records", scheme)
		}
	}
	for _, k := range keys {
		if err := k.fits(scheme); err != nil {
			return err
		}
	}
	return nil
}

// sign makes one signature with k and verifies it.
func (k Key) sign(scheme Scheme, message []byte, opt Options) ([]byte, error) {
	algorithm := k.algorithm(scheme)
	if algorithm.Kind == cms.RSAPSS && opt.Rand == nil {
		return nil, fmt.Errorf("%s: RSA-PSS needs a source of randomness for its salt", k)
	}
	signature, err := algorithm.Sign(k.Signer, opt.Rand, message)
	if err != nil {
		return nil, fmt.Errorf("%s: signing: %w", k, err)
	}
	if err := algorithm.Verify(k.Signer.Public(), message, signature); err != nil {
		return nil, fmt.Errorf("%s: the signature just made does not match its public key: it was made by another key, or by another algorithm than %s with %s",
			k, algorithm.Kind, k.Digest.name())
	}
	return signature, nil
}

func signCMS(message []byte, keys []Key, opt Options) ([]byte, error) {
	der, err := buildCMS(message, keys, opt, func(k Key, attributes []byte) ([]byte, error) {
		return k.sign(SchemeCMS, attributes, opt)
	})
	if err != nil {
		return nil, err
	}
	if err := checkCMS(der, message, keys); err != nil {
		return nil, fmt.Errorf("internal error: the CMS just built is not valid: %v", err)
	}
	return der, nil
}

func buildCMS(message []byte, keys []Key, opt Options, sign func(Key, []byte) ([]byte, error)) ([]byte, error) {
	var signers []cms.Signer
	var chain []*x509.Certificate
	for _, k := range keys {
		signers = append(signers, cms.Signer{
			Certificate: k.Certificate,
			Algorithm:   k.algorithm(SchemeCMS),
			SigningTime: opt.SigningTime,
			Sign:        func(attributes []byte) ([]byte, error) { return sign(k, attributes) },
		})
		chain = append(chain, k.Chain...)
	}
	return cms.Build(message, signers, chain)
}

// checkCMS reads the file back and wants a signature of every key in it.
func checkCMS(der, message []byte, keys []Key) error {
	d, err := cms.Parse(der)
	if err != nil {
		return err
	}
	if len(d.Signers) != len(keys) || d.Trailing != 0 {
		return errors.New("signers are missing")
	}
	for _, k := range keys {
		if !vouches(d, k.Certificate, message) {
			return fmt.Errorf("%s has not signed", k)
		}
	}
	return nil
}

func vouches(d *cms.SignedData, c *x509.Certificate, message []byte) bool {
	for i := range d.Signers {
		s := &d.Signers[i]
		named := d.CertificateOf(s)
		if named != nil && bytes.Equal(named.Raw, c.Raw) {
			return d.Verify(s, c.PublicKey, message) == nil
		}
	}
	return false
}

// algorithm is how k signs under scheme. k fits scheme.
//
// The PSS salt is as long as the digest. SWUpdate verifies any length, and
// openssl's habit is the longest that fits; but FIPS 186-5 (section 5.4)
// allows no more than the digest's length, and tokens and key services that
// follow it offer exactly that.
func (k Key) algorithm(scheme Scheme) cms.Algorithm {
	hash := k.Digest.Hash()
	switch {
	case scheme == SchemeRSAPSS || k.PSS:
		return cms.Algorithm{Kind: cms.RSAPSS, Hash: hash, SaltLength: hash.Size()}
	case isRSA(k.Signer.Public()):
		return cms.Algorithm{Kind: cms.RSA, Hash: hash}
	}
	return cms.Algorithm{Kind: cms.ECDSA, Hash: hash}
}
