package mcuboot

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Options say how an image is built. The zero Options make an unsigned image
// with a SHA-256 digest out of a firmware that was linked with 32 zero bytes in
// front.
type Options struct {
	Version Version
	// HeaderSize is the size of the header area in bytes, 32 to 65535; 0 means
	// 32. What the processor demands of its vector table's place, as well as the
	// firmware's linking, decides it.
	HeaderSize int
	// PadHeader puts the header area in front of the input. Without it the
	// input begins with HeaderSize bytes 0, as Zephyr links it.
	PadHeader bool
	// ErasedZero says that erased flash reads 0x00 instead of 0xff. PadHeader
	// fills the header area with it.
	ErasedZero bool

	LoadAddr    uint32 // FlagRAMLoad, unless 0
	ROMFixed    uint32 // FlagROMFixed, unless 0; excludes LoadAddr
	NonBootable bool   // FlagNonBootable

	SecurityCounter *uint32 // see Version.SecurityCounter
	// BootRecord is the software type of a boot record, of at most
	// MaxSoftwareType characters; the record's other claims follow from the
	// rest.
	BootRecord   *string
	Dependencies []Dependency
	VendorID     *UUID
	ClassID      *UUID
	Custom       []TLV // MinCustomTLV to MaxCustomTLV, no type twice

	Compression *Compression
	Signing     Signing
	Encryption  *Encryption
	ByteOrder   ByteOrder
}

// Compression says how a body is compressed. MCUboot itself has no
// decompressor: a bootloader with MCUBOOT_DECOMPRESS_IMAGES is needed.
type Compression struct {
	// Compress returns the body of the compressed image: two bytes of LZMA
	// parameters and a raw LZMA2 stream, made behind a filter for ARM Thumb
	// code where armThumb says so. Package firmware has it.
	Compress func(body []byte, armThumb bool) ([]byte, error)
	ARMThumb bool // FlagARMThumb
}

// Signing says how an image is signed. The zero Signing leaves it unsigned.
type Signing struct {
	// Signer is the key: RSA 2048 or 3072, ECDSA P-256 or P-384, Ed25519.
	Signer crypto.Signer
	// PublicKey is that of a key that is elsewhere: see ToBeSigned. It excludes
	// Signer.
	PublicKey crypto.PublicKey
	// Hash is that of the digest and of KEYHASH: SHA-256, SHA-384 or SHA-512 as
	// far as the key's type allows. 0 means the only or usual one: SHA-384 with
	// P-384, SHA-512 where Pure is set, else SHA-256.
	Hash crypto.Hash
	// Pure makes an Ed25519 key sign the image itself instead of its digest.
	Pure bool
	// FullKey puts the public key (PUBKEY) in the place of its hash (KEYHASH),
	// for bootloaders with MCUBOOT_HW_KEY.
	FullKey bool
	// PadSignature pads ECDSA signatures with zeros for bootloaders before
	// MCUboot 1.5. Those with mbed TLS refuse that.
	PadSignature bool
	// Rand gives the salt of RSA signatures, and is what tokens are given. ECDSA
	// keys in memory do not use it: their signatures repeat.
	Rand io.Reader
}

// resolve completes s: the zero signedBy's pub is that of an unsigned image.
func (s *Signing) resolve() (signedBy, error) {
	by := signedBy{pub: s.PublicKey, pure: s.Pure}
	if s.Signer != nil {
		if s.PublicKey != nil {
			return signedBy{}, errors.New("mcuboot: a signer and a public key: want one of them")
		}
		by.pub = s.Signer.Public()
	}
	if by.pub != nil {
		var err error
		if by.kind, err = KeyTypeOf(by.pub); err != nil {
			return signedBy{}, fmt.Errorf("mcuboot: %v", err)
		}
	}
	if err := s.check(by.kind); err != nil {
		return signedBy{}, err
	}
	var err error
	by.hash, err = chooseHash(s.Hash, by.kind, s.Pure)
	return by, err
}

// check refuses what does not go with a key of type k.
func (s *Signing) check(k KeyType) error {
	ecdsa := k == ECDSAP256 || k == ECDSAP384
	switch {
	case k == X25519:
		return errors.New("mcuboot: an X25519 key decrypts, it does not sign")
	case s.Pure && k != Ed25519:
		return fmt.Errorf("mcuboot: pure signature by a key of type %s: want ed25519", k)
	case s.FullKey && k == 0:
		return errors.New("mcuboot: full public key without a key")
	case s.PadSignature && !ecdsa:
		return fmt.Errorf("mcuboot: padded signature by a key of type %s: want ECDSA", k)
	}
	return nil
}

func (o *Options) headerSize() int {
	if o.HeaderSize == 0 {
		return MinHeaderSize
	}
	return o.HeaderSize
}

// check refuses options that contradict each other or have no room in the
// format.
func (o *Options) check() error {
	size := o.headerSize()
	switch {
	case size < MinHeaderSize || size > MaxHeaderSize:
		return fmt.Errorf("mcuboot: header of %d bytes: want %d to %d", size, MinHeaderSize, MaxHeaderSize)
	case o.LoadAddr != 0 && o.ROMFixed != 0:
		return errors.New("mcuboot: a load address in RAM and a fixed one in ROM: want one of them")
	case o.Encryption != nil && o.ByteOrder == BigEndian:
		return errors.New("mcuboot: encryption of a big-endian image: no bootloader reads that")
	}
	return checkCustom(o.Custom)
}

func checkCustom(custom []TLV) error {
	for i, tlv := range custom {
		switch {
		case tlv.Type.Known():
			return fmt.Errorf("mcuboot: custom TLV %#x: is %s to MCUboot", uint16(tlv.Type), tlv.Type)
		case tlv.Type < MinCustomTLV || tlv.Type > MaxCustomTLV:
			return fmt.Errorf("mcuboot: custom TLV %#x: want %#x to %#x", uint16(tlv.Type), uint16(MinCustomTLV), uint16(MaxCustomTLV))
		case slices.ContainsFunc(custom[:i], func(t TLV) bool { return t.Type == tlv.Type }):
			return fmt.Errorf("mcuboot: custom TLV %#x: there are two", uint16(tlv.Type))
		}
	}
	return nil
}
