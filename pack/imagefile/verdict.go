package imagefile

import (
	"encoding/hex"
	"fmt"

	"github.com/fwpack/fwpack/mcuboot"
)

// newVerification puts a report into its final form.
func (f *File) newVerification(report *mcuboot.Report, b mcuboot.Bootloader) *Verification {
	v := &Verification{
		Kind: kind, File: f.Name, Verdict: Accepted, Upgrade: report.Upgrade,
		Rules: []RuleResult{}, Proven: []string{}, NotChecked: []NotChecked{},
	}
	if f.Image != nil {
		v.Version = f.Image.Header.Version.String()
		if hash, digest := f.Image.StoredDigest(); hash != 0 {
			v.Hash, v.Digest = hashName(hash), hex.EncodeToString(digest)
		}
	}
	for _, finding := range report.Findings {
		v.add(finding, asked(finding.Rule, b))
	}
	if _, reached := report.Finding(mcuboot.RuleTrailer); reached {
		v.unknown(report, f.Image, b)
	}
	return v
}

// kind is that of an image in JSON.
const kind = "mcuboot"

// asked tells whether the verdict depends on a rule: whoever describes no slot
// has not asked whether the image fits it, and whoever names no other images has
// not asked whether they are there.
func asked(rule mcuboot.Rule, b mcuboot.Bootloader) bool {
	switch rule {
	case mcuboot.RuleSize:
		return b.SlotSize != 0
	case mcuboot.RuleDependencies:
		return b.Images != nil
	}
	return true
}

// add adds what came out of a rule, which may make the verdict worse. A broken
// rule always does.
func (v *Verification) add(f mcuboot.Finding, asked bool) {
	failed := f.Outcome == mcuboot.Failed
	v.Rules = append(v.Rules, RuleResult{string(f.Rule), f.Outcome.String(), f.Detail, asked || failed})
	switch {
	case failed:
		v.Verdict = Refused
	case f.Outcome == mcuboot.Passed:
		v.Proven = append(v.Proven, string(f.Rule))
	default:
		v.NotChecked = append(v.NotChecked, NotChecked{string(f.Rule), f.Detail})
		if asked && v.Verdict == Accepted {
			v.Verdict = NotProven
		}
	}
}

// unknown lists the rules that a bootloader may have, and that this one has not
// as nothing is known of the device.
func (v *Verification) unknown(report *mcuboot.Report, img *mcuboot.Image, b mcuboot.Bootloader) {
	has := func(t mcuboot.TLVType) bool {
		_, ok := mcuboot.Find(img.Protected, t)
		return ok
	}
	fixed := img.Header.Flags&(mcuboot.FlagRAMLoad|mcuboot.FlagROMFixed) != 0
	for _, rule := range []struct {
		rule mcuboot.Rule
		may  bool
		why  string
	}{
		{mcuboot.RuleCounter, has(mcuboot.TLVSecurityCounter), "the counter of the device is not known"},
		{mcuboot.RuleVendor, has(mcuboot.TLVVendorID), "the vendor of the device is not known"},
		{mcuboot.RuleClass, has(mcuboot.TLVClassID), "the class of the device is not known"},
		{mcuboot.RuleVersion, !b.Primary, "the version that is installed is not known"},
		{mcuboot.RuleAddress, fixed, "the addresses of flash and RAM are not known"},
	} {
		if _, reached := report.Finding(rule.rule); rule.may && !reached {
			v.NotChecked = append(v.NotChecked, NotChecked{string(rule.rule), rule.why})
		}
	}
}

// notes says what else a person should know.
func (v *Verification) notes(f *File, o VerifyOptions, used []TrustedKey) {
	for _, key := range o.Trust {
		if len(used) > 0 && key.Type != used[0].Type {
			v.notef("%s: of type %s: not looked at, as a bootloader knows keys of one type", key.File, key.Type)
		}
	}
	if f.Image == nil {
		return
	}
	switch {
	case !f.Image.Encrypted() && o.DecryptionKey != nil:
		v.notef("the key to decrypt with was not needed: the body is not encrypted")
	case f.neverEncrypted():
		v.notef("the body is in the clear although it is flagged as encrypted: the image is for the primary slot only")
	}
	if f.Offset != 0 {
		v.notef("the image begins at %#x, in the second sector: for bootloaders that swap using offset", f.Offset)
	}
}

func (v *Verification) notef(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}
