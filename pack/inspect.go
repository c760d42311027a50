package pack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Inspection is what a bundle says of itself. Nothing in it has been verified
// against a key.
type Inspection struct {
	Kind                  string              `json:"kind"` // "swu"
	Version               string              `json:"version"`
	HardwareCompatibility []string            `json:"hardware_compatibility"`
	Encrypted             *swufile.Envelope   `json:"encrypted_description,omitempty"`
	Signature             *InspectedSignature `json:"signature"` // nil where there is none
	Entries               []InspectedEntry    `json:"entries"`
	Problems              []string            `json:"problems"` // what a device would stumble over
}

// InspectedSignature is the second entry of a bundle.
type InspectedSignature struct {
	Kind    string            `json:"kind"` // "cms", or "raw" for what only a public key can tell more of
	Signers []InspectedSigner `json:"signers"`
}

// InspectedSigner is one signer as a CMS names it.
type InspectedSigner struct {
	Subject                string `json:"subject"`
	Algorithm              string `json:"algorithm"`
	Digest                 string `json:"digest"`
	Key                    string `json:"key"`
	KeyFingerprint         string `json:"key_fingerprint"`
	CertificateFingerprint string `json:"certificate_fingerprint"`
	SigningTime            string `json:"signing_time,omitempty"` // RFC 3339
}

// InspectedEntry is one entry of the archive.
type InspectedEntry struct {
	Name       string `json:"name"`
	Offset     int64  `json:"offset"` // of the data
	Size       int64  `json:"size"`
	SHA256     string `json:"sha256"`
	Compressed string `json:"compressed,omitempty"` // as the description says
	Encrypted  bool   `json:"encrypted,omitempty"`  // as the description says
}

// Inspect reads the bundle in r to its end. Keys open what is encrypted, and may be
// nil. The error is for what cannot be read at all; what can be read and is wrong
// is among the problems.
func Inspect(ctx context.Context, name string, r io.Reader, keys *swufile.Keys) (*Inspection, error) {
	b, err := swufile.Read(ctx, name, r, swufile.Options{Keys: keys})
	if err != nil {
		return nil, err
	}
	ins := &Inspection{Kind: "swu", HardwareCompatibility: []string{}, Encrypted: b.Envelope, Problems: slices.Clone(b.Problems)}
	if b.Doc != nil {
		ins.Version, ins.HardwareCompatibility = versionOf(b.Doc), hardwareOf(b.Doc)
	} else if problem := unreadable(b); problem != "" {
		ins.Problems = append(ins.Problems, problem)
	}
	ins.signature(b)
	ins.entries(b)
	ins.Problems = append(ins.Problems, b.Mismatches()...)
	if ins.Problems == nil {
		ins.Problems = []string{}
	}
	return ins, nil
}

// unreadable says what is wrong with a description that cannot be read: nothing
// where it is for others to read.
func unreadable(b *swufile.File) string {
	sealed, isSealed := errors.AsType[*swufile.SealedError](b.Unreadable)
	_, isShut := errors.AsType[*swufile.OpenError](b.Unreadable)
	switch {
	case isSealed && sealed.Envelope != nil:
		return ""
	case isSealed || isShut:
		return b.Unreadable.Error()
	}
	return fmt.Sprintf("sw-description cannot be read as %s: %v", swdesc.Detect(b.Source), b.Unreadable)
}

// entries lists description, signature and payloads in the order of the file.
func (ins *Inspection) entries(b *swufile.File) {
	for _, part := range []*swufile.Part{b.Description, b.Signature} {
		if part != nil && part.Name != "" {
			ins.Entries = append(ins.Entries, InspectedEntry{Name: part.Name, Offset: part.Offset, Size: part.Size, SHA256: hexDigest(part.Data)})
		}
	}
	for _, p := range b.Payloads {
		ins.Entries = append(ins.Entries, ins.payload(p))
	}
	slices.SortStableFunc(ins.Entries, func(a, b InspectedEntry) int { return cmp.Compare(a.Offset, b.Offset) })
}

// payload says how a payload lies in the bundle, and what is wrong with it. A file
// that no entry names is no problem: a device passes over it.
func (ins *Inspection) payload(p *swufile.Payload) InspectedEntry {
	entry := InspectedEntry{Name: p.Name, Offset: p.Offset, Size: p.Size, SHA256: p.SHA256()}
	if len(p.Entries) > 0 {
		entry.Compressed, entry.Encrypted = string(p.Entries[0].Compressed), p.Entries[0].Encrypted
	}
	if p.Unclear != nil {
		ins.Problems = append(ins.Problems, fmt.Sprintf("%s: %v", p.Name, p.Unclear))
	}
	return entry
}

// signature notes who says to have signed.
func (ins *Inspection) signature(b *swufile.File) {
	if b.Signature == nil {
		return
	}
	ins.Signature = &InspectedSignature{Kind: "raw", Signers: []InspectedSigner{}}
	if b.CMS == nil {
		return
	}
	ins.Signature.Kind = "cms"
	for _, signer := range b.CMS.Signers {
		ins.Signature.Signers = append(ins.Signature.Signers, inspectedSigner(signer))
	}
	if b.CMS.Trailing > 0 {
		ins.Problems = append(ins.Problems, fmt.Sprintf("%s: %d bytes behind the CMS, which nothing signs", swu.Signature, b.CMS.Trailing))
	}
}

func inspectedSigner(s sign.Signer) InspectedSigner {
	inspected := InspectedSigner{
		Subject: s.Subject, Algorithm: s.Algorithm, Digest: s.Digest, Key: s.Key,
		KeyFingerprint: s.KeyFingerprint, CertificateFingerprint: s.CertificateFingerprint,
	}
	if !s.SigningTime.IsZero() {
		inspected.SigningTime = s.SigningTime.UTC().Format("2006-01-02T15:04:05Z")
	}
	return inspected
}
