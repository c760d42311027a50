package imagefile

import (
	"crypto"
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// VerifyOptions say by whom an image is judged.
type VerifyOptions struct {
	// Bootloader is the one that judges, without its keys: they are the next two.
	// See File.Bootloader where it is not described.
	Bootloader mcuboot.Bootloader
	// Profile is the same, described by settings; where there is one, Bootloader
	// does not count. What it does not say is taken from the image.
	Profile *profile.Profile
	// Primary says that Profile's bootloader finds the image in its primary slot.
	Primary bool
	// Trust are keys that are trusted. A bootloader knows keys of one type, and
	// those of the type that the image is signed with are taken.
	Trust []TrustedKey
	// DecryptionKey is as for mcuboot.UnwrapKey; nil leaves encrypted bodies
	// unchecked.
	DecryptionKey crypto.PrivateKey
}

// Verdict is what came out of verifying an image.
type Verdict string

// The verdicts.
const (
	Accepted  Verdict = "accepted"   // all that was asked has been proven
	Refused   Verdict = "refused"    // a rule is broken
	NotProven Verdict = "not proven" // no rule is broken, as far as could be checked
)

// Verification is what a bootloader makes of an image.
type Verification struct {
	Kind    string  `json:"kind"` // "mcuboot"
	File    string  `json:"file"`
	Verdict Verdict `json:"verdict"`

	Version string `json:"version,omitempty"` // absent where the image cannot be read
	// Digest is the one that the image holds, in hex: what devices show, as in
	// "mcumgr image list".
	Digest string `json:"digest,omitempty"`
	Hash   string `json:"hash,omitempty"` // of Digest: "sha256"
	// Upgrade is what the bootloader does with the image in the secondary slot.
	Upgrade mcuboot.Upgrade `json:"upgrade"`

	Rules      []RuleResult `json:"rules"`       // in the bootloader's order, up to where it stops
	Proven     []string     `json:"proven"`      // rules
	NotChecked []NotChecked `json:"not_checked"` // and why
	// Bootloader is what the bootloader was taken for; absent where nothing is said
	// of it.
	Bootloader []profile.Setting `json:"bootloader,omitempty"`
	SignedBy   *Key              `json:"signed_by,omitempty"`
	Fit        *Fit              `json:"fit,omitempty"` // where the slot is known
	Notes      []string          `json:"notes,omitempty"`
}

// RuleResult is what came out of one of the bootloader's rules.
type RuleResult struct {
	Rule    string `json:"rule"`
	Outcome string `json:"outcome"` // "passed", "failed" or "unchecked"
	Detail  string `json:"detail,omitempty"`
	// Asked says that the verdict depends on the rule. It does not depend on the
	// room in a slot that nobody described, nor on other images.
	Asked bool `json:"asked"`
}

// NotChecked is something that a bootloader may check, and that was not.
type NotChecked struct {
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

// Fit is how an image fills a slot, in bytes.
type Fit struct {
	Slot  int       `json:"slot"`
	Used  int       `json:"used"`
	Free  int       `json:"free"` // less than 0 where the image does not fit
	Parts []FitPart `json:"parts"`
}

// FitPart is a part of a slot that is taken.
type FitPart struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// Bootloader describes the bootloader that the image seems to be meant for, as far
// as image and trailer tell. It says nothing of the slots.
func (f *File) Bootloader() mcuboot.Bootloader {
	if f.Image == nil {
		return mcuboot.Bootloader{}
	}
	b := f.Image.Bootloader()
	b.Primary = f.neverEncrypted()
	if f.Trailer != nil {
		b.MaxAlign = f.Trailer.MaxAlign
	}
	return b
}

// neverEncrypted tells whether the body is in the clear although the header says
// that it is encrypted, as in an image for the primary slot.
func (f *File) neverEncrypted() bool {
	return f.Image.Encrypted() && digestProblem(f.Image) == nil
}

// Verify says what the bootloader makes of the image. An error is about the
// description of the bootloader; what is wrong with the image is in the result,
// damage of every kind included.
func (f *File) Verify(o VerifyOptions) (*Verification, error) {
	b, settings, err := f.judge(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	keys := f.matching(o.Trust)
	b.Keys = publicKeys(keys)
	b.Decompress = decompress
	if b.EncryptionTLV != 0 {
		b.EncryptionKey = o.DecryptionKey
	}
	report, err := mcuboot.Verify(f.judged(b), b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, bare(err))
	}
	v := f.newVerification(report, b)
	v.Bootloader = settings
	v.notes(f, o, keys)
	if finding, ok := report.Finding(mcuboot.RuleSignature); ok && finding.Outcome == mcuboot.Passed {
		v.SignedBy = f.signedBy(b, keys)
	}
	if b.SlotSize != 0 && f.Image != nil {
		if fit, err := b.Fit(f.Image); err == nil {
			v.Fit = newFit(fit)
		}
	}
	return v, nil
}

// judge is the bootloader that judges.
func (f *File) judge(o VerifyOptions) (mcuboot.Bootloader, []profile.Setting, error) {
	if o.Profile == nil || f.Image == nil {
		return o.Bootloader, nil, nil
	}
	full, err := o.Profile.Complete(f.Image)
	if err != nil {
		return o.Bootloader, nil, err
	}
	b := full.Bootloader()
	b.Primary = o.Primary || f.neverEncrypted()
	if f.Trailer != nil && b.MaxAlign == 0 && b.Align == 0 {
		b.MaxAlign = f.Trailer.MaxAlign
	}
	return b, full.Settings(), nil
}

// judged returns what the bootloader is shown: the whole slot where it is
// described, else the image and what is behind it.
func (f *File) judged(b mcuboot.Bootloader) []byte {
	if b.SlotSize != 0 {
		return f.Slot
	}
	return f.Slot[f.Offset:]
}

// decompress makes nothing larger than a slot can be.
func decompress(body []byte, armThumb bool, limit int64) ([]byte, error) {
	return firmware.Decompress(body, armThumb, min(limit, MaxSize))
}

// matching returns the keys of the type that the image is signed with, else all of
// the type of the first.
func (f *File) matching(keys []TrustedKey) []TrustedKey {
	if len(keys) == 0 {
		return nil
	}
	kind := keys[0].Type
	for _, key := range keys {
		if f.SignedWith(key.Type) {
			kind = key.Type
			break
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k TrustedKey) bool { return k.Type != kind })
}

// SignedWith tells whether the image has a signature by a key of this type, as far
// as its TLVs tell. P-256 and P-384 have the same; the latter goes with SHA-384.
func (f *File) SignedWith(kind mcuboot.KeyType) bool {
	if f.Image == nil {
		return false
	}
	_, signed := mcuboot.Find(f.Image.Unprotected, signatureTLV(kind))
	hash, _ := f.Image.StoredDigest()
	switch kind {
	case mcuboot.ECDSAP256:
		return signed && hash != crypto.SHA384
	case mcuboot.ECDSAP384:
		return signed && hash == crypto.SHA384
	}
	return signed
}

// Signed tells whether the image has a signature of any type.
func (f *File) Signed() bool {
	return slices.ContainsFunc([]mcuboot.KeyType{mcuboot.RSA2048, mcuboot.RSA3072, mcuboot.ECDSAP256, mcuboot.ECDSAP384, mcuboot.Ed25519}, f.SignedWith)
}

// signatureTLV returns the type of the TLV with a signature by a key of type kind.
func signatureTLV(kind mcuboot.KeyType) mcuboot.TLVType {
	switch kind {
	case mcuboot.RSA2048:
		return mcuboot.TLVRSA2048
	case mcuboot.RSA3072:
		return mcuboot.TLVRSA3072
	case mcuboot.Ed25519:
		return mcuboot.TLVEd25519
	}
	return mcuboot.TLVECDSA
}

func publicKeys(keys []TrustedKey) []crypto.PublicKey {
	var all []crypto.PublicKey
	for _, k := range keys {
		all = append(all, k.Public)
	}
	return all
}

// signedBy finds the one key that makes the signature good.
func (f *File) signedBy(b mcuboot.Bootloader, keys []TrustedKey) *Key {
	for _, key := range keys {
		b.Keys = []crypto.PublicKey{key.Public}
		report, err := mcuboot.Verify(f.judged(b), b)
		if err != nil {
			return nil
		}
		if finding, ok := report.Finding(mcuboot.RuleSignature); ok && finding.Outcome == mcuboot.Passed {
			k := describeKey(key.Public, key.File)
			return &k
		}
	}
	return nil
}

func newFit(fit mcuboot.Fit) *Fit {
	f := &Fit{Slot: fit.Slot, Used: fit.Used(), Free: fit.Free()}
	for _, p := range fit.Parts {
		f.Parts = append(f.Parts, FitPart{p.Name, p.Size})
	}
	return f
}
