package mcuboot

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
)

// Mode is how a bootloader brings an upgrade into use.
type Mode int

// The modes, by the options of MCUboot that choose them.
const (
	SwapScratch   Mode = iota // MCUBOOT_SWAP_USING_SCRATCH, its default
	SwapMove                  // MCUBOOT_SWAP_USING_MOVE
	SwapOffset                // MCUBOOT_SWAP_USING_OFFSET
	OverwriteOnly             // MCUBOOT_OVERWRITE_ONLY
	DirectXIP                 // MCUBOOT_DIRECT_XIP
	RAMLoad                   // MCUBOOT_RAM_LOAD
	SingleSlot                // MCUBOOT_SINGLE_APPLICATION_SLOT
)

func modeNames() []string {
	return []string{"swap-scratch", "swap-move", "swap-offset", "overwrite-only", "direct-xip", "ram-load", "single-slot"}
}

// String returns the name of m, such as "swap-move".
func (m Mode) String() string {
	if names := modeNames(); m >= 0 && int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("Mode(%d)", int(m))
}

// UnmarshalText sets m to the mode that text names.
func (m *Mode) UnmarshalText(text []byte) error {
	i := slices.Index(modeNames(), string(text))
	if i < 0 {
		return fmt.Errorf("mode %q: want one of %q", text, modeNames())
	}
	*m = Mode(i)
	return nil
}

// swaps tells whether images change places.
func (m Mode) swaps() bool { return m <= SwapOffset }

// copies tells whether upgrades wait in a secondary slot.
func (m Mode) copies() bool { return m <= OverwriteOnly }

// KeyTLV is how a bootloader expects the signer to be named.
type KeyTLV int

// The ways to name the signer.
const (
	NamedByHash KeyTLV = iota // KEYHASH, the key is built in
	NamedInFull               // PUBKEY, the hash is built in (MCUBOOT_HW_KEY)
	NotNamed                  // one key, which is assumed (MCUBOOT_BUILTIN_KEY)
)

// Bootloader describes how a bootloader was built and what it has at hand, as far
// as its verdict depends on it. What is not described is not checked, and the
// report says so where a bootloader does check it.
type Bootloader struct {
	Mode          Mode
	SlotSize      int // of the primary slot in bytes
	SecondarySize int // 0 means the same
	// SectorSize is that of the flash in bytes, where all sectors are alike:
	// SwapMove and SwapOffset need it, SwapScratch needs it to be exact.
	SectorSize int
	// Align, MaxAlign and MaxSectors are as in Slot.
	Align, MaxAlign, MaxSectors int
	SaveEncTLV                  bool // MCUBOOT_SWAP_SAVE_ENCTLV

	// Primary says that the image is to be judged as in the primary slot: the
	// body in the clear. Else it is an upgrade, where the mode knows any.
	Primary bool

	Keys     []crypto.PublicKey // trusted, all of one type
	Unsigned bool               // verifies no signatures; excludes Keys
	KeyTLV   KeyTLV
	Pure     bool // MCUBOOT_SIGN_PURE
	// PaddedDER says that zeros behind an ECDSA signature are tolerated, as with
	// TinyCrypt and PSA.
	PaddedDER bool
	// Hash is the one hash that the bootloader knows. 0 means what the type of
	// the keys makes usual: SHA-384 for P-384, SHA-512 where Pure is set, else
	// SHA-256; without keys, any that the image has.
	Hash crypto.Hash
	// NoAllowList is for bootloaders without MCUBOOT_USE_TLV_ALLOW_LIST.
	NoAllowList bool

	// EncryptionTLV is the type of wrapped key that the bootloader opens, 0 where
	// it decrypts nothing.
	EncryptionTLV TLVType
	AES256        bool
	EncryptionKey crypto.PrivateKey // see UnwrapKey; nil leaves encrypted bodies unchecked

	Compression bool // MCUBOOT_DECOMPRESS_IMAGES
	// Decompress is the inverse of Compression.Compress, and refuses what becomes
	// more than limit bytes. Package firmware has it. Nil leaves the
	// decompressed image unchecked.
	Decompress func(body []byte, armThumb bool, limit int64) ([]byte, error)

	SecurityCounter  *uint32  // the one stored (MCUBOOT_HW_ROLLBACK_PROT)
	VendorID         *UUID    // MCUBOOT_UUID_VID
	ClassID          *UUID    // MCUBOOT_UUID_CID
	MaxBootRecord    int      // in bytes (MCUBOOT_MEASURED_BOOT); 0 measures nothing
	Installed        *Version // of the primary slot (MCUBOOT_DOWNGRADE_PREVENTION)
	InstalledCounter *uint32  // the same by counter (MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER)
	BuildNumbers     bool     // MCUBOOT_VERSION_CMP_USE_BUILD_NUMBER
	// Images are the versions of all images of the device by number, which
	// dependencies are held against.
	Images map[uint8]Version

	Flash *Region // place of the image's slot; see the next two
	// VerifyAddress demands the reset vector in Flash
	// (MCUBOOT_VERIFY_IMG_ADDRESS), CheckLoadAddr the load address
	// (MCUBOOT_CHECK_HEADER_LOAD_ADDRESS).
	VerifyAddress, CheckLoadAddr bool
	RAM                          *Region // for RAMLoad
	Revert                       bool    // MCUBOOT_DIRECT_XIP_REVERT, MCUBOOT_RAM_LOAD_REVERT
}

// Region is a range of addresses.
type Region struct {
	Start, Size uint32 // in bytes
}

// contains tells whether size bytes at start are within r.
func (r Region) contains(start, size uint32) bool {
	return start >= r.Start && uint64(start)+uint64(size) <= uint64(r.Start)+uint64(r.Size)
}

// String formats r as "0x8000 to 0x10000", the end not included.
func (r Region) String() string {
	return fmt.Sprintf("%#x to %#x", r.Start, uint64(r.Start)+uint64(r.Size))
}

// Bootloader describes the bootloader that the image seems to be meant for, where
// nothing better is known: its hash, whether signatures are pure, how the key is
// named, how bodies are encrypted, whether they are compressed. The rest has to be
// added, above all the keys that are trusted.
func (img *Image) Bootloader() Bootloader {
	b := Bootloader{AES256: img.Header.Flags&FlagAES256 != 0, Compression: img.Header.Flags&flagsCompressed != 0}
	b.Hash, _ = img.StoredDigest()
	for _, tlv := range img.Unprotected {
		switch {
		case tlv.Type == TLVSigPure:
			b.Pure = true
		case tlv.Type == TLVPubKey:
			b.KeyTLV = NamedInFull
		case encTLVSize(tlv.Type, false) != 0 && img.Encrypted():
			b.EncryptionTLV = tlv.Type
		}
	}
	return b
}

// slot returns the trailer's geometry.
func (b *Bootloader) slot() Slot {
	return Slot{
		Size: b.SlotSize, Align: b.Align, MaxAlign: b.MaxAlign, MaxSectors: b.MaxSectors,
		OverwriteOnly: !b.Mode.swaps(), SaveEncTLV: b.SaveEncTLV,
	}
}

// UpgradeSlot returns the slot that an image is padded for to be programmed as an
// upgrade: the secondary one, where the mode has upgrades wait there. In modes
// without a swap it has a trailer to be confirmed in, without swap status.
func (b *Bootloader) UpgradeSlot() Slot {
	s := b.slot()
	switch {
	case b.Mode.copies():
		s.Size = b.secondarySize()
	default:
		s.OverwriteOnly, s.MaxSectors = false, 1
	}
	if b.Mode == SwapOffset {
		s.ImageOffset = b.SectorSize
	}
	return s
}

// Waits tells whether upgrades wait in a secondary slot until the bootloader
// brings them into the primary one.
func (m Mode) Waits() bool { return m.copies() }

func (b *Bootloader) secondarySize() int {
	if b.SecondarySize == 0 {
		return b.SlotSize
	}
	return b.SecondarySize
}

// upgrade tells whether the image waits in the secondary slot.
func (b *Bootloader) upgrade() bool { return b.Mode.copies() && !b.Primary }

// keyType returns the type of the trusted keys, 0 without any.
func (b *Bootloader) keyType() KeyType {
	if len(b.Keys) == 0 {
		return 0
	}
	kind, err := KeyTypeOf(b.Keys[0])
	if err != nil {
		return 0
	}
	return kind
}

// hash returns the one hash that counts, or 0 for any.
func (b *Bootloader) hash() crypto.Hash {
	switch {
	case b.Hash != 0:
		return b.Hash
	case b.Pure:
		return crypto.SHA512
	case len(b.Keys) > 0:
		return b.keyType().hashes(false)[0]
	}
	return 0
}

// check refuses what no bootloader is.
func (b *Bootloader) check() error {
	if err := b.slot().check(); err != nil {
		return err
	}
	switch {
	case b.Mode < 0 || b.Mode > SingleSlot:
		return fmt.Errorf("mcuboot: %v: want one of %q", b.Mode, modeNames())
	case b.slot().maxAlign() < b.slot().align():
		return fmt.Errorf("mcuboot: maximal alignment %d: want at least the alignment, %d", b.MaxAlign, b.Align)
	case b.SlotSize < 0 || b.SecondarySize < 0 || b.SectorSize < 0:
		return errors.New("mcuboot: a size less than 0")
	case b.Unsigned && len(b.Keys) > 0:
		return errors.New("mcuboot: keys for a bootloader that verifies no signatures")
	case b.EncryptionTLV != 0 && b.Mode == DirectXIP:
		return errors.New("mcuboot: encryption with direct-xip: there is no such bootloader")
	case b.EncryptionTLV != 0 && encTLVSize(b.EncryptionTLV, b.AES256) == 0:
		return fmt.Errorf("mcuboot: %s: holds no wrapped key", b.EncryptionTLV)
	case b.EncryptionKey != nil && b.EncryptionTLV == 0:
		return errors.New("mcuboot: a key for a bootloader that decrypts nothing")
	}
	return b.checkKeys()
}

func (b *Bootloader) checkKeys() error {
	if b.Hash != 0 {
		if _, err := hashTLV(b.Hash); err != nil {
			return fmt.Errorf("mcuboot: %v", err)
		}
	}
	for i, key := range b.Keys {
		kind, err := KeyTypeOf(key)
		switch {
		case err != nil:
			return fmt.Errorf("mcuboot: key %d: %v", i+1, err)
		case kind.signatureTLV() == 0:
			return fmt.Errorf("mcuboot: key %d: of type %s, which does not sign", i+1, kind)
		case kind != b.keyType():
			return fmt.Errorf("mcuboot: key %d: of type %s: the first is of type %s, and a bootloader knows one", i+1, kind, b.keyType())
		case b.Pure && kind != Ed25519:
			return fmt.Errorf("mcuboot: key %d: of type %s: pure signatures are by ed25519", i+1, kind)
		}
	}
	return nil
}

// encTLVSize returns the exact size of a wrapped key, or 0 for other entries.
func encTLVSize(t TLVType, aes256 bool) int {
	key := 16
	if aes256 {
		key = 32
	}
	switch t {
	case TLVEncRSA2048:
		return 256
	case TLVEncKW:
		return key + wrapBlock
	case TLVEncEC256:
		return 65 + 32 + key
	case TLVEncX25519:
		return 32 + 32 + key
	case TLVEncX25519SHA512:
		return 32 + 64 + key
	}
	return 0
}

// Fit says how the image fills a slot, by what the bootloader's mode makes of
// it. Where the two slots leave different room, the smaller room is shown.
// Without SectorSize, SwapMove and SwapOffset have no answer; that of
// SwapScratch is too good by a few bytes where the trailer begins shortly before
// the end of a sector.
func (b *Bootloader) Fit(img *Image) (Fit, error) {
	if err := b.check(); err != nil {
		return Fit{}, err
	}
	if b.SlotSize == 0 {
		return Fit{}, errors.New("mcuboot: the size of the slot is not known")
	}
	if b.SectorSize == 0 && (b.Mode == SwapMove || b.Mode == SwapOffset) {
		return Fit{}, fmt.Errorf("mcuboot: mode %s: the size of the flash's sectors is not known", b.Mode)
	}
	primary := Fit{append(img.rows(), b.reserved(b.SlotSize, true)...), b.SlotSize}
	secondary := Fit{append(img.rows(), b.reserved(b.secondarySize(), false)...), b.secondarySize()}
	if b.Mode.copies() && secondary.Free() < primary.Free() {
		return secondary, nil
	}
	return primary, nil
}

// reserved returns the rows of what a slot holds besides an image.
func (b *Bootloader) reserved(slot int, primary bool) parts {
	trailer := b.trailer()
	switch b.Mode {
	case SwapScratch:
		return trailer.add("for the scratch", b.scratchPadding(slot, trailer.size()))
	case SwapMove, SwapOffset:
		trailer = trailer.add("up to a sector", alignUp(trailer.size(), b.SectorSize)-trailer.size())
		if primary == (b.Mode == SwapMove) {
			trailer = trailer.add("sector to move to", b.SectorSize)
		}
	}
	return trailer
}

// trailer returns the rows of the trailer.
func (b *Bootloader) trailer() parts {
	s, keys := b.slot(), trailerKeys{}
	if b.EncryptionTLV != 0 {
		keys.size = b.savedKeySize()
	}
	switch b.Mode {
	case SwapOffset:
		// Two records a sector, and a field for the sizes of the unprotected
		// areas.
		a := s.maxAlign()
		p := parts{}.add("swap status", s.maxSectors()*2*s.align())
		return append(p, s.trailer(keys)[1:]...).add("TLV sizes", a)
	case SingleSlot:
		s.OverwriteOnly = false
		return s.trailer(keys)[1:] // all but the status
	}
	return s.trailer(keys)
}

func (b *Bootloader) savedKeySize() int {
	switch {
	case b.SaveEncTLV:
		return encTLVSize(b.EncryptionTLV, b.AES256)
	case b.AES256:
		return 32
	}
	return 16
}

// scratchPadding returns what the trailer of the scratch area needs more than
// the part of the slot's trailer in its first sector.
func (b *Bootloader) scratchPadding(slot, trailer int) int {
	if b.SectorSize == 0 || trailer > slot {
		return 0
	}
	s := b.slot()
	status := 3 * s.align() * s.maxSectors()
	scratch := trailer - status + 3*s.align()
	first := b.SectorSize - (slot-trailer)%b.SectorSize
	return max(0, scratch-first)
}
