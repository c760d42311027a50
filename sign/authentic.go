package sign

import (
	"crypto"
	"errors"
)

// Authentic tells of each signer of a CMS, in the order of ParseCMS, whether the
// signature is one over message by the key that it goes by: nil, or why not. No
// certificate is judged, so that anyone can have made it: the fingerprint of the
// key says who it was.
func Authentic(signature, message []byte) ([]error, error) {
	d, err := parseCMS(signature)
	if err != nil {
		return nil, err
	}
	var results []error
	for i := range d.Signers {
		s := &d.Signers[i]
		c := d.CertificateOf(s)
		if c == nil {
			results = append(results, errors.New("the CMS does not hold the signer's certificate"))
		} else if err := checkStrength(c.PublicKey); err != nil {
			results = append(results, err)
		} else {
			results = append(results, d.Verify(s, c.PublicKey, message))
		}
	}
	return results, nil
}

// RawSigner finds the key that made a signature without a CMS, by one of the RSA
// schemes; ok is false where it is none of them.
func RawSigner(signature, message []byte, keys []crypto.PublicKey) (key crypto.PublicKey, scheme Scheme, ok bool) {
	for _, key := range keys {
		for _, scheme := range []Scheme{SchemeRSAPKCS1v15, SchemeRSAPSS} {
			if usableKeys(scheme, []crypto.PublicKey{key}) != nil {
				continue
			}
			if _, err := verifyRSA(scheme, message, signature, []crypto.PublicKey{key}); err == nil {
				return key, scheme, true
			}
		}
	}
	return nil, "", false
}
