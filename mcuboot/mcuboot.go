// Package mcuboot makes, reads, signs, encrypts and judges images of the MCUboot
// bootloader, format and rules as of MCUboot 2.4.
//
// [Build] makes an image of a firmware, and Image.MarshalBinary its bytes;
// Slot.Pad makes of them what fills a flash slot. [Parse] reads an image,
// [Verify] says what a given bootloader will make of it. To sign with a key that
// is elsewhere, [ToBeSigned] says what is to be signed, and Request.Attach takes
// the signature.
//
// # Layout
//
//	header area      Header.Size bytes: the 32 of the header, then filler
//	body             Header.ImageSize bytes
//	protected area   TLVs that are hashed and signed; absent without any
//	unprotected area TLVs with the hash, the signature, the encrypted key
//
// Integers are little-endian; there is no alignment and no padding between the
// parts. The header:
//
//	 0 magic            3d b8 f3 96
//	 4 load address     u32
//	 8 header size      u16, of the header area
//	10 protected size   u16, of the protected area, 0 without one
//	12 image size       u32, of the body
//	16 flags            u32
//	20 version          u8 major, u8 minor, u16 revision, u32 build number
//	28 pad              u32, 0
//
// An area of TLVs begins with a magic (u16: 0x6908 protected, 0x6907
// unprotected) and its whole length (u16, these four bytes included). Each entry
// is a type (u16), the length of its value (u16) and the value.
//
// What is hashed is the header area, the body in the clear, and the protected
// area. RSA and ECDSA sign that digest; Ed25519 takes the digest for its message
// or, in a pure image, the hashed bytes themselves.
//
// In a slot of flash the image stands at the begin and the trailer at the very
// end, which tells the bootloader what to do with it: see [Slot].
package mcuboot

import (
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"encoding/binary"
	"fmt"
)

// FormatError says what is wrong with an image, and where.
type FormatError struct {
	Offset int64  // in bytes from the begin of the image
	Field  string // the field of the format that stands there
	Msg    string
}

// Error formats e as "mcuboot: offset 0xc: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("mcuboot: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}

// malformed returns a FormatError with a formatted message.
func malformed(offset int, field, format string, args ...any) error {
	return &FormatError{Offset: int64(offset), Field: field, Msg: fmt.Sprintf(format, args...)}
}

// ByteOrder is how an image writes its integers.
type ByteOrder int

const (
	LittleEndian ByteOrder = iota // what every bootloader reads
	BigEndian                     // imgtool's "-e big"; bootutil has no reader for it
)

// String returns imgtool's word for o.
func (o ByteOrder) String() string {
	if o == BigEndian {
		return "big"
	}
	return "little"
}

func (o ByteOrder) order() binary.AppendByteOrder {
	if o == BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// reader returns the order for reading. The standard library has no interface
// with both halves.
func (o ByteOrder) reader() binary.ByteOrder {
	if o == BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
