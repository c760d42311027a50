package imagebuild

import (
	"crypto"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// Draft is an image up to its signature.
type Draft struct {
	Image  *mcuboot.Image // with a signature of zeros
	Report *mcuboot.Report
	// Fit says how the image fills its slot; nil where that is not known.
	Fit *mcuboot.Fit
	// Problems are what the bootloader would refuse, a line each.
	Problems []string
	// Warnings are what may not work on the device, a line each.
	Warnings []string
	// Settings are what the bootloader was taken for: those of the profile, and
	// what the image itself suggests.
	Settings []profile.Setting
	// Digest is that of the image, which `mcumgr image list` shows; nil where it
	// depends on the signature, as that of a compressed image does.
	Digest []byte

	spec     *Spec
	firmware *Firmware
	options  mcuboot.Options
	request  *mcuboot.Request // nil for a compressed image
	signed   *mcuboot.Image   // with a signature of zeros; of a compressed image what it was before
	profile  *profile.Profile
}

// Keys are the public halves that a draft needs, and what encryption draws from.
type Keys struct {
	Signing   crypto.PublicKey // nil: a stand-in of the type that the spec says, if any
	Recipient crypto.PublicKey // of an encrypted image; see mcuboot.Encryption
	Rand      io.Reader
}

// NewDraft makes the image up to its signature. An error is about what no image can
// be made of; what the bootloader would refuse is among the draft's problems.
func NewDraft(spec *Spec, f *Firmware, keys Keys) (*Draft, error) {
	d := &Draft{spec: spec, firmware: f, options: spec.Options}
	d.options.ErasedZero = spec.Profile.ErasedZero()
	d.options.Signing.PublicKey = keys.Signing
	if keys.Signing == nil {
		d.options.Signing.PublicKey = mcuboot.StandIn(spec.Signature)
	}
	if spec.Options.Encryption != nil {
		e := *spec.Options.Encryption
		e.Recipient, e.Rand = keys.Recipient, keys.Rand
		d.options.Encryption = &e
	}
	extra, err := d.image()
	if err != nil {
		return nil, err
	}
	if err := d.describe(); err != nil {
		return nil, err
	}
	return d, d.judge(extra, keys.Signing)
}

// image makes the image. Extra is what a compressed image, which can only be
// drafted unsigned, will have besides.
func (d *Draft) image() (extra []mcuboot.FitPart, err error) {
	if d.options.Compression != nil {
		return d.compressedImage()
	}
	if d.request, err = mcuboot.ToBeSigned(d.firmware.Data, d.options); err != nil {
		return nil, err
	}
	d.Digest = d.request.Digest
	d.Image, err = d.request.Draft()
	d.signed = d.Image
	return nil, err
}

func (d *Draft) compressedImage() ([]mcuboot.FitPart, error) {
	plain := d.options
	plain.Compression, plain.Encryption = nil, nil
	request, err := mcuboot.ToBeSigned(d.firmware.Data, plain)
	if err != nil {
		return nil, err
	}
	before, err := request.Draft()
	if err != nil {
		return nil, err
	}
	d.signed = before
	if err := d.fitsUnpacked(before); err != nil {
		return nil, err
	}
	unsigned := d.options
	unsigned.Signing = mcuboot.Signing{Hash: request.Hash} // which the type of the key decides
	if unsigned.Encryption != nil {
		readable := *unsigned.Encryption
		readable.Clear = true
		unsigned.Encryption = &readable
	}
	if d.Image, err = mcuboot.Build(d.firmware.Data, unsigned); err != nil {
		return nil, err
	}
	return d.signatures(before), nil
}

// fitsUnpacked wants the image to fit before it is compressed, too: the bootloader
// unpacks it into a slot.
func (d *Draft) fitsUnpacked(before *mcuboot.Image) error {
	b := d.spec.Profile.Bootloader()
	if b.SlotSize == 0 || before.Size() <= b.SlotSize {
		return nil
	}
	return fmt.Errorf("%d bytes before it is compressed: the slot that it is unpacked into has %d", before.Size(), b.SlotSize)
}

// signatures is the room that the two signatures of a compressed image take, and
// the name of their key.
func (d *Draft) signatures(signed *mcuboot.Image) []mcuboot.FitPart {
	size := 0
	for _, tlv := range signed.Unprotected {
		switch {
		case tlv.Type == mcuboot.TLVKeyHash || tlv.Type == mcuboot.TLVPubKey || tlv.Type == mcuboot.TLVSigPure:
			size += 4 + len(tlv.Value)
		case IsSignature(tlv.Type):
			size += 2 * (4 + len(tlv.Value))
		}
	}
	if size == 0 {
		return nil
	}
	return []mcuboot.FitPart{{Name: "signatures", Size: size}}
}

// IsSignature tells whether a TLV of type t holds a signature.
func IsSignature(t mcuboot.TLVType) bool {
	return slices.Contains([]mcuboot.TLVType{mcuboot.TLVRSA2048, mcuboot.TLVRSA3072, mcuboot.TLVECDSA, mcuboot.TLVEd25519}, t)
}

// describe completes the profile by what the image suggests, and how it is to be
// signed: a draft may have no signature.
func (d *Draft) describe() error {
	full, signing := d.spec.Profile.Clone(), d.options.Signing
	suggested := map[string]string{
		"pure": strconv.FormatBool(signing.Pure), "key-tlv": map[bool]string{false: "keyhash", true: "pubkey"}[signing.FullKey],
	}
	if signing.PadSignature {
		suggested["padded-signatures"] = "true"
	}
	for key, value := range suggested {
		if full.Has(key) {
			continue
		}
		if err := full.Set(profile.Setting{Key: key, Value: value, From: profile.FromImage}); err != nil {
			return err
		}
	}
	var err error
	if d.profile, err = full.Complete(d.Image); err == nil {
		d.Settings = d.profile.Settings()
	}
	return err
}

// judge holds the draft against the bootloader's rules, but for the signature.
func (d *Draft) judge(extra []mcuboot.FitPart, key crypto.PublicKey) error {
	data, err := d.Image.MarshalBinary()
	if err != nil {
		return err
	}
	b := d.bootloader()
	b.Revert = false                // the trailer comes later, or is written on the device
	b.Primary = d.Image.Encrypted() // where the draft can be read
	b.Keys, b.Unsigned = nil, false
	if d.Report, err = mcuboot.Verify(data, b); err != nil {
		return err
	}
	for _, f := range d.Report.Findings {
		if f.Outcome == mcuboot.Failed && f.Rule != mcuboot.RuleSize && !d.meant(f.Rule) {
			d.problemf("rule %q: %s", f.Rule, f.Detail)
		}
	}
	d.fit(b, extra)
	d.checkKey(key)
	d.warn()
	if err := d.checkTrusted(); err != nil {
		return err
	}
	return d.checkSignature()
}

// meant tells whether the spec breaks the rule on purpose: what is not bootable is
// for another program than the bootloader, and MCUboot's own reads no big-endian
// header, nor anything behind it.
func (d *Draft) meant(rule mcuboot.Rule) bool {
	return rule == mcuboot.RuleBootable && d.spec.Options.NonBootable ||
		rule == mcuboot.RuleHeader && d.spec.Options.ByteOrder == mcuboot.BigEndian
}

// checkTrusted refuses keys that no bootloader trusts together.
func (d *Draft) checkTrusted() error {
	b := d.bootloader()
	b.Keys, b.Unsigned = d.spec.Trusted, false
	_, err := mcuboot.Verify(nil, b)
	return err
}

func (d *Draft) problemf(format string, args ...any) {
	d.Problems = append(d.Problems, fmt.Sprintf(format, args...))
}

// fit says what takes how many bytes.
func (d *Draft) fit(b mcuboot.Bootloader, extra []mcuboot.FitPart) {
	fit, err := b.Fit(d.Image)
	if err != nil {
		return // it is not known
	}
	fit.Parts = append(fit.Parts, extra...)
	d.Fit = &fit
	if fit.Free() < 0 {
		d.problemf("rule %q: %d bytes with all that the bootloader needs: %d more than the slot of %d has: %s", mcuboot.RuleSize, fit.Used(), -fit.Free(), fit.Slot, rows(fit))
	}
}

// rows is a table of what takes how many bytes, in a line.
func rows(fit mcuboot.Fit) string {
	text := ""
	for i, part := range fit.Parts {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", part.Name, part.Size)
	}
	return text
}

// checkSignature wants the signature to be where the bootloader looks for it, named as
// it expects. That it is none yet does not count.
func (d *Draft) checkSignature() error {
	b := d.bootloader()
	key := d.options.Signing.PublicKey
	if key == nil || b.Unsigned || len(d.Problems) > 0 {
		return nil
	}
	data, err := d.signed.MarshalBinary()
	if err != nil {
		return err
	}
	b.Revert, b.Primary, b.Keys = false, true, []crypto.PublicKey{key}
	report, err := mcuboot.Verify(data, b)
	if err != nil {
		return err
	}
	f, _ := report.Finding(mcuboot.RuleSignature)
	if f.Outcome == mcuboot.Failed && !strings.HasSuffix(f.Detail, "does not match the image") {
		d.problemf("rule %q: %s", f.Rule, f.Detail)
	}
	return nil
}

// checkKey wants the signing key to be one that the bootloader knows.
func (d *Draft) checkKey(key crypto.PublicKey) {
	kind := d.spec.Signature
	if key != nil {
		kind, _ = mcuboot.KeyTypeOf(key)
	}
	known, given := d.profile.Signature(), d.profile.Has("signature")
	switch {
	case given && known != 0 && kind != 0 && kind != known:
		d.problemf("rule %q: a key of type %s signs: the bootloader knows %s", mcuboot.RuleSignature, kind, known)
	case given && known != 0 && kind == 0:
		d.problemf("rule %q: the image is not signed: the bootloader wants a signature by a key of type %s", mcuboot.RuleSignature, known)
	case key != nil && len(d.spec.Trusted) > 0 && !slices.ContainsFunc(d.spec.Trusted, func(trusted crypto.PublicKey) bool { return same(trusted, key) }):
		d.problemf("rule %q: the key that signs is none that the bootloader trusts", mcuboot.RuleSignature)
	}
}

func same(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}

// bootloader is the one that the image is held against.
func (d *Draft) bootloader() mcuboot.Bootloader {
	b := d.spec.bootloader(d.profile)
	b.Decompress = firmware.Decompress
	return b
}

// Size is that of an output in bytes, where it can be told before the image is
// signed: signatures by ECDSA vary.
func (d *Draft) Size(o Output) (size int64, known bool) {
	switch {
	case o.Hex() || o.Purpose == Factory:
		return 0, false
	case o.Purpose != OTA:
		b := d.bootloader()
		return int64(b.UpgradeSlot().Size), true
	}
	_, ecdsa := mcuboot.Find(d.Image.Unprotected, mcuboot.TLVECDSA)
	return int64(d.Image.Size()), d.request != nil && !ecdsa
}
