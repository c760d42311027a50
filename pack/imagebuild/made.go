package imagebuild

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// Made is a finished image.
type Made struct {
	Image *mcuboot.Image
	// Report is what the bootloader makes of it. Its signature has been verified;
	// nil in a rehearsal.
	Report *mcuboot.Report

	draft *Draft
	clear *mcuboot.Image // as it stands in the primary slot
}

// Request is what a key that is elsewhere has to sign; nil for a compressed image,
// which holds two signatures.
func (d *Draft) Request() *mcuboot.Request { return d.request }

// Sign lets the key sign that is at hand; a nil one makes an unsigned image.
func (d *Draft) Sign(signer crypto.Signer, random io.Reader) (*Made, error) {
	if signer == nil || d.request == nil {
		return d.build(signer, random)
	}
	signature, err := d.request.Sign(signer, random)
	if err != nil {
		return nil, err
	}
	return d.Attach(signature)
}

// Attach takes a signature that was made elsewhere. An error wraps
// mcuboot.ErrSignature if it is none of the image.
func (d *Draft) Attach(signature []byte) (*Made, error) {
	if d.request == nil {
		return nil, errors.New("a compressed image holds two signatures: its key has to be at hand")
	}
	img, err := d.request.Attach(signature)
	if err != nil && !errors.Is(err, mcuboot.ErrSignature) { // what is no signature at all
		err = fmt.Errorf("%w: %w", mcuboot.ErrSignature, err)
	}
	if err != nil {
		return nil, err
	}
	if d.options.Encryption == nil {
		return d.made(img, img)
	}
	// The one for the primary slot has an AES key of its own: nothing is
	// encrypted with that here.
	readable := d.options
	readable.Encryption = d.readable()
	request, err := mcuboot.ToBeSigned(d.firmware.Data, readable)
	if err != nil {
		return nil, err
	}
	plain, err := request.Attach(signature)
	if err != nil {
		return nil, err
	}
	return d.made(img, plain)
}

func (d *Draft) readable() *mcuboot.Encryption {
	e := *d.options.Encryption
	e.Clear = true
	return &e
}

// build makes images that are compressed, or not signed.
func (d *Draft) build(signer crypto.Signer, random io.Reader) (*Made, error) {
	o := d.options
	o.Signing.PublicKey, o.Signing.Signer, o.Signing.Rand = nil, signer, random
	img, err := mcuboot.Build(d.firmware.Data, o)
	if err != nil || o.Encryption == nil {
		return d.made(img, img, err)
	}
	o.Encryption = d.readable()
	plain, err := mcuboot.Build(d.firmware.Data, o)
	return d.made(img, plain, err)
}

// made verifies the finished image the way the bootloader will.
func (d *Draft) made(img, plain *mcuboot.Image, errs ...error) (*Made, error) {
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	m := &Made{Image: img, draft: d, clear: plain}
	data, err := plain.MarshalBinary()
	if err != nil {
		return nil, err
	}
	b := m.bootloader()
	b.Revert, b.Primary = false, true
	if m.Report, err = mcuboot.Verify(data, b); err != nil {
		return nil, err
	}
	for _, f := range m.Report.Findings {
		if f.Outcome == mcuboot.Failed && !d.meant(f.Rule) {
			return nil, fmt.Errorf("rule %q: %s", f.Rule, f.Detail)
		}
	}
	return m, nil
}

// bootloader is the one that the image is for, and that trusts its key.
func (m *Made) bootloader() mcuboot.Bootloader {
	b := m.draft.bootloader()
	switch key := m.draft.options.Signing.PublicKey; {
	case b.Unsigned:
	case len(m.draft.spec.Trusted) > 0:
		b.Keys = m.draft.spec.Trusted
	case key != nil:
		b.Keys = []crypto.PublicKey{key}
	default:
		b.Unsigned = true
	}
	return b
}

// Bytes returns the content of an output.
func (m *Made) Bytes(o Output) ([]byte, error) {
	switch o.Purpose {
	case Factory:
		return m.factory(o)
	case OTA:
		return m.ota(o)
	}
	return m.slot(o)
}

func (m *Made) ota(o Output) ([]byte, error) {
	data, err := m.Image.MarshalBinary()
	if err != nil || !o.Hex() {
		return data, err
	}
	base, err := m.base()
	if err != nil {
		return nil, err
	}
	return writeHex(part{base, data, "the image"})
}

// errNoAddress is the error of an output with addresses where nobody says which.
var errNoAddress = errors.New("the address of the slot is not known, and Intel HEX has addresses: want slot-address, or an input with addresses")

// base is the address of the primary slot.
func (m *Made) base() (uint32, error) {
	if _, addr, known := m.draft.spec.Slot(); known {
		return addr, nil
	}
	if base := m.draft.firmware.Base; base != nil && m.draft.spec.Options.LoadAddr == 0 {
		return *base, nil
	}
	return 0, errNoAddress
}

// slot makes what a programmer writes for the bootloader to find an upgrade.
func (m *Made) slot(o Output) ([]byte, error) {
	b := m.bootloader()
	s := b.UpgradeSlot()
	s.ErasedZero = m.draft.profile.ErasedZero()
	s.ByteOrder = m.draft.spec.Options.ByteOrder
	mark := mcuboot.MarkTest
	if o.Purpose == Confirmed {
		mark = mcuboot.MarkConfirm
	}
	data, err := m.Image.MarshalBinary()
	if err != nil {
		return nil, err
	}
	whole, err := s.Pad(data, mark)
	if err != nil {
		return nil, err
	}
	if m.Report != nil {
		if err := m.checkSlot(whole, o.Purpose); err != nil {
			return nil, err
		}
	}
	if !o.Hex() {
		return whole, nil
	}
	return m.slotHex(b.Mode, s, data, mark)
}

// checkSlot reads the slot back as the bootloader will.
func (m *Made) checkSlot(slot []byte, purpose Purpose) error {
	b := m.bootloader()
	report, err := mcuboot.Verify(slot, b)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		if f.Outcome == mcuboot.Failed && !m.draft.meant(f.Rule) {
			return fmt.Errorf("rule %q: %s", f.Rule, f.Detail)
		}
	}
	want := map[Purpose]mcuboot.Upgrade{Test: mcuboot.UpgradeTest, Confirmed: mcuboot.UpgradePermanent}[purpose]
	if b.Mode == mcuboot.OverwriteOnly {
		want = mcuboot.UpgradePermanent // there is nothing to go back to
	}
	if b.Mode.Waits() && report.Upgrade != want {
		return fmt.Errorf("internal error: the upgrade is %s, want %s", report.Upgrade, want)
	}
	return nil
}

// slotHex leaves out what is erased.
func (m *Made) slotHex(mode mcuboot.Mode, s mcuboot.Slot, data []byte, mark mcuboot.Mark) ([]byte, error) {
	base, err := m.upgradeBase(mode)
	if err != nil {
		return nil, err
	}
	records, err := s.Records(mark)
	if err != nil {
		return nil, err
	}
	parts := []part{{base + uint32(s.ImageOffset), data, "the image"}}
	for _, r := range records {
		parts = append(parts, part{base + uint32(r.Offset), r.Data, "the trailer"})
	}
	return writeHex(parts...)
}

func (m *Made) upgradeBase(mode mcuboot.Mode) (uint32, error) {
	if !mode.Waits() {
		return m.base()
	}
	if addr, known := m.draft.profile.SecondaryAddress(); known {
		return addr, nil
	}
	return 0, errors.New("the address of the secondary slot is not known, and Intel HEX has addresses: want secondary-slot-address")
}

// part is a run of bytes at an address.
type part struct {
	addr uint32
	data []byte
	from string
}

func writeHex(parts ...part) ([]byte, error) {
	memory, err := join(parts)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = memory.WriteHex(&out)
	return out.Bytes(), err
}

func join(parts []part) (*firmware.Memory, error) {
	var memory firmware.Memory
	for _, p := range parts {
		if err := memory.Add(p.addr, p.data, p.from); err != nil {
			return nil, err
		}
	}
	return &memory, nil
}

// factory puts the image, as it stands in the primary slot, beside the bootloader
// and whatever else an empty device needs.
func (m *Made) factory(o Output) ([]byte, error) {
	memory, err := m.primary()
	if err != nil {
		return nil, err
	}
	if m.draft.firmware.Beside != nil {
		if err := memory.Merge(m.draft.firmware.Beside); err != nil {
			return nil, err
		}
	}
	for _, p := range m.draft.spec.Factory {
		if err := mergeFile(memory, p); err != nil {
			return nil, err
		}
	}
	if !o.Hex() {
		first, _, _ := memory.Bounds()
		return memory.Bytes(first, m.draft.spec.fill(), 0)
	}
	var out bytes.Buffer
	err = memory.WriteHex(&out)
	return out.Bytes(), err
}

// primary is the primary slot. A bootloader that goes back to the other slot,
// unless the image is confirmed, needs the trailer there.
func (m *Made) primary() (*firmware.Memory, error) {
	base, err := m.base()
	if err != nil {
		return nil, err
	}
	data, err := m.clear.MarshalBinary()
	if err != nil {
		return nil, err
	}
	parts := []part{{base, data, "the image"}}
	b := m.bootloader()
	if b.Revert {
		s := b.UpgradeSlot()
		s.ErasedZero = m.draft.profile.ErasedZero()
		records, err := s.Records(mcuboot.MarkConfirm)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			parts = append(parts, part{base + uint32(r.Offset), r.Data, "the trailer"})
		}
	}
	return join(parts)
}

func mergeFile(memory *firmware.Memory, p Part) error {
	content, err := readFile(p.Path)
	if err != nil {
		return err
	}
	other, err := firmware.Parse(firmware.DetectFormat(content), p.Path, content, p.Addr)
	if err != nil {
		return err
	}
	other.Start = firmware.Start{} // the processor starts where its vector table says
	if other.Size() == 0 {
		return fmt.Errorf("%s: %w", p.Path, os.ErrInvalid)
	}
	return memory.Merge(other)
}
