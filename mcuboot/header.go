package mcuboot

import (
	"fmt"
	"strings"
)

// Sizes of the header area in bytes. The upper one is that of its 16-bit field.
const (
	MinHeaderSize = 32
	MaxHeaderSize = 0xffff
)

const magic = 0x96f3b83d // IMAGE_MAGIC

// Flags are the flags of a header.
type Flags uint32

// The flags (IMAGE_F_...).
const (
	FlagPIC         Flags = 0x1   // unused by MCUboot
	FlagAES128      Flags = 0x4   // ENCRYPTED_AES128: the body is encrypted
	FlagAES256      Flags = 0x8   // ENCRYPTED_AES256
	FlagNonBootable Flags = 0x10  // the bootloader passes it by
	FlagRAMLoad     Flags = 0x20  // runs at the load address, in RAM
	FlagROMFixed    Flags = 0x100 // runs at the load address, in flash, only
	FlagLZMA1       Flags = 0x200
	FlagLZMA2       Flags = 0x400
	FlagARMThumb    Flags = 0x800 // compressed behind an ARM Thumb filter
)

const (
	flagsEncrypted  = FlagAES128 | FlagAES256
	flagsCompressed = FlagLZMA1 | FlagLZMA2 | FlagARMThumb
)

// String returns the names of the flags joined by "|", such as
// "ENCRYPTED_AES128|RAM_LOAD", and "0x0" without any. Bits without a name are
// given in hex.
func (f Flags) String() string {
	var names []string
	for _, known := range []struct {
		flag Flags
		name string
	}{
		{FlagPIC, "PIC"}, {FlagAES128, "ENCRYPTED_AES128"}, {FlagAES256, "ENCRYPTED_AES256"},
		{FlagNonBootable, "NON_BOOTABLE"}, {FlagRAMLoad, "RAM_LOAD"}, {FlagROMFixed, "ROM_FIXED"},
		{FlagLZMA1, "COMPRESSED_LZMA1"}, {FlagLZMA2, "COMPRESSED_LZMA2"}, {FlagARMThumb, "COMPRESSED_ARM_THUMB"},
	} {
		if f&known.flag != 0 {
			names = append(names, known.name)
			f &^= known.flag
		}
	}
	if f != 0 || names == nil {
		names = append(names, fmt.Sprintf("%#x", uint32(f)))
	}
	return strings.Join(names, "|")
}

// Header is the header of an image.
type Header struct {
	LoadAddr      uint32 // meant with FlagRAMLoad or FlagROMFixed
	Size          uint16 // of the header area, in bytes
	ProtectedSize uint16 // of the protected area, in bytes; 0 where there is none
	ImageSize     uint32 // of the body, in bytes
	Flags         Flags
	Version       Version
	Pad           uint32 // 0; bootloaders ignore it
}

func (h Header) append(b []byte, o ByteOrder) []byte {
	w := o.order()
	b = w.AppendUint32(b, magic)
	b = w.AppendUint32(b, h.LoadAddr)
	b = w.AppendUint16(b, h.Size)
	b = w.AppendUint16(b, h.ProtectedSize)
	b = w.AppendUint32(b, h.ImageSize)
	b = w.AppendUint32(b, uint32(h.Flags))
	b = h.Version.append(b, o)
	return w.AppendUint32(b, h.Pad)
}

// parseHeader reads the first 32 bytes of an image, whose magic also tells the
// byte order.
func parseHeader(data []byte) (Header, ByteOrder, error) {
	if len(data) < MinHeaderSize {
		return Header{}, 0, malformed(0, "header", "%d bytes: want at least %d", len(data), MinHeaderSize)
	}
	var o ByteOrder
	switch {
	case LittleEndian.reader().Uint32(data) == magic:
	case BigEndian.reader().Uint32(data) == magic:
		o = BigEndian
	default:
		return Header{}, 0, malformed(0, "magic", "% x: want 3d b8 f3 96", data[:4])
	}
	r := o.reader()
	h := Header{
		LoadAddr:      r.Uint32(data[4:]),
		Size:          r.Uint16(data[8:]),
		ProtectedSize: r.Uint16(data[10:]),
		ImageSize:     r.Uint32(data[12:]),
		Flags:         Flags(r.Uint32(data[16:])),
		Version:       readVersion(data[20:], o),
		Pad:           r.Uint32(data[28:]),
	}
	if h.Size < MinHeaderSize {
		return Header{}, 0, malformed(8, "header size", "%d: want at least %d", h.Size, MinHeaderSize)
	}
	return h, o, nil
}
