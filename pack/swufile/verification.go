package swufile

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/sign"
)

// Outcome is what came out of a step of the verification.
type Outcome string

// The outcomes.
const (
	Proven    Outcome = "proven"
	Failed    Outcome = "failed"
	NotProven Outcome = "not-proven" // something to prove it with is missing
	NotAsked  Outcome = "not-asked"  // nobody has asked for it, and the verdict does not depend on it
)

// The steps, in the order of the chain.
const (
	StepArchive      = "archive"      // order, names, sizes and sums of the cpio archive
	StepSignature    = "signature"    // of the description, by somebody who is trusted
	StepDescription  = "description"  // it can be read, decrypted where it is encrypted
	StepCheck        = "check"        // no device refuses it
	StepPayload      = "payload"      // it is there, and named
	StepSHA256       = "sha256"       // the one in the description
	StepUnpacking    = "unpacking"    // decrypted and decompressed to the end, and nothing behind it
	StepSizes        = "sizes"        // those in the description
	StepBundle       = "bundle"       // the payload is one, verified by the same rules
	StepImage        = "image"        // the payload is an MCUboot image, verified by its bootloader's rules
	StepDependencies = "dependencies" // of an image, by others in the bundle
	StepDelta        = "delta"        // the header of a .zck, or a patch, complete
	StepZCK          = "zck"          // the .zck that belongs to the header
)

// Step is a step of the chain from the signature down to what a device installs.
type Step struct {
	Step    string  `json:"step"`
	Where   string  `json:"where,omitempty"` // the payload or the file, "" for the bundle itself
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"` // what was proven, or what is wrong, or why it is not known

	Image  *imagefile.Verification `json:"image,omitempty"`  // of StepImage
	Bundle *Verification           `json:"bundle,omitempty"` // of StepBundle
}

// Verification is what came out of verifying a bundle.
type Verification struct {
	Kind    string            `json:"kind"` // "swu"
	File    string            `json:"file"`
	Verdict imagefile.Verdict `json:"verdict"`
	Target  string            `json:"target,omitempty"`  // the device by whose rules it was verified
	Version string            `json:"version,omitempty"` // absent where the description cannot be read

	Signers  []Signer      `json:"signers"` // those that the signature names; none for a raw one
	Steps    []Step        `json:"steps"`
	Payloads []PayloadInfo `json:"payloads"` // in the order of the file
	Notes    []string      `json:"notes,omitempty"`
}

// Signer is one signer of a bundle.
type Signer struct {
	Subject                string `json:"subject"`
	Key                    string `json:"key"`
	KeyFingerprint         string `json:"key_fingerprint"`
	CertificateFingerprint string `json:"certificate_fingerprint,omitempty"`
	Trusted                bool   `json:"trusted"`
}

// PayloadInfo is what was found out about a payload. The digests are right where
// its steps say so.
type PayloadInfo struct {
	Name           string   `json:"name"`
	Size           int64    `json:"size"`
	SHA256         string   `json:"sha256"`
	UnpackedSize   *int64   `json:"unpacked_size,omitempty"` // absent where it was not unpacked to its end
	UnpackedSHA256 string   `json:"unpacked_sha256,omitempty"`
	Entries        []string `json:"entries"` // of the description, by their paths
}

// add notes a step.
func (v *Verification) add(step, where string, outcome Outcome, format string, args ...any) {
	v.Steps = append(v.Steps, Step{Step: step, Where: where, Outcome: outcome, Detail: fmt.Sprintf(format, args...)})
}

func (v *Verification) notef(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

// judge sums the steps up: one that failed is enough to refuse.
func (v *Verification) judge() {
	v.Verdict = imagefile.Accepted
	for _, s := range v.Steps {
		switch {
		case s.Outcome == Failed:
			v.Verdict = imagefile.Refused
			return
		case s.Outcome == NotProven:
			v.Verdict = imagefile.NotProven
		}
	}
}

// Reason is the first step because of which a bundle is not accepted; its version
// where it is.
func (v *Verification) Reason() string {
	for _, s := range v.Steps {
		if s.Outcome == Failed || s.Outcome == NotProven && v.Verdict == imagefile.NotProven {
			return s.String()
		}
	}
	return "version " + v.Version
}

// String is the step in a line.
func (s *Step) String() string {
	parts := []string{s.Step, s.Detail}
	if s.Where != "" {
		parts = []string{s.Where, s.Step, s.Detail}
	}
	return strings.Join(parts, ": ")
}

// outcomeOf is what a verdict about something inside is worth outside.
func outcomeOf(verdict imagefile.Verdict) Outcome {
	switch verdict {
	case imagefile.Accepted:
		return Proven
	case imagefile.Refused:
		return Failed
	}
	return NotProven
}

// signersOf lists the signers of a bundle, of which some are trusted.
func signersOf(named, trusted []sign.Signer) []Signer {
	if len(named) == 0 {
		named = trusted // a raw signature does not tell
	}
	list := []Signer{}
	for _, s := range named {
		signer := Signer{Subject: s.Subject, Key: s.Key, KeyFingerprint: s.KeyFingerprint, CertificateFingerprint: s.CertificateFingerprint}
		for _, t := range trusted {
			signer.Trusted = signer.Trusted || t.KeyFingerprint == s.KeyFingerprint && t.CertificateFingerprint == s.CertificateFingerprint
		}
		list = append(list, signer)
	}
	return list
}
