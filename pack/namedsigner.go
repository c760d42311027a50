package pack

import "github.com/fwpack/fwpack/sign"

// NamedSigner is one signer as a CMS names it.
type NamedSigner struct {
	Subject                string `json:"subject"`
	Algorithm              string `json:"algorithm"`
	Digest                 string `json:"digest"`
	Key                    string `json:"key"`
	KeyFingerprint         string `json:"key_fingerprint"`
	CertificateFingerprint string `json:"certificate_fingerprint"`
	SigningTime            string `json:"signing_time,omitempty"` // RFC 3339
}

func namedSigner(s sign.Signer) NamedSigner {
	named := NamedSigner{
		Subject: s.Subject, Algorithm: s.Algorithm, Digest: s.Digest, Key: s.Key,
		KeyFingerprint: s.KeyFingerprint, CertificateFingerprint: s.CertificateFingerprint,
	}
	if !s.SigningTime.IsZero() {
		named.SigningTime = s.SigningTime.UTC().Format("2006-01-02T15:04:05Z")
	}
	return named
}
