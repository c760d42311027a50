package swufile

import (
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// signature proves that somebody who is trusted has signed the description.
func (v *verifier) signature(result *Verification, f *File) {
	var named []sign.Signer
	if f.CMS != nil {
		named = f.CMS.Signers
		if f.CMS.Trailing > 0 {
			result.notef("%s: %d bytes behind the CMS, which devices ignore and nothing signs", swu.Signature, f.CMS.Trailing)
		}
	}
	signers, outcome, detail := v.verifySignature(f)
	if outcome == Proven && f.CMS != nil && len(signers) < len(named) {
		result.notef("%d of %d signers are not known, and the device skips them", len(named)-len(signers), len(named))
	}
	if note := v.laxer(f, outcome); note != "" {
		result.notef("%s", note)
	}
	result.Signers = signersOf(named, signers)
	result.add(StepSignature, "", outcome, "%s", detail)
}

func (v *verifier) verifySignature(f *File) ([]sign.Signer, Outcome, string) {
	switch {
	case f.Signature == nil && v.Trust.bundles():
		return nil, Failed, "there is none: the bundle is not signed"
	case f.Signature == nil:
		return nil, NotProven, "there is none, and nobody to trust is named"
	case !v.Trust.bundles():
		return nil, NotProven, "no certificate or RSA key to trust is named"
	case f.shut():
		return nil, NotProven, "is over the description in clear, which cannot be read"
	}
	if wrong := v.wrongScheme(f); wrong != "" {
		return nil, Failed, wrong
	}
	if f.CMS != nil && len(v.Trust.Roots) == 0 {
		return nil, NotProven, "is a CMS, and no certificate to trust is named"
	}
	signers, err := v.signers(f, v.strict())
	if err != nil {
		return nil, Failed, err.Error()
	}
	if f.CMS == nil {
		return signers, Proven, fmt.Sprintf("raw, by the key %s", signers[0].KeyFingerprint)
	}
	return signers, Proven, "by " + subjects(signers)
}

// shut tells whether the description is encrypted and was not opened.
func (f *File) shut() bool {
	return IsEncrypted(f.Source)
}

// wrongScheme says that the device knows another kind of signature.
func (v *verifier) wrongScheme(f *File) string {
	want := v.Target.Verifier
	isCMS := f.CMS != nil
	switch {
	case want == "" || want == swupdate.VerifierNone || want == swupdate.VerifierCMS && isCMS:
		return ""
	case want == swupdate.VerifierGPG:
		return "the device verifies signatures of GnuPG, which are not known here"
	case want == swupdate.VerifierCMS:
		return "is no CMS, as the device wants it"
	case isCMS:
		return fmt.Sprintf("is a CMS, and the device wants %s", want)
	}
	return ""
}

// rules are those in which clients differ.
type rules struct{ ignoreShipped, skipUnknown bool }

// strict are the rules of the target. Without one no intermediate certificate in a
// CMS helps, as with Debian 12, and all signers must be known, as with others.
func (v *verifier) strict() rules {
	if v.Target.Name == "" {
		return rules{ignoreShipped: true}
	}
	return rules{v.Target.IgnoresExtraCertificates == swupdate.Yes, v.Target.SkipsUnknownSigners == swupdate.Yes}
}

// signers verifies the signature. One that is no CMS may still begin like one.
func (v *verifier) signers(f *File, r rules) ([]sign.Signer, error) {
	trust := sign.Trust{
		Roots: v.Trust.Roots, Keys: v.Trust.raw(), Now: v.Now, Purpose: v.Purpose,
		IgnoreShipped: r.ignoreShipped, SkipUnknown: r.skipUnknown,
	}
	if f.CMS != nil || len(trust.Keys) == 0 {
		return sign.Verify(sign.SchemeCMS, f.Source, f.Signature.Data, trust)
	}
	var err error
	for _, scheme := range []sign.Scheme{sign.SchemeRSAPKCS1v15, sign.SchemeRSAPSS} {
		if want := v.Target.Verifier; want != "" && want != swupdate.VerifierNone && string(want) != string(scheme) {
			continue
		}
		var signers []sign.Signer
		if signers, err = sign.Verify(scheme, f.Source, f.Signature.Data, trust); err == nil {
			return signers, nil
		}
	}
	return nil, err
}

// laxer says which clients accept what the strictest do not.
func (v *verifier) laxer(f *File, outcome Outcome) string {
	if v.Target.Name != "" || outcome != Failed || f.CMS == nil || f.shut() || len(v.Trust.Roots) == 0 {
		return ""
	}
	for _, client := range []struct {
		rules
		who string
	}{
		{rules{}, "devices that use the intermediate certificates in a CMS accept the signature: SWUpdate does, unless built otherwise; Debian 12's does not"},
		{rules{true, true}, "devices that skip unknown signers accept the signature: Debian 12's SWUpdate does, others only if built so"},
		{rules{false, true}, "devices that use the intermediate certificates in a CMS and skip unknown signers accept the signature"},
	} {
		if _, err := v.signers(f, client.rules); err == nil {
			return client.who
		}
	}
	return ""
}

// subjects names signers; those that a certificate gives no name by their keys.
func subjects(signers []sign.Signer) string {
	var names []string
	for _, s := range signers {
		name := s.Subject
		if name == "" {
			name = s.KeyFingerprint
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return joinAnd(slices.Compact(names))
}

func joinAnd(names []string) string {
	if n := len(names); n > 1 {
		return fmt.Sprintf("%s and %s", joinComma(names[:n-1]), names[n-1])
	}
	return joinComma(names)
}
