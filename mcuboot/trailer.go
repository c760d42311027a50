package mcuboot

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Slot is a slot of flash as an image is padded for it. Its trailer stands at
// the end; from the last byte back:
//
//	magic       16 bytes, with filler in front up to a multiple of MaxAlign
//	image ok    MaxAlign bytes, of which the first is 1 once confirmed
//	copy done   MaxAlign bytes
//	swap info   MaxAlign bytes
//	swap size   MaxAlign bytes
//	keys        two, where images are encrypted
//	swap status MaxSectors * 3 * Align bytes
//
// Only the magic and "image ok" are ever written here, the rest is left erased
// for the bootloader.
type Slot struct {
	Size int // in bytes
	// Align is the size of the smallest write to the flash: 1, 2, 4, 8, 16 or 32
	// bytes. 0 means 8, which leaves room enough where it is less. (imgtool's
	// default is 1, which fits few devices.)
	Align int
	// MaxAlign is the alignment of the trailer's fields: 8, 16 or 32. 0 means the
	// least of them that Align allows. Less than Align is what no bootloader
	// works with, but imgtool writes it. It decides the magic.
	MaxAlign int
	// MaxSectors is how many sectors the status area is made for
	// (MCUBOOT_MAX_IMG_SECTORS); 0 means 128.
	MaxSectors int
	// OverwriteOnly is for bootloaders that copy instead of swapping: the
	// trailer is short, and an image cannot be confirmed.
	OverwriteOnly bool
	// SaveEncTLV is for bootloaders that keep the wrapped keys in the trailer.
	SaveEncTLV bool
	ErasedZero bool // erased flash reads 0x00 instead of 0xff
	// ImageOffset is where Pad puts the image: 0, or the size of a sector for the
	// secondary slot of a bootloader with MCUBOOT_SWAP_USING_OFFSET.
	ImageOffset int
	ByteOrder   ByteOrder
}

// Mark is what a trailer asks of the bootloader.
type Mark int

// The marks are imgtool's "--pad", "--test" and "--confirm". The first two make
// the same slot; in a file with holes the second one has "image ok" in it,
// erased.
const (
	MarkPad     Mark = iota // swap, and swap back unless the firmware confirms
	MarkTest                // the same
	MarkConfirm             // swap for good; no difference to MarkPad with OverwriteOnly
)

const (
	magicSize = 16
	imageOK   = 0x01 // BOOT_FLAG_SET

	defaultAlign      = 8
	defaultMaxSectors = 128
)

// MaxSectors is the most that Slot.MaxSectors may be, far beyond any flash.
const MaxSectors = 1 << 20

func (s Slot) align() int {
	if s.Align == 0 {
		return defaultAlign
	}
	return s.Align
}

func (s Slot) maxAlign() int {
	if s.MaxAlign == 0 {
		return max(defaultAlign, s.align())
	}
	return s.MaxAlign
}

func (s Slot) maxSectors() int {
	if s.MaxSectors == 0 {
		return defaultMaxSectors
	}
	return s.MaxSectors
}

// check refuses a geometry that no bootloader has.
func (s Slot) check() error {
	switch {
	case !slices.Contains([]int{1, 2, 4, 8, 16, 32}, s.align()):
		return fmt.Errorf("mcuboot: alignment %d: want 1, 2, 4, 8, 16 or 32", s.Align)
	case !slices.Contains([]int{8, 16, 32}, s.maxAlign()):
		return fmt.Errorf("mcuboot: maximal alignment %d: want 8, 16 or 32", s.MaxAlign)
	case s.maxSectors() < 1 || s.maxSectors() > MaxSectors:
		return fmt.Errorf("mcuboot: %d sectors at most: want 1 to %d", s.MaxSectors, MaxSectors)
	case s.ImageOffset < 0:
		return fmt.Errorf("mcuboot: image at %d in its slot: want at least 0", s.ImageOffset)
	}
	return nil
}

// trailerMagic returns the magic for a maximal alignment.
func trailerMagic(maxAlign int, o ByteOrder) []byte {
	if maxAlign == 8 {
		return []byte{0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80}
	}
	return append(o.order().AppendUint16(nil, uint16(maxAlign)),
		0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a)
}

// Record is a run of bytes in a slot.
type Record struct {
	Offset int // from the begin of the slot, in bytes
	Data   []byte
}

// Records returns what a trailer with the mark consists of when nothing erased
// is written, in the order of offsets, for files with holes.
func (s Slot) Records(m Mark) ([]Record, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if size := s.trailer(trailerKeys{}).size(); s.Size < size {
		return nil, fmt.Errorf("mcuboot: slot of %d bytes: want at least the %d of the trailer", s.Size, size)
	}
	var records []Record
	a := s.maxAlign()
	if m != MarkPad && !s.OverwriteOnly {
		flag := bytes.Repeat([]byte{erased(s.ErasedZero)}, a)
		if m == MarkConfirm {
			flag[0] = imageOK
		}
		records = append(records, Record{s.Size - alignUp(magicSize, a) - a, flag})
	}
	return append(records, Record{s.Size - magicSize, trailerMagic(a, s.ByteOrder)}), nil
}

// Pad returns a whole slot: the bytes of the image, filler, and the trailer.
// Data may be anything that leaves room for the trailer. Whether an image fits
// with all that the bootloader needs, Fit says.
func (s Slot) Pad(data []byte, m Mark) ([]byte, error) {
	records, err := s.Records(m)
	if err != nil {
		return nil, err
	}
	trailer := s.trailer(trailerKeys{}).size()
	if len(data) > s.Size-trailer-s.ImageOffset {
		return nil, fmt.Errorf("mcuboot: slot of %d bytes: the trailer takes %d, and %d at %#x are too many besides", s.Size, trailer, len(data), s.ImageOffset)
	}
	slot := bytes.Repeat([]byte{erased(s.ErasedZero)}, s.Size)
	copy(slot[s.ImageOffset:], data)
	for _, r := range records {
		copy(slot[r.Offset:], r.Data)
	}
	return slot, nil
}

// Trailer is a trailer as found behind an image.
type Trailer struct {
	MaxAlign                    int
	ImageOK, CopyDone, SwapInfo byte // 1 is set, as erased is unset; anything else is bad
	SwapSize                    uint32
}

// ParseTrailer reads the trailer that slot ends with: slot may be what Parse
// returns as the rest. It is an error where the last bytes are no magic.
func ParseTrailer(slot []byte, o ByteOrder) (Trailer, error) {
	if len(slot) < magicSize {
		return Trailer{}, errors.New("mcuboot: no trailer: less than 16 bytes")
	}
	tail := slot[len(slot)-magicSize:]
	for _, a := range []int{8, 16, 32} {
		if !bytes.Equal(tail, trailerMagic(a, o)) {
			continue
		}
		end := len(slot) - alignUp(magicSize, a)
		if end < 4*a {
			return Trailer{}, fmt.Errorf("mcuboot: trailer cut off: %d bytes, want at least %d", len(slot), len(slot)-end+4*a)
		}
		return Trailer{
			MaxAlign: a, ImageOK: slot[end-a], CopyDone: slot[end-2*a], SwapInfo: slot[end-3*a],
			SwapSize: o.reader().Uint32(slot[end-4*a:]),
		}, nil
	}
	return Trailer{}, fmt.Errorf("mcuboot: no trailer: the last bytes are % x", tail)
}

func alignUp(n, align int) int {
	return (n + align - 1) / align * align
}
