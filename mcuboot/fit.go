package mcuboot

import (
	"fmt"
	"slices"
	"strings"
)

// Fit says what takes how many bytes of a slot.
type Fit struct {
	Parts []FitPart // from the begin of the slot to its end
	Slot  int       // size of the slot in bytes
}

// FitPart is a part of a slot that is taken.
type FitPart struct {
	Name string
	Size int // in bytes
}

// Used returns the sum of the parts.
func (f Fit) Used() int {
	used := 0
	for _, part := range f.Parts {
		used += part.Size
	}
	return used
}

// Free returns how many bytes are left, which are less than 0 where the image
// does not fit.
func (f Fit) Free() int { return f.Slot - f.Used() }

// Err is nil where the image fits.
func (f Fit) Err() error {
	if f.Free() >= 0 {
		return nil
	}
	return fmt.Errorf("mcuboot: %d bytes: %d more than the slot of %d has", f.Used(), -f.Free(), f.Slot)
}

// String formats f as a table.
func (f Fit) String() string {
	var b strings.Builder
	row := func(name string, size int) { fmt.Fprintf(&b, "%-18s %10d\n", name, size) }
	for _, part := range f.Parts {
		row(part.Name, part.Size)
	}
	row("together", f.Used())
	row("slot", f.Slot)
	if f.Free() < 0 {
		row("too much", -f.Free())
	} else {
		row("free", f.Free())
	}
	return b.String()
}

// parts are rows of a table.
type parts []FitPart

func (p parts) size() int { return Fit{Parts: p}.Used() }

// add appends a row, unless it is empty.
func (p parts) add(name string, size int) parts {
	if size == 0 {
		return p
	}
	return append(p, FitPart{name, size})
}

// rows returns the rows of the image itself.
func (img *Image) rows() parts {
	return parts{}.
		add("header area", int(img.Header.Size)).
		add("body", len(img.Body)).
		add("protected TLVs", int(img.Header.ProtectedSize)).
		add("unprotected TLVs", areaSize(img.Unprotected))
}

// Fit says how the image and the trailer fill the slot. The trailer has room for
// 32-byte keys with AES-256 and for "swap info" with OverwriteOnly, as
// bootloaders have, so that a few images are too large which imgtool 2.4 lets
// pass and no device takes.
func (s Slot) Fit(img *Image) (Fit, error) {
	if err := s.check(); err != nil {
		return Fit{}, err
	}
	before := parts{}.add("in front of it", s.ImageOffset)
	trailer := s.trailer(img.trailerKeys(s.SaveEncTLV))
	return Fit{slices.Concat(before, img.rows(), trailer), s.Size}, nil
}

// trailerKeys says what the trailer keeps of an image's key, and twice: of both
// slots. The zero one is that of a plain image.
type trailerKeys struct{ size int }

func (img *Image) trailerKeys(saveTLV bool) trailerKeys {
	size, err := img.Header.imageKeySize()
	if err != nil {
		return trailerKeys{}
	}
	if saveTLV {
		for _, tlv := range img.Unprotected {
			if tlv.Type >= TLVEncRSA2048 && tlv.Type <= TLVEncX25519SHA512 {
				size = len(tlv.Value)
			}
		}
	}
	return trailerKeys{size}
}

// trailer returns the rows of the trailer.
func (s Slot) trailer(keys trailerKeys) parts {
	const records = 3 // for each sector and swap: one of each step
	a := s.maxAlign()
	var p parts
	if !s.OverwriteOnly {
		p = p.add("swap status", s.maxSectors()*records*s.align()).
			add("keys", 2*alignUp(keys.size, a)).
			add("swap size", a)
	}
	return p.add("swap info", a).add("copy done", a).add("image ok", a).add("magic", alignUp(magicSize, a))
}
