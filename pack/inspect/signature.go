package inspect

import (
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/fwpack/fwpack/sign"
)

// Signature is what signs a description.
type Signature struct {
	Kind     string `json:"kind"`               // "cms", or "raw" for what only a public key can tell more of
	Size     int    `json:"size"`               // in bytes
	Attached bool   `json:"attached,omitempty"` // the CMS carries what it signs
	Likely   string `json:"likely,omitempty"`   // of a raw one by itself: what makes such
}

// signers notes who signed message, nil where that is not known. A raw signature
// may begin with any byte, those of a CMS as well.
func (in *inspector) signers(ins *Inspection, signature, message []byte) *Signature {
	cms, err := sign.ParseCMS(signature)
	if err != nil {
		ins.Signers = append(ins.Signers, in.rawSigner(signature, message))
		return &Signature{Kind: "raw", Size: len(signature)}
	}
	if cms.Trailing > 0 {
		ins.problemf("%d bytes behind the CMS, which nothing signs", cms.Trailing)
	}
	var results []error
	if message != nil {
		results, _ = sign.Authentic(signature, message) // it has just been parsed
	}
	for i, s := range cms.Signers {
		signer := cmsSigner(s)
		if results != nil {
			signer.Verified = Yes
			if results[i] != nil {
				signer.Verified = No
				ins.problemf("signature of %q: %v", s.Subject, results[i])
			}
		}
		in.opt.Keyring.name(&signer)
		ins.Signers = append(ins.Signers, signer)
	}
	return &Signature{Kind: "cms", Size: len(signature), Attached: cms.Attached}
}

func cmsSigner(s sign.Signer) Signer {
	signer := Signer{
		Scheme: string(sign.SchemeCMS), Algorithm: s.Algorithm, Digest: s.Digest, Verified: Unknown,
		Key: s.Key, KeyFingerprint: s.KeyFingerprint, Subject: s.Subject, CertificateFingerprint: s.CertificateFingerprint,
	}
	if !s.SigningTime.IsZero() {
		signer.SigningTime = s.SigningTime.UTC().Format("2006-01-02T15:04:05Z")
	}
	return signer
}

func (in *inspector) rawSigner(signature, message []byte) Signer {
	signer := Signer{Scheme: "raw", Size: len(signature), Known: Unknown, Verified: Unknown}
	if message == nil {
		return signer
	}
	key, scheme, ok := sign.RawSigner(signature, message, in.opt.Keyring.keys())
	if !ok {
		return signer
	}
	signer.Scheme, signer.Digest, signer.Verified = string(scheme), string(sign.DigestSHA256), Yes
	signer.fill(key)
	in.opt.Keyring.name(&signer)
	return signer
}

// likely says what makes a raw signature of this form, "" where none of those that
// SWUpdate and MCUboot know does.
func likely(data []byte) string {
	var ecdsa struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(data, &ecdsa); err == nil && len(rest) == 0 && ecdsa.R.Sign() > 0 && ecdsa.S.Sign() > 0 {
		return "ECDSA"
	}
	switch n := len(data); n {
	case 64:
		return "Ed25519, or ECDSA P-256 without DER"
	case 256, 384, 512, 1024, 2048:
		return fmt.Sprintf("RSA-%d", 8*n)
	}
	return ""
}
