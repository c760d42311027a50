package imgtool

import (
	"crypto"
	"io"

	"github.com/fwpack/fwpack/mcuboot"
)

// SignOptions are the options of imgtool's sign. Zero means not given, and is
// imgtool's default.
type SignOptions struct {
	Input, Output string // files; Intel HEX where the name ends in .hex

	Version    mcuboot.Version
	HeaderSize int // in bytes; mcuboot.MinHeaderSize at least
	SlotSize   int // in bytes; 0 leaves unchecked whether the image fits

	PadHeader          bool
	Pad, Test, Confirm bool // the latter two imply the first
	Align              int  // 1, 2, 4, 8, 16 or 32; 0 means 1
	MaxAlign           int  // 8, 16 or 32; 0 means the larger of 8 and Align
	MaxSectors         int  // 0 means 128
	OverwriteOnly      bool
	SaveEncTLV         bool
	ErasedZero         bool
	ByteOrder          mcuboot.ByteOrder
	HexAddr            *uint32 // of the image in an Intel HEX output; nil means as in the input

	LoadAddr, ROMFixed uint32
	NonBootable        bool
	SecurityCounter    *uint32
	AutoCounter        bool // derives SecurityCounter from Version
	Dependencies       []mcuboot.Dependency
	BootRecord         *string
	VendorID, ClassID  *string
	Custom             []mcuboot.TLV
	CustomFiles        []CustomFile

	Key          string // file of a private key; "" leaves the image unsigned
	FullKey      bool
	PadSignature bool // of ECDSA keys
	Pure         bool
	Hash         crypto.Hash // 0 means as the key demands

	Encrypt     string // file of the bootloader's public key; "" encrypts nothing
	KeySize     int    // of AES in bits: 128 or 256; 0 means 128
	HMAC        crypto.Hash
	Clear       bool
	Compression Compression

	Vector          Vector
	FixSignature    string // file with a signature in base64
	FixSignatureKey string // file of the key that made it, or will
	SignatureOutput string // file that the signature is written to, in base64

	Passphrase Passphrases
	Rand       io.Reader // for encryption and RSA signatures
}

// CustomFile is a custom TLV whose value is the content of a file.
type CustomFile struct {
	Type mcuboot.TLVType
	Path string
}

// padded tells whether the output is a whole slot.
func (o *SignOptions) padded() bool { return o.Pad || o.Test || o.Confirm }

func (o *SignOptions) mark() mcuboot.Mark {
	switch {
	case o.Confirm:
		return mcuboot.MarkConfirm
	case o.Test:
		return mcuboot.MarkTest
	}
	return mcuboot.MarkPad
}

// check refuses what contradicts itself. What the format has no room for,
// package mcuboot refuses.
func (o *SignOptions) check() error {
	external := o.FixSignature != "" || o.FixSignatureKey != ""
	switch {
	case o.LoadAddr != 0 && o.ROMFixed != 0:
		return usagef("--load-addr and --rom-fixed: one of them is allowed")
	case o.Key != "" && external:
		return usagef("--key and --fix-sig: one of them is allowed")
	case o.FixSignature != "" && o.FixSignatureKey == "":
		return usagef("--fix-sig: --fix-sig-pubkey is missing, which verifies the signature")
	case o.FixSignature != "" && o.Vector != "":
		return usagef("--fix-sig and --vector-to-sign: one of them is allowed")
	case o.FixSignatureKey != "" && o.FixSignature == "" && o.Vector == "":
		return usagef("--fix-sig-pubkey: without --fix-sig or --vector-to-sign the image would be unsigned")
	case o.SignatureOutput != "" && (o.Key == "" && o.FixSignature == "" || o.Vector != ""):
		return usagef("--sig-out: there is no signature without --key or --fix-sig")
	case o.padded() && o.SlotSize == 0:
		return usagef("--slot-size 0: no slot to pad the image to")
	case o.Pure && o.Hash != 0:
		return usagef("--pure: its hash is SHA-512: want --sha auto")
	}
	return nil
}

func (o *SignOptions) slot() mcuboot.Slot {
	return mcuboot.Slot{
		Size: o.SlotSize, Align: max(o.Align, 1), MaxAlign: o.MaxAlign, MaxSectors: o.MaxSectors,
		OverwriteOnly: o.OverwriteOnly, SaveEncTLV: o.SaveEncTLV,
		ErasedZero: o.ErasedZero, ByteOrder: o.ByteOrder,
	}
}
