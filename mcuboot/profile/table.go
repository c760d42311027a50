package profile

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// entry is a setting: its key, and what takes its value.
type entry struct {
	key string
	set func(p *Profile, text string) error
}

// table has all settings in the order in which they are shown.
var table = []entry{
	{"mode", func(p *Profile, text string) error { return setMode(&p.bootloader.Mode, text) }},
	{"slot-size", func(p *Profile, text string) error { return setSize(&p.bootloader.SlotSize, text) }},
	{"secondary-slot-size", func(p *Profile, text string) error { return setSize(&p.bootloader.SecondarySize, text) }},
	{"slot-address", func(p *Profile, text string) error { return setAddress(&p.slotAddr, text) }},
	{"secondary-slot-address", func(p *Profile, text string) error { return setAddress(&p.secondary, text) }},
	{"sector-size", func(p *Profile, text string) error { return setSize(&p.bootloader.SectorSize, text) }},
	{"write-size", func(p *Profile, text string) error { return setChoice(&p.bootloader.Align, text, 1, 2, 4, 8, 16, 32) }},
	{"max-align", func(p *Profile, text string) error { return setChoice(&p.bootloader.MaxAlign, text, 8, 16, 32) }},
	{"max-sectors", func(p *Profile, text string) error { return setCount(&p.bootloader.MaxSectors, text) }},
	{"erased-value", setErased},
	{"signature", setSignature},
	{"pure", func(p *Profile, text string) error { return setBool(&p.bootloader.Pure, text) }},
	{"hash", func(p *Profile, text string) error { return setHash(&p.bootloader.Hash, text) }},
	{"key-tlv", func(p *Profile, text string) error { return setKeyTLV(&p.bootloader.KeyTLV, text) }},
	{"padded-signatures", func(p *Profile, text string) error { return setBool(&p.bootloader.PaddedDER, text) }},
	{"allow-list", setAllowList},
	{"encryption", setEncryption},
	{"aes-key-size", setAESKeySize},
	{"save-enctlv", func(p *Profile, text string) error { return setBool(&p.bootloader.SaveEncTLV, text) }},
	{"compression", func(p *Profile, text string) error { return setBool(&p.bootloader.Compression, text) }},
	{"demands", setDemands},
	{"security-counter", func(p *Profile, text string) error { return setAddress(&p.bootloader.SecurityCounter, text) }},
	{"installed-version", setInstalled},
	{"installed-counter", func(p *Profile, text string) error { return setAddress(&p.bootloader.InstalledCounter, text) }},
	{"image-versions", setImages},
	{"compare-build-numbers", func(p *Profile, text string) error { return setBool(&p.bootloader.BuildNumbers, text) }},
	{"vendor-id", setVendor},
	{"class-id", setClass},
	{"max-boot-record", func(p *Profile, text string) error { return setSize(&p.bootloader.MaxBootRecord, text) }},
	{"verify-address", func(p *Profile, text string) error { return setBool(&p.bootloader.VerifyAddress, text) }},
	{"check-load-address", func(p *Profile, text string) error { return setBool(&p.bootloader.CheckLoadAddr, text) }},
	{"ram-address", func(p *Profile, text string) error { return setNumber(&p.ram.Start, text) }},
	{"ram-size", func(p *Profile, text string) error { return setNumber(&p.ram.Size, text) }},
	{"revert", func(p *Profile, text string) error { return setBool(&p.bootloader.Revert, text) }},
}

func setMode(mode *mcuboot.Mode, text string) error {
	var m mcuboot.Mode
	if err := m.UnmarshalText([]byte(text)); err != nil {
		return wantOf("swap-scratch", "swap-move", "swap-offset", "overwrite-only", "direct-xip", "ram-load", "single-slot")
	}
	*mode = m
	return nil
}

func setBool(b *bool, text string) error {
	switch text {
	case "true", "false":
		*b = text == "true"
		return nil
	}
	return wantOf("true", "false")
}

func setChoice(n *int, text string, allowed ...int) error {
	v, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(allowed, v) {
		return fmt.Errorf("want one of %s", strings.Trim(fmt.Sprint(allowed), "[]"))
	}
	*n = v
	return nil
}

// maxSectors is more than any flash has, and keeps the trailer's size in an int.
const maxSectors = 1 << 20

func setCount(n *int, text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 || v > maxSectors {
		return fmt.Errorf("want a number from 1 to %d", maxSectors)
	}
	*n = v
	return nil
}

func setErased(p *Profile, text string) error {
	switch text {
	case "0", "0x0", "0x00":
		p.erasedZero = true
	case "0xff", "255":
		p.erasedZero = false
	default:
		return wantOf("0xff", "0")
	}
	return nil
}

func setSignature(p *Profile, text string) error {
	kinds := []mcuboot.KeyType{mcuboot.RSA2048, mcuboot.RSA3072, mcuboot.ECDSAP256, mcuboot.ECDSAP384, mcuboot.Ed25519}
	names := []string{"none"}
	for _, kind := range kinds {
		if names = append(names, kind.String()); kind.String() == text {
			p.signature = kind
			return nil
		}
	}
	if text != "none" {
		return wantOf(names...)
	}
	p.signature = 0
	return nil
}

func setHash(h *crypto.Hash, text string) error {
	hash, err := ParseHash(text)
	if err == nil {
		*h = hash
	}
	return err
}

// ParseHash reads the name of a hash of images: sha256, sha384 or sha512.
func ParseHash(text string) (crypto.Hash, error) {
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		if HashName(hash) == text {
			return hash, nil
		}
	}
	return 0, wantOf("sha256", "sha384", "sha512")
}

// HashName returns the name that ParseHash reads; "" for other hashes.
func HashName(hash crypto.Hash) string {
	switch hash {
	case crypto.SHA256:
		return "sha256"
	case crypto.SHA384:
		return "sha384"
	case crypto.SHA512:
		return "sha512"
	}
	return ""
}

func setKeyTLV(k *mcuboot.KeyTLV, text string) error {
	switch text {
	case "keyhash":
		*k = mcuboot.NamedByHash
	case "pubkey":
		*k = mcuboot.NamedInFull
	case "none":
		*k = mcuboot.NotNamed
	default:
		return wantOf("keyhash", "pubkey", "none")
	}
	return nil
}

func setAllowList(p *Profile, text string) error {
	var on bool
	err := setBool(&on, text)
	p.bootloader.NoAllowList = !on
	return err
}

// encryptions are the wrapped keys that bootloaders open, by the names of
// settings.
var encryptions = []struct {
	name string
	tlv  mcuboot.TLVType
}{
	{"none", 0},
	{"rsa-2048", mcuboot.TLVEncRSA2048},
	{"aes-kw", mcuboot.TLVEncKW},
	{"ecies-p256", mcuboot.TLVEncEC256},
	{"ecies-x25519", mcuboot.TLVEncX25519},
	{"ecies-x25519-sha512", mcuboot.TLVEncX25519SHA512},
}

func setEncryption(p *Profile, text string) error {
	var names []string
	for _, e := range encryptions {
		if names = append(names, e.name); e.name == text {
			p.bootloader.EncryptionTLV = e.tlv
			return nil
		}
	}
	return wantOf(names...)
}

func setAESKeySize(p *Profile, text string) error {
	var bits int
	err := setChoice(&bits, text, 128, 256)
	p.bootloader.AES256 = bits == 256
	return err
}

// setDemands reads what the bootloader wants of every image, whatever is installed:
// a security counter, which 0 satisfies, and a version, which every image has.
func setDemands(p *Profile, text string) error {
	for name := range strings.SplitSeq(text, ",") {
		switch strings.TrimSpace(name) {
		case "security-counter":
			if p.bootloader.SecurityCounter == nil {
				p.bootloader.SecurityCounter = new(uint32)
			}
		case "version":
		default:
			return errors.New("want security-counter, version or both, with commas between")
		}
	}
	return nil
}

func setInstalled(p *Profile, text string) error {
	v, err := mcuboot.ParseVersion(text)
	if err != nil {
		return errors.New("want a version such as 1.7.0+12")
	}
	p.bootloader.Installed = &v
	return nil
}

// setImages reads "0=1.7.0+12, 1=0.3.0".
func setImages(p *Profile, text string) error {
	images := map[uint8]mcuboot.Version{}
	for pair := range strings.SplitSeq(text, ",") {
		number, version, ok := strings.Cut(strings.TrimSpace(pair), "=")
		n, err := strconv.ParseUint(number, 10, 8)
		v, versionErr := mcuboot.ParseVersion(version)
		if !ok || err != nil || versionErr != nil {
			return errors.New("want versions by the number of their image, such as 0=1.7.0+12, 1=0.3.0")
		}
		images[uint8(n)] = v
	}
	p.bootloader.Images = images
	return nil
}

func setVendor(p *Profile, text string) error {
	id, err := mcuboot.ParseVendorID(text)
	if err == nil {
		p.bootloader.VendorID = &id
	}
	return err
}

// setClass takes a name only behind a vendor-id.
func setClass(p *Profile, text string) error {
	id, err := mcuboot.ParseClassID(text, p.bootloader.VendorID)
	if err == nil {
		p.bootloader.ClassID = &id
	}
	return err
}

func wantOf(names ...string) error {
	return fmt.Errorf("want one of %s", strings.Join(names, ", "))
}

// EncryptionName returns the value of the setting "encryption" for a type of
// wrapped key.
func EncryptionName(t mcuboot.TLVType) string {
	for _, e := range encryptions {
		if e.tlv == t {
			return e.name
		}
	}
	return ""
}
