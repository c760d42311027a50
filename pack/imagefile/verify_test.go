package imagefile

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// verify judges a file by the bootloader that its image seems to be for.
func verify(t testing.TB, f *File, o VerifyOptions) *Verification {
	t.Helper()
	o.Bootloader = f.Bootloader()
	v, err := f.Verify(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// unchecked lists the rules that were not checked.
func (v *Verification) unchecked() string {
	var rules []string
	for _, n := range v.NotChecked {
		rules = append(rules, n.Rule)
	}
	return strings.Join(rules, ", ")
}

func TestVerify(t *testing.T) {
	kek := mcuboot.KEK(bytes.Repeat([]byte{5}, 16))
	wrapped := encrypted(t, "ed25519")
	wrapped.Encryption.Recipient = kek
	clear := encrypted(t, "ed25519")
	clear.Encryption.Clear = true
	both := compressed(t, "ed25519")
	both.Encryption = encrypted(t, "ed25519").Encryption
	pure := signedWith(t, "ed25519")
	pure.Signing.Pure = true
	full := signedWith(t, "ec-p384")
	full.Signing.FullKey = true
	ed := trust(t, "ed25519.pub")
	for _, test := range []struct {
		name    string
		o       mcuboot.Options
		trust   []TrustedKey
		key     crypto.PrivateKey
		verdict Verdict
		open    string // what is not checked
	}{
		{"rsa-2048", signedWith(t, "rsa2048"), trust(t, "rsa2048"), nil, Accepted, "size, version"},
		{"rsa-3072", signedWith(t, "rsa3072"), trust(t, "rsa3072"), nil, Accepted, "size, version"},
		{"p256", signedWith(t, "ec-p256"), trust(t, "ec-p256.pub"), nil, Accepted, "size, version"},
		{"p384", full, trust(t, "ec-p384.pub"), nil, Accepted, "size, version"},
		{"among others", signedWith(t, "ec-p384"), trust(t, "rsa2048", "ec-p256", "ec-p384"), nil, Accepted, "size, version"},
		{"pure", pure, ed, nil, Accepted, "size, version"},
		{"everything", everything(t), ed, nil, Accepted, "size, dependencies, security counter, vendor, class, version"},
		{"no key", signedWith(t, "ed25519"), nil, nil, NotProven, "size, signature, version"},
		{"another key", signedWith(t, "ec-p256"), ed, nil, Refused, "size, version"},
		{"unsigned", mcuboot.Options{PadHeader: true}, ed, nil, Refused, "size, version"},
		{"unsigned, no key", mcuboot.Options{PadHeader: true}, nil, nil, NotProven, "size, signature, version"},
		{"encrypted", encrypted(t, "ed25519"), ed, exchangeKey(t), Accepted, "size, version"},
		{"encrypted, no key", encrypted(t, "ed25519"), ed, nil, NotProven, "size, decryption, hash, signature, version"},
		{"encrypted, wrong key", wrapped, ed, exchangeKey(t), Refused, "size, hash, signature, version"},
		{"key wrap", wrapped, ed, kek, Accepted, "size, version"},
		{"clear", clear, ed, nil, Accepted, "size"},
		{"compressed", compressed(t, "ed25519"), ed, nil, Accepted, "size, version"},
		{"compressed and encrypted", both, ed, exchangeKey(t), Accepted, "size, version"},
		{"fixed", mcuboot.Options{PadHeader: true, ROMFixed: 0x8000}, nil, nil, NotProven, "size, signature, version, address"},
	} {
		v := verify(t, mustRead(t, build(t, test.o)), VerifyOptions{Trust: test.trust, DecryptionKey: test.key})
		if v.Verdict != test.verdict || v.unchecked() != test.open {
			t.Errorf("%s: %s, not checked: %s\n%+v", test.name, v.Verdict, v.unchecked(), v.Rules)
		}
		if (v.SignedBy != nil) != (v.Verdict == Accepted) || v.Verdict == Accepted && !slices.Contains(v.Proven, "signature") {
			t.Errorf("%s: signed by %+v, proven %q", test.name, v.SignedBy, v.Proven)
		}
	}
}

// A file with its trailer has the verdict of the bare image, and says what the
// bootloader will do with it.
func TestVerifySlots(t *testing.T) {
	image := build(t, signedWith(t, "ed25519"))
	second := slot
	second.ImageOffset = 0x1000
	wide := mcuboot.Slot{Size: 0x8000, Align: 32}
	for _, test := range []struct {
		name    string
		data    []byte
		upgrade mcuboot.Upgrade
	}{
		{"bare", image, mcuboot.UpgradeNone},
		{"padded", pad(t, slot, image, mcuboot.MarkPad), mcuboot.UpgradeTest},
		{"confirmed", pad(t, slot, image, mcuboot.MarkConfirm), mcuboot.UpgradePermanent},
		{"wide", pad(t, wide, image, mcuboot.MarkConfirm), mcuboot.UpgradePermanent},
		{"second sector", pad(t, second, image, mcuboot.MarkTest), mcuboot.UpgradeTest},
		{"sparse", sparse(t, 0xc000, image, wide, mcuboot.MarkConfirm), mcuboot.UpgradePermanent},
	} {
		v := verify(t, mustRead(t, test.data), VerifyOptions{Trust: trust(t, "ed25519")})
		if v.Verdict != Accepted || v.Upgrade != test.upgrade || v.Version != "1.2.3+4" {
			t.Errorf("%s: %s, upgrade %s, version %s\n%+v", test.name, v.Verdict, v.Upgrade, v.Version, v.Rules)
		}
	}
}

// A bootloader that is described decides on more, and the verdict with it.
func TestVerifyDescribed(t *testing.T) {
	image := build(t, everything(t))
	for _, test := range []struct {
		name    string
		change  func(*mcuboot.Bootloader)
		verdict Verdict
		detail  string
	}{
		{"fits", func(b *mcuboot.Bootloader) { b.SlotSize = 0x4000 }, Accepted, "8880 bytes free"},
		{"does not fit", func(b *mcuboot.Bootloader) { b.SlotSize = 0x1800 }, Refused, "more than the slot"},
		{"sectors not known", func(b *mcuboot.Bootloader) { b.SlotSize, b.Mode = 0x4000, mcuboot.SwapMove }, NotProven, "sectors is not known"},
		{"dependency there", func(b *mcuboot.Bootloader) { b.Images = map[uint8]mcuboot.Version{1: {Major: 2}} }, Accepted, "1, all there"},
		{"dependency too old", func(b *mcuboot.Bootloader) { b.Images = map[uint8]mcuboot.Version{1: {Major: 1}} }, Refused, "want at least 2.0.0"},
		{"downgrade", func(b *mcuboot.Bootloader) { b.Installed = &mcuboot.Version{Major: 9} }, Refused, "the device has 9.0.0"},
		{"counter", func(b *mcuboot.Bootloader) { b.SecurityCounter = new(uint32) }, Accepted, "7"},
		{"swap offset, not in the second sector", func(b *mcuboot.Bootloader) {
			b.Mode, b.SlotSize, b.SectorSize = mcuboot.SwapOffset, len(image), 512
		}, Refused, "looks in the second"},
	} {
		f := mustRead(t, image)
		o := VerifyOptions{Bootloader: f.Bootloader(), Trust: trust(t, "ed25519")}
		test.change(&o.Bootloader)
		v, err := f.Verify(o)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		found := slices.ContainsFunc(v.Rules, func(r RuleResult) bool { return strings.Contains(r.Detail, test.detail) })
		if v.Verdict != test.verdict || !found {
			t.Errorf("%s: %s\n%+v", test.name, v.Verdict, v.Rules)
		}
		if o.Bootloader.SlotSize != 0 && o.Bootloader.Mode == mcuboot.SwapScratch && v.Fit.Free != v.Fit.Slot-v.Fit.Used {
			t.Errorf("%s: fit %+v", test.name, v.Fit)
		}
	}
	f := mustRead(t, image)
	_, err := f.Verify(VerifyOptions{Bootloader: mcuboot.Bootloader{Align: 3}})
	wantError(t, err, "test.bin: alignment 3: want")
}

// The result has what devices show, and the key that fits among several.
func TestVerifyResult(t *testing.T) {
	image := build(t, signedWith(t, "ec-p256"))
	f := mustRead(t, image)
	v := verify(t, f, VerifyOptions{Trust: trust(t, "leaf", "ec-p256", "ed25519"), DecryptionKey: exchangeKey(t)})
	_, digest := f.Image.StoredDigest()
	if v.Digest != hex.EncodeToString(digest) || v.Hash != "sha256" {
		t.Errorf("digest %s %s", v.Hash, v.Digest)
	}
	if v.SignedBy == nil || v.SignedBy.File != keyFile("ec-p256") || v.SignedBy.Published != "fwpack: testdata/keys/ec-p256.pem" {
		t.Errorf("signed by %+v", v.SignedBy)
	}
	notes := strings.Join(v.Notes, "\n")
	for _, want := range []string{"ed25519.pem: of type ed25519: not looked at", "was not needed: the body is not encrypted"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
}

// Each part of an image is covered by something: no byte that is changed leaves it
// accepted.
func TestVerifyTampered(t *testing.T) {
	for _, o := range []mcuboot.Options{everything(t), encrypted(t, "ec-p256"), compressed(t, "ed25519")} {
		o.HeaderSize = 32
		image := build(t, o)
		opt := VerifyOptions{Trust: trust(t, "ed25519", "ec-p256"), DecryptionKey: exchangeKey(t)}
		if v := verify(t, mustRead(t, image), opt); v.Verdict != Accepted {
			t.Fatalf("%+v", v)
		}
		for at := 0; at < len(image); at += 1 + at/400 {
			changed := bytes.Clone(image)
			changed[at] ^= 0x41
			f, err := Read("test.bin", bytes.NewReader(changed))
			if err != nil {
				if at >= 4 { // behind the magic
					t.Errorf("offset %d: %v", at, err)
				}
				continue
			}
			if v := verify(t, f, opt); v.Verdict != Refused {
				t.Errorf("offset %d: %s\n%+v", at, v.Verdict, v.Rules)
			}
		}
	}
}

func TestVerifyTruncated(t *testing.T) {
	image := build(t, signedWith(t, "ed25519"))
	for size := 4; size < len(image); size += 97 {
		f := mustRead(t, image[:size])
		v := verify(t, f, VerifyOptions{Trust: trust(t, "ed25519")})
		if v.Verdict != Refused || f.Image != nil {
			t.Errorf("%d bytes: %+v", size, v)
		}
		if _, err := f.Inspect(nil); err == nil || !strings.HasPrefix(err.Error(), "test.bin: ") {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestReadTrustRefuses(t *testing.T) {
	for name, want := range map[string]string{"rsa4096": "MCUboot knows 2048 and 3072", "ec-p521": "P-521", "none": "none.pem"} {
		_, err := ReadTrust([]string{keyFile(name)})
		wantError(t, err, want)
	}
}
