package imagefile

import (
	"encoding/binary"
	"fmt"

	"github.com/fwpack/fwpack/mcuboot"
)

// Trailer is the trailer of a slot. A mark is "unset" where its flash is erased,
// "set", or "bad".
type Trailer struct {
	Offset   int    `json:"offset"` // of its fields in the slot
	MaxAlign int    `json:"max_align"`
	ImageOK  string `json:"image_ok"`
	CopyDone string `json:"copy_done"`
	SwapType string `json:"swap_type"` // "unset", "none", "test", "permanent", "revert", "fail", or "bad"
	// SwapImage is the number of the image that is swapped, where SwapType is set.
	SwapImage *uint8  `json:"swap_image,omitempty"`
	SwapSize  *uint32 `json:"swap_size,omitempty"` // absent where it is unset
	// TLVSizes are those of the unprotected areas, which a bootloader notes that
	// swaps using offset.
	TLVSizes *[2]uint16 `json:"tlv_sizes,omitempty"`
}

// magicSize is that of a trailer's magic, in bytes.
const magicSize = 16

// fieldsSize is the size of the trailer's fields with the magic, in bytes:
// MCUboot's image ok, copy done, swap info and swap size, and where images stand
// in the second sector the sizes of their unprotected TLVs between the last two.
func (f *File) fieldsSize() int {
	a := f.Trailer.MaxAlign
	size := (magicSize+a-1)/a*a + 4*a
	if f.Offset != 0 {
		size += a
	}
	return min(size, len(f.Rest))
}

// trailer decodes the trailer, nil where there is none.
func (f *File) trailer() *Trailer {
	if f.Trailer == nil {
		return nil
	}
	t := &Trailer{
		Offset: len(f.Slot) - f.fieldsSize(), MaxAlign: f.Trailer.MaxAlign,
		ImageOK: f.mark(f.Trailer.ImageOK), CopyDone: f.mark(f.Trailer.CopyDone),
	}
	t.SwapType, t.SwapImage = f.swapInfo(f.Trailer.SwapInfo)
	size := f.Trailer.SwapSize
	if f.Offset != 0 {
		t.TLVSizes, size = f.offsetFields(t.Offset)
	}
	if size != f.erasedWord() {
		t.SwapSize = &size
	}
	return t
}

// mark decodes a field that is set or not (BOOT_FLAG_SET).
func (f *File) mark(b byte) string {
	switch b {
	case f.erased():
		return "unset"
	case 1:
		return "set"
	}
	return "bad"
}

// swapInfo decodes type and image of a swap: bits 0 to 3 and 4 to 7
// (BOOT_SET_SWAP_INFO, BOOT_SWAP_TYPE_...).
func (f *File) swapInfo(b byte) (name string, image *uint8) {
	if b == f.erased() {
		return "unset", nil
	}
	names := []string{"none", "test", "permanent", "revert", "fail"}
	number, kind := b>>4, int(b&0x0f)
	if kind < 1 || kind > len(names) {
		return "bad", nil
	}
	return names[kind-1], &number
}

// offsetFields reads what is in the trailer where images stand in the second
// sector: swap size, and above it the sizes of TLVs.
func (f *File) offsetFields(at int) (sizes *[2]uint16, swapSize uint32) {
	a := f.Trailer.MaxAlign
	fields := f.Slot[at:]
	if len(fields) < a+4 {
		return nil, f.erasedWord()
	}
	order := f.byteOrder()
	swapSize = order.Uint32(fields)
	if order.Uint32(fields[a:]) == f.erasedWord() {
		return nil, swapSize
	}
	return &[2]uint16{order.Uint16(fields[a:]), order.Uint16(fields[a+2:])}, swapSize
}

func (f *File) byteOrder() binary.ByteOrder {
	if f.Image.ByteOrder == mcuboot.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (f *File) erasedWord() uint32 {
	return 0x01010101 * uint32(f.erased())
}

// String sums up the marks for people.
func (t *Trailer) String() string {
	text := fmt.Sprintf("image ok %s, copy done %s, swap type %s", t.ImageOK, t.CopyDone, t.SwapType)
	if t.SwapImage != nil {
		text += fmt.Sprintf(" of image %d", *t.SwapImage)
	}
	if t.SwapSize != nil {
		text += fmt.Sprintf(", swap size %d", *t.SwapSize)
	}
	return text + fmt.Sprintf(", maximal alignment %d", t.MaxAlign)
}
