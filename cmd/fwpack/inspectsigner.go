package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/inspect"
)

// signers says who signed a file.
func (v *view) signers(ins *inspect.Inspection) {
	signed := map[inspect.Kind]string{inspect.KindBundle: "the bundle", inspect.KindImage: "the image"}[ins.Kind]
	switch {
	case signed != "" && len(ins.Signers) == 0 && (ins.Bundle != nil || ins.Image != nil):
		v.row(yellow, "signature", "none: %s is not signed", signed)
	case ins.Kind == inspect.KindSignature && ins.Signature.Kind == "cms":
		v.row(plain, "signature", "cms, %s", plural(len(ins.Signers), "signer"))
	case ins.Kind == inspect.KindSignature:
		return // it names nobody
	}
	for i := range ins.Signers {
		v.signer(&ins.Signers[i])
	}
}

func (v *view) signer(s *inspect.Signer) {
	who, color := "unknown", yellow
	switch s.Known {
	case inspect.KnownByKeyring:
		who, color = s.File, green
	case inspect.KnownPublished:
		who, color = "published development key", red
	}
	verified := map[string]string{
		inspect.Yes: "verified", inspect.No: "the signature does not match", inspect.Unknown: "not verified",
	}[s.Verified]
	if s.Verified == inspect.No {
		color = red
	}
	v.row(color, "signed by", "%s (%s)", who, joined("; ", joined(", ", s.Key, schemeWords(s)), verified))
	if s.Subject != "" {
		v.row(plain, "  subject", "%s", s.Subject)
	}
	if s.SigningTime != "" {
		v.row(plain, "  at", "%s", s.SigningTime)
	}
	if s.KeyFingerprint != "" {
		v.row(faint, "  key", "%s", digits(s.KeyFingerprint))
	}
	if s.KeyHash != "" {
		v.row(faint, "  key hash", "%s", shortened(s.KeyHash))
	}
	if s.CertificateFingerprint != "" {
		v.row(faint, "  certificate", "%s", digits(s.CertificateFingerprint))
	}
	if s.Published != "" {
		v.row(red, "  published", "%s", s.Published)
	}
}

// schemeWords says how a signature is made.
func schemeWords(s *inspect.Signer) string {
	switch {
	case s.Scheme == "cms":
		return joined(" ", "CMS", s.Digest)
	case s.Scheme == "mcuboot":
		return fmt.Sprintf("%s, %d bytes", s.Algorithm, s.Size)
	case s.Scheme == "raw":
		return fmt.Sprintf("raw signature of %d bytes, which names no key", s.Size)
	}
	return s.Scheme
}

// digits are those of a fingerprint, by SHA-256 as all are: so a line has room for
// them.
func digits(fingerprint string) string { return strings.TrimPrefix(fingerprint, "sha256:") }
