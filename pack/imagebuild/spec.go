package imagebuild

import (
	"crypto"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// Purpose is what a file with an image is for.
type Purpose string

// The purposes. The second and third are whole slots, which a programmer writes.
const (
	OTA       Purpose = "ota"       // to be uploaded; something on the device asks for the upgrade
	Test      Purpose = "test"      // runs once, unless the firmware confirms it
	Confirmed Purpose = "confirmed" // stays
	Factory   Purpose = "factory"   // with the bootloader, for an empty device
)

// Purposes returns every purpose.
func Purposes() []Purpose { return []Purpose{OTA, Test, Confirmed, Factory} }

// Spec says how an image is made and what becomes of it.
type Spec struct {
	// Options has no keys: Signing without Signer and PublicKey, Encryption without
	// Recipient and Rand.
	Options mcuboot.Options
	// Profile is the bootloader, as far as it is described.
	Profile *profile.Profile
	// Signature is the type of key that will sign, as far as it is known.
	Signature mcuboot.KeyType
	// Trusted are the keys that the bootloader trusts; none stands for the one that
	// signs.
	Trusted []crypto.PublicKey
	// Factory is what surrounds the image in an empty device.
	Factory []Part
}

// Part is a file that a factory image holds beside the image.
type Part struct {
	Path string
	Addr uint32 // of a binary; other formats have addresses of their own
}

// Output is a file that is made.
type Output struct {
	Purpose Purpose `json:"purpose"`
	Name    string  `json:"file"` // ends in .hex for Intel HEX
}

// Hex tells whether the output is Intel HEX.
func (o Output) Hex() bool { return strings.EqualFold(filepath.Ext(o.Name), ".hex") }

// fill is what erased flash reads.
func (s *Spec) fill() byte {
	if s.Profile.ErasedZero() {
		return 0x00
	}
	return 0xff
}

// Slot returns the slot that the image runs in and its address, where that is
// known: the primary one, 0, but for an image that direct-xip runs in the second.
func (s *Spec) Slot() (number int, addr uint32, known bool) {
	addr, known = s.Profile.SlotAddress()
	second, secondKnown := s.Profile.SecondaryAddress()
	if s.Profile.Bootloader().Mode != mcuboot.DirectXIP || !secondKnown {
		return 0, addr, known
	}
	if known && addr == second || s.Options.ROMFixed != 0 && s.Options.ROMFixed == second {
		return 1, second, true
	}
	return 0, addr, known
}

// bootloader is the one that p describes, with the slot that the image runs in for
// the primary one.
func (s *Spec) bootloader(p *profile.Profile) mcuboot.Bootloader {
	b := p.Bootloader()
	if number, addr, _ := s.Slot(); number == 1 {
		if b.SecondarySize != 0 {
			b.SlotSize = b.SecondarySize
		}
		b.Flash = &mcuboot.Region{Start: addr, Size: uint32(b.SlotSize)}
	}
	return b
}

// Read reads the firmware of the image.
func (s *Spec) Read(path string) (*Firmware, error) {
	b := s.bootloader(s.Profile)
	fill := s.fill()
	if s.Options.LoadAddr != 0 || b.Flash == nil {
		return s.placed(Read(path, nil, b.SlotSize, fill))
	}
	return s.placed(Read(path, b.Flash, 0, fill))
}

// placed makes the base the address of the image's header, and refuses firmware
// that was linked for another place.
func (s *Spec) placed(f *Firmware, err error) (*Firmware, error) {
	if err != nil || f.Base == nil {
		return f, err
	}
	header := uint32(s.Options.HeaderSize)
	_, slot, known := s.Slot()
	if s.Options.PadHeader {
		if *f.Base < header {
			return nil, fmt.Errorf("%s: begins at %#x: no room in front of it for a header of %d bytes", f.Path, *f.Base, header)
		}
		*f.Base -= header
	}
	if known && s.Options.LoadAddr == 0 && *f.Base != slot {
		return nil, fmt.Errorf("%s: is linked for a slot at %#x: the slot is at %#x", f.Path, *f.Base, slot)
	}
	return f, nil
}

// compression is the one of package firmware.
func compression(armThumb bool) *mcuboot.Compression {
	return &mcuboot.Compression{Compress: firmware.Compress, ARMThumb: armThumb}
}

// Compress makes the image a compressed one.
func (s *Spec) Compress(armThumb bool) { s.Options.Compression = compression(armThumb) }
