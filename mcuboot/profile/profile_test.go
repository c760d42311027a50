package profile

import (
	"crypto"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// Each setting, and where its value goes.
func TestSet(t *testing.T) {
	number := func(n uint32) *uint32 { return &n }
	version := mcuboot.Version{Major: 1, Minor: 7, Build: 12}
	vendor, err := mcuboot.ParseVendorID("example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		settings string // separated by blanks
		want     mcuboot.Bootloader
	}{
		{"mode=direct-xip", mcuboot.Bootloader{Mode: mcuboot.DirectXIP}},
		{"slot-size=384K", mcuboot.Bootloader{SlotSize: 384 << 10}},
		{"secondary-slot-size=0x1000", mcuboot.Bootloader{SecondarySize: 4096}},
		{"slot-size=4096 slot-address=0xc000", mcuboot.Bootloader{SlotSize: 4096, Flash: &mcuboot.Region{Start: 0xc000, Size: 4096}}},
		{"secondary-slot-address=0x82000", mcuboot.Bootloader{}},
		{"sector-size=4KiB", mcuboot.Bootloader{SectorSize: 4096}},
		{"write-size=32", mcuboot.Bootloader{Align: 32}},
		{"max-align=16", mcuboot.Bootloader{MaxAlign: 16}},
		{"max-sectors=512", mcuboot.Bootloader{MaxSectors: 512}},
		{"signature=none", mcuboot.Bootloader{Unsigned: true}},
		{"signature=ed25519", mcuboot.Bootloader{}},
		{"pure=true", mcuboot.Bootloader{Pure: true}},
		{"hash=sha512", mcuboot.Bootloader{Hash: crypto.SHA512}},
		{"key-tlv=pubkey", mcuboot.Bootloader{KeyTLV: mcuboot.NamedInFull}},
		{"key-tlv=none", mcuboot.Bootloader{KeyTLV: mcuboot.NotNamed}},
		{"key-tlv=keyhash", mcuboot.Bootloader{KeyTLV: mcuboot.NamedByHash}},
		{"padded-signatures=true", mcuboot.Bootloader{PaddedDER: true}},
		{"allow-list=false", mcuboot.Bootloader{NoAllowList: true}},
		{"allow-list=true", mcuboot.Bootloader{}},
		{"encryption=ecies-x25519-sha512", mcuboot.Bootloader{EncryptionTLV: mcuboot.TLVEncX25519SHA512}},
		{"encryption=none", mcuboot.Bootloader{}},
		{"aes-key-size=256", mcuboot.Bootloader{AES256: true}},
		{"save-enctlv=true", mcuboot.Bootloader{SaveEncTLV: true}},
		{"compression=true", mcuboot.Bootloader{Compression: true}},
		{"demands=security-counter,version", mcuboot.Bootloader{SecurityCounter: number(0)}},
		{"security-counter=7 demands=security-counter", mcuboot.Bootloader{SecurityCounter: number(7)}},
		{"demands=version", mcuboot.Bootloader{}},
		{"security-counter=7", mcuboot.Bootloader{SecurityCounter: number(7)}},
		{"installed-version=1.7.0+12", mcuboot.Bootloader{Installed: &version}},
		{"installed-counter=0x10", mcuboot.Bootloader{InstalledCounter: number(16)}},
		{"image-versions=1=1.7.0+12,2=0.0.0", mcuboot.Bootloader{Images: map[uint8]mcuboot.Version{1: version, 2: {}}}},
		{"compare-build-numbers=true", mcuboot.Bootloader{BuildNumbers: true}},
		{"vendor-id=example.com", mcuboot.Bootloader{VendorID: &vendor}},
		{"max-boot-record=100", mcuboot.Bootloader{MaxBootRecord: 100}},
		{"verify-address=true", mcuboot.Bootloader{VerifyAddress: true}},
		{"check-load-address=true", mcuboot.Bootloader{CheckLoadAddr: true}},
		{"ram-address=0x20000000 ram-size=256K", mcuboot.Bootloader{RAM: &mcuboot.Region{Start: 0x20000000, Size: 256 << 10}}},
		{"revert=true", mcuboot.Bootloader{Revert: true}},
	} {
		p := of(t, strings.Fields(c.settings)...)
		if got := p.Bootloader(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.settings, got, c.want)
		}
	}
}

func of(t *testing.T, settings ...string) *Profile {
	t.Helper()
	var p Profile
	for _, text := range settings {
		key, value, _ := strings.Cut(text, "=")
		if err := p.Set(Setting{Key: key, Value: value, From: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	return &p
}

// What is no field of a bootloader.
func TestRest(t *testing.T) {
	p := of(t, "erased-value=0", "signature=ecdsa-p384", "slot-address=0x100", "secondary-slot-address=0x200", "class-id=01234567-89ab-cdef-0123-456789abcdef")
	addr, known := p.SlotAddress()
	second, secondKnown := p.SecondaryAddress()
	if !p.ErasedZero() || p.Signature() != mcuboot.ECDSAP384 || addr != 0x100 || !known || second != 0x200 || !secondKnown || p.Bootloader().ClassID == nil {
		t.Errorf("%+v", p)
	}
	var none Profile
	if _, known := none.SlotAddress(); known || none.ErasedZero() || none.Signature() != 0 || none.Bootloader().Unsigned {
		t.Errorf("the zero profile knows something: %+v", none)
	}
}

// Every setting refuses what it cannot use, and says what it can.
func TestSetRefuses(t *testing.T) {
	for _, key := range Keys() {
		for _, value := range []string{"", "no such value \x00", "-1", "99999999999999999999"} {
			var p Profile
			err := p.Set(Setting{Key: key, Value: value})
			if key == "vendor-id" && value != "" && err == nil && !strings.Contains(value, "\x00") {
				continue // the name of a vendor is free
			}
			if err == nil || !strings.Contains(err.Error(), key) || p.Has(key) {
				t.Errorf("%s = %q: error %v", key, value, err)
			}
		}
	}
	var p Profile
	err := p.Set(Setting{Key: "slotsize", Value: "1"})
	var unknown *UnknownError
	if !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "slot-size") {
		t.Errorf("error %v", err)
	}
}

// Settings are shown in one order, the last value of each, and a clone goes its own
// way.
func TestSettings(t *testing.T) {
	p := of(t, "write-size=4", "mode=swap-move", "write-size=8")
	clone := p.Clone()
	if err := clone.Set(Setting{Key: "mode", Value: "swap-offset"}); err != nil {
		t.Fatal(err)
	}
	want := []Setting{{"mode", "swap-move", "test"}, {"write-size", "8", "test"}}
	if got := p.Settings(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if p.Bootloader().Mode != mcuboot.SwapMove || clone.Bootloader().Mode != mcuboot.SwapOffset {
		t.Error("a clone is the same profile")
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "512": 512, "0x200": 512, "384K": 384 << 10, "384 KiB": 384 << 10, "0x10K": 16 << 10, "2M": 2 << 20, "1MiB": 1 << 20, "2147483647": 1<<31 - 1} {
		if got, err := ParseSize(text); got != want || err != nil {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "K", "1.5K", "-1", "+1", "1k", "0x", "2G", "2048M", "2147483648", "1 2", "1_000"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
