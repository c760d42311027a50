package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"errors"
	"slices"
	"strings"
	"testing"
)

// verdict returns the finding about the rule, and checks that the report says
// nothing else than that it passed or is unchecked of the others.
func verdict(t *testing.T, data []byte, b Bootloader, rule Rule) Finding {
	t.Helper()
	report, err := Verify(data, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Rule != rule && f.Outcome == Failed {
			t.Errorf("rule %q failed as well: %s", f.Rule, f.Detail)
		}
	}
	f, ok := report.Finding(rule)
	if !ok {
		t.Fatalf("no finding about %q:\n%s", rule, report)
	}
	return f
}

// refuse checks that data breaks the rule and no other.
func refuse(t *testing.T, data []byte, b Bootloader, rule Rule, detail string) {
	t.Helper()
	f := verdict(t, data, b, rule)
	if f.Outcome != Failed || !strings.Contains(f.Detail, detail) {
		t.Errorf("rule %q %s: %q, want it failed with %q", rule, f.Outcome, f.Detail, detail)
	}
}

// accept checks that every rule was checked and kept.
func accept(t *testing.T, data []byte, b Bootloader) *Report {
	t.Helper()
	report, err := Verify(data, b)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Accepted() {
		t.Errorf("not accepted:\n%s", report)
	}
	return report
}

// device is a bootloader that trusts the key with the seed 00 01 ..
func device() Bootloader {
	return Bootloader{SlotSize: 0x8000, SectorSize: 0x400, Keys: []crypto.PublicKey{edKey().Public()}}
}

func signed() Options { return Options{Signing: Signing{Signer: edKey()}} }

func TestVerifyAccepts(t *testing.T) {
	for name, s := range signings(t) {
		b := device()
		b.Keys = []crypto.PublicKey{s.Signer.Public()}
		b.Hash, b.Pure = s.Hash, s.Pure
		if s.FullKey {
			b.KeyTLV = NamedInFull
		}
		data := mustMarshal(t, mustBuild(t, Options{Signing: s}))
		report := accept(t, data, b)
		if t.Failed() {
			t.Fatal(name)
		}
		if f, _ := report.Finding(RuleSignature); f.Detail == "" {
			t.Errorf("%s: %+v", name, f)
		}
		for _, at := range []int{20, 40, 1031} { // version, body's begin and end
			changed := bytes.Clone(data)
			changed[at] ^= 1
			report, err := Verify(changed, b)
			if err != nil || report.Err() == nil {
				t.Errorf("%s: byte %d changed: accepted, %v", name, at, err)
			}
		}
		foreign := Signing{Signer: edKey(), Hash: s.Hash, Pure: s.Pure}
		if s.Hash == crypto.SHA384 || b.keyType() == ECDSAP384 {
			continue
		}
		report, err := Verify(mustMarshal(t, mustBuild(t, Options{Signing: foreign})), b)
		if f, _ := report.Finding(RuleSignature); err != nil || f.Outcome != Failed {
			t.Errorf("%s: by another key: %+v, %v", name, f, err)
		}
	}
}

// TestVerifyUnknown: what is not known is not called correct.
func TestVerifyUnknown(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, signed()))
	report, err := Verify(data, Bootloader{})
	if err != nil || report.Err() != nil || report.Accepted() {
		t.Fatalf("%v, %v\n%s", err, report.Err(), report)
	}
	var open []string
	for _, f := range report.Unchecked() {
		open = append(open, string(f.Rule))
	}
	if got := strings.Join(open, ", "); got != "size, signature" {
		t.Errorf("unchecked: %s", got)
	}
	b := device()
	b.Keys = nil
	if f := verdict(t, data, b, RuleSignature); f.Outcome != Unchecked || f.Detail != "no key to verify it with is given" {
		t.Errorf("without keys: %+v", f)
	}
	b.Unsigned = true
	accept(t, data, b)
	b = device()
	b.Mode, b.SectorSize = SwapMove, 0
	if f := verdict(t, data, b, RuleSize); f.Outcome != Unchecked {
		t.Errorf("without sectors: %+v", f)
	}
}

// TestVerifyHeader: the header's rule broken in all ways.
func TestVerifyHeader(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, signed()))
	encrypts, decompresses := device(), device()
	encrypts.EncryptionTLV = TLVEncKW
	decompresses.Compression = true
	for _, test := range []struct {
		name   string
		b      Bootloader
		at     int
		bytes  []byte
		detail string
	}{
		{"erased to ff", device(), 0, []byte{0xff, 0xff, 0xff, 0xff}, "no image: the flash is erased"},
		{"erased to 00", device(), 0, []byte{0, 0, 0, 0}, "no image: the flash is erased"},
		{"magic", device(), 0, []byte{0}, "offset 0x0: magic"},
		{"fills the slot", device(), 12, []byte{0xe0, 0x7f}, "sizes of 32768 bytes together: want less than the slot's 32768"},
		{"overflow", device(), 12, []byte{0xff, 0xff, 0xff, 0xff}, "want at most 4294967295"},
		{"encrypted", device(), 16, []byte{4}, "flags ENCRYPTED_AES128: this bootloader decrypts nothing"},
		{"AES twice", encrypts, 16, []byte{12}, "two sizes of AES key"},
		{"compressed", device(), 17, []byte{4}, "this bootloader decompresses nothing"},
		{"compressed twice", decompresses, 17, []byte{6}, "two compressions"},
	} {
		t.Run(test.name, func(t *testing.T) {
			changed := bytes.Clone(data)
			copy(changed[test.at:], test.bytes)
			refuse(t, changed, test.b, RuleHeader, test.detail)
		})
	}
	big := signed()
	big.ByteOrder = BigEndian
	refuse(t, mustMarshal(t, mustBuild(t, big)), device(), RuleHeader, "bootloaders read little-endian")
	refuse(t, nil, device(), RuleHeader, "0 bytes: want at least 32")
	o := signed()
	o.NonBootable = true
	refuse(t, mustMarshal(t, mustBuild(t, o)), device(), RuleBootable, "flag NON_BOOTABLE")
}

func TestVerifyStructure(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, signed()))
	data[1034] += 3
	refuse(t, data, device(), RuleStructure, "offset 0x40a: unprotected area: length")
	report, err := Verify(data, device())
	if err != nil || report.Image != nil || len(report.Findings) != 3 {
		t.Errorf("%v\n%s", err, report)
	}
	wantError(t, report.Err(), `mcuboot: rule "TLV structure": offset 0x40a`)
}

// reseal builds an image and lets change touch its unprotected TLVs.
func reseal(t *testing.T, o Options, change func(tlvs []TLV) []TLV) []byte {
	t.Helper()
	img := mustBuild(t, o)
	img.Unprotected = change(img.Unprotected)
	return mustMarshal(t, img)
}

// TestVerifyTLVs: entries missing, in the wrong order, too short ...
func TestVerifyTLVs(t *testing.T) {
	foreign := mustBuild(t, Options{Signing: Signing{Signer: signer(t, "ed25519")}}).Unprotected
	full := signed()
	full.Signing.FullKey = true
	for _, test := range []struct {
		name   string
		change func([]TLV) []TLV
		rule   Rule // "" where the image stays good
		detail string
	}{
		{"no digest", func(s []TLV) []TLV { return s[1:] }, RuleHash, "no SHA-256 digest"},
		{"another digest", func(s []TLV) []TLV { s[0].Type = TLVSHA512; return s }, RuleHash, "no SHA-256 digest"},
		{"short digest", func(s []TLV) []TLV { s[0].Value = s[0].Value[:31]; return s }, RuleHash, "SHA256 does not match"},
		{"second digest wrong", func(s []TLV) []TLV { return append(s, TLV{TLVSHA256, make([]byte, 32)}) }, RuleHash, "does not match"},
		{"second digest right", func(s []TLV) []TLV { return append(s, s[0]) }, "", ""},
		{"digest of another kind besides", func(s []TLV) []TLV { return append(s, TLV{TLVSHA512, nil}) }, "", ""},
		{"digest last", func(s []TLV) []TLV { return append(s[1:], s[0]) }, "", ""},
		{"unknown entry", func(s []TLV) []TLV { return append(s, TLV{0x99, nil}) }, RuleAllowList, "0x99 in the unprotected area"},
		{"custom entry", func(s []TLV) []TLV { return append(s, TLV{0xa0, nil}) }, RuleAllowList, "0xa0 in the unprotected area"},
		{"protected entry", func(s []TLV) []TLV { return append(s, TLV{TLVDependency, nil}) }, RuleAllowList, "DEPENDENCY in the unprotected area"},
		{"pure", func(s []TLV) []TLV { return append(s, TLV{TLVSigPure, []byte{1}}) }, RuleAllowList, "SIG_PURE in"},
		{"SHA-512 key", func(s []TLV) []TLV { return append(s, TLV{TLVEncX25519SHA512, nil}) }, RuleAllowList, "ENCX25519_SHA512 in"},
		{"wrapped key", func(s []TLV) []TLV { return append(s, TLV{TLVEncX25519, nil}) }, "", ""},
		{"no signature", func(s []TLV) []TLV { return s[:2] }, RuleSignature, "none by a trusted key"},
		{"no key", func(s []TLV) []TLV { return slices.Delete(s, 1, 2) }, RuleSignature, "no KEYHASH that names the key"},
		{"unsigned", func(s []TLV) []TLV { return s[:1] }, RuleSignature, "no KEYHASH that names the key"},
		{"signature before key", func(s []TLV) []TLV { s[1], s[2] = s[2], s[1]; return s }, RuleSignature, "none by a trusted key"},
		{"unknown key", func(s []TLV) []TLV { return append(s[:1], foreign[1:]...) }, RuleSignature, "none by a trusted key of type ed25519"},
		{"unknown key first", func(s []TLV) []TLV { return slices.Insert(s, 1, foreign[1:]...) }, "", ""},
		{"unknown key last", func(s []TLV) []TLV { return append(s, foreign[1:]...) }, "", ""},
		{"foreign signature with known key", func(s []TLV) []TLV { s[2] = foreign[2]; return s }, RuleSignature, "ED25519 does not match the image"},
		{"good, then bad", func(s []TLV) []TLV { return append(s, s[1], foreign[2]) }, RuleSignature, "does not match"},
		{"bad, then good", func(s []TLV) []TLV { return append(s[:1], s[1], foreign[2], s[1], s[2]) }, "", ""},
		{"key named by a prefix", func(s []TLV) []TLV { s[1].Value = s[1].Value[:4]; return s }, "", ""},
		{"key named too long", func(s []TLV) []TLV { s[1].Value = make([]byte, 33); return s }, RuleSignature, "KEYHASH of 33 bytes: this bootloader's SHA-256 has 32"},
		{"signature short", func(s []TLV) []TLV { s[2].Value = s[2].Value[:63]; return s }, RuleSignature, "ED25519 of 63 bytes: want 64"},
		{"signature of another type", func(s []TLV) []TLV { s[2].Type = TLVECDSA; return s }, RuleSignature, "none by a trusted key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := reseal(t, signed(), test.change)
			if test.rule == "" {
				accept(t, data, device())
				return
			}
			refuse(t, data, device(), test.rule, test.detail)
		})
	}
	data := mustMarshal(t, mustBuild(t, full))
	refuse(t, data, device(), RuleSignature, "no KEYHASH that names the key")
	b := device()
	b.NoAllowList = true
	accept(t, reseal(t, signed(), func(s []TLV) []TLV { return append(s, TLV{0xa0, nil}) }), b)
}

// TestVerifyKeyTLV: the key in full, and none at all.
func TestVerifyKeyTLV(t *testing.T) {
	full := signed()
	full.Signing.FullKey = true
	b := device()
	b.KeyTLV = NamedInFull
	refuse(t, mustMarshal(t, mustBuild(t, signed())), b, RuleSignature, "no PUBKEY with the key")
	refuse(t, reseal(t, full, func(s []TLV) []TLV { s[1].Value = make([]byte, 89); return s }), b, RuleSignature, "PUBKEY of 89 bytes: want at most 88")
	refuse(t, reseal(t, full, func(s []TLV) []TLV { s[1].Value = make([]byte, 44); return s }), b, RuleSignature, "none by a trusted key")
	b.KeyTLV = NotNamed
	accept(t, mustMarshal(t, mustBuild(t, full)), b)
	refuse(t, reseal(t, full, func(s []TLV) []TLV { return s[:1] }), b, RuleSignature, "none")
}

func TestVerifyPure(t *testing.T) {
	pure := signed()
	pure.Signing.Pure = true
	b := device()
	refuse(t, reseal(t, pure, func(s []TLV) []TLV { return append([]TLV{s[0]}, s[2:]...) }), Bootloader{
		SlotSize: 0x8000, Keys: b.Keys, Pure: true,
	}, RuleSignature, "no SIG_PURE with the value 1")
	report, err := Verify(mustMarshal(t, mustBuild(t, pure)), b)
	if err != nil || report.Err() == nil {
		t.Errorf("pure image for another bootloader: %v\n%s", err, report)
	}
	b.Pure = true
	// A pure bootloader has no use for the digest.
	accept(t, reseal(t, pure, func(s []TLV) []TLV { s[0].Value = make([]byte, 64); return s }), b)
	b.Hash = crypto.SHA256
	refuse(t, mustMarshal(t, mustBuild(t, pure)), b, RuleSignature, "KEYHASH of 64 bytes: this bootloader's SHA-256 has 32")
}

// TestVerifyPadded: zeros behind a signature by ECDSA are for some bootloaders.
func TestVerifyPadded(t *testing.T) {
	key := signer(t, "ec-p256")
	o := Options{Signing: Signing{Signer: key}}
	b := device()
	b.Keys = []crypto.PublicKey{key.Public()}
	padded := reseal(t, o, func(s []TLV) []TLV { s[2].Value = append(s[2].Value, 0); return s })
	refuse(t, padded, b, RuleSignature, "ECDSASIG does not match")
	b.PaddedDER = true
	accept(t, padded, b)
	accept(t, mustMarshal(t, mustBuild(t, o)), b)
	refuse(t, reseal(t, o, func(s []TLV) []TLV { s[2].Value = append(s[2].Value, 1); return s }), b, RuleSignature, "does not match")
	refuse(t, reseal(t, o, func(s []TLV) []TLV { s[2].Value = []byte{0x30}; return s }), b, RuleSignature, "does not match")
	refuse(t, reseal(t, o, func(s []TLV) []TLV { s[2].Value = make([]byte, 129); return s }), b, RuleSignature, "ECDSASIG of 129 bytes: want at most 128")
}

func TestVerifyEncrypted(t *testing.T) {
	for name, r := range recipients(t) {
		r.e.Rand = random()
		o := signed()
		o.Encryption = &r.e
		data := mustMarshal(t, mustBuild(t, o))
		b := device()
		b.EncryptionTLV, b.AES256 = r.kind, r.e.KeySize == 256
		report, err := Verify(data, b)
		if err != nil || report.Err() != nil || len(report.Unchecked()) != 3 {
			t.Errorf("%s without key: %v\n%s", name, err, report)
		}
		b.EncryptionKey = r.private
		report = accept(t, data, b)
		if !bytes.HasPrefix(report.Image.Body, testBody(0, 1000)) {
			t.Errorf("%s: the body in the report is not in the clear", name)
		}
		b.AES256 = !b.AES256
		if kind := r.kind; kind != TLVEncRSA2048 {
			if f := verdictAmong(t, data, b, RuleDecryption); f.Outcome != Failed || !strings.Contains(f.Detail, "bytes: want") {
				t.Errorf("%s with another size of key: %+v", name, f)
			}
		}
	}
}

// verdictAmong returns the finding where others may have failed too.
func verdictAmong(t *testing.T, data []byte, b Bootloader, rule Rule) Finding {
	t.Helper()
	report, err := Verify(data, b)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := report.Finding(rule)
	return f
}

func TestVerifyDecryption(t *testing.T) {
	kek := KEK(make([]byte, 16))
	o := signed()
	o.Encryption = &Encryption{Recipient: kek, Rand: random()}
	b := device()
	b.EncryptionTLV, b.EncryptionKey = TLVEncKW, kek
	data := mustMarshal(t, mustBuild(t, o))
	refuse(t, reseal(t, o, func(s []TLV) []TLV { return s[:3] }), b, RuleDecryption, "no ENCKW with the image key")
	refuse(t, reseal(t, o, func(s []TLV) []TLV { s[3].Value = s[3].Value[1:]; return s }), b, RuleDecryption, "ENCKW of 23 bytes: want 24")
	b.EncryptionKey = KEK(count(1, 16))
	refuse(t, data, b, RuleDecryption, "wrapped for another key, or damaged")

	// A clear image is for the primary slot, an encrypted one for the other.
	b.EncryptionKey = kek
	o.Encryption.Clear = true
	clear := mustMarshal(t, mustBuild(t, o))
	if f := verdictAmong(t, clear, b, RuleHash); f.Outcome != Failed {
		t.Errorf("clear image as an upgrade: %+v", f)
	}
	b.Primary = true
	accept(t, clear, b)
	if f := verdictAmong(t, data, b, RuleHash); f.Outcome != Failed {
		t.Errorf("encrypted image in the primary slot: %+v", f)
	}
}

// TestVerifyCompressedUnsigned: by whichever hash the image has.
func TestVerifyCompressedUnsigned(t *testing.T) {
	for _, hash := range KeyType(0).hashes(false) {
		o := Options{Signing: Signing{Hash: hash}, Compression: &Compression{Compress: halve}}
		b := Bootloader{SlotSize: 0x8000, Unsigned: true, Compression: true, Decompress: double}
		img := mustBuild(t, o)
		accept(t, mustMarshal(t, img), b)
		img.Protected[1].Value[0] ^= 1
		img.Unprotected[0].Value, _ = img.Digest(hash)
		refuse(t, mustMarshal(t, img), b, RuleCompression, "DECOMP_SHA is not that of what comes out")
	}
}

// TestVerifyCompDecSize: where the padding of an encrypted body begins.
func TestVerifyCompDecSize(t *testing.T) {
	kek := KEK(make([]byte, 16))
	for _, test := range []struct {
		value  []byte
		detail string
	}{
		{nil, "no COMP_DEC_SIZE"},
		{[]byte{0, 0, 1, 0}, "COMP_DEC_SIZE 65536: the body has 512 bytes"},
		{[]byte{1, 1, 0, 0}, "not halved"},
	} {
		img := mustBuild(t, Options{
			Compression: &Compression{Compress: halve}, Encryption: &Encryption{Recipient: kek, Rand: random(), Clear: true},
		})
		if img.Protected[2].Value = test.value; test.value == nil {
			img.Protected = img.Protected[:2]
		}
		if err := img.setSizes(); err != nil {
			t.Fatal(err)
		}
		img.Unprotected[0].Value, _ = img.Digest(crypto.SHA256)
		b := Bootloader{SlotSize: 0x8000, Unsigned: true, Primary: true, EncryptionTLV: TLVEncKW, Compression: true, Decompress: double}
		refuse(t, mustMarshal(t, img), b, RuleCompression, test.detail)
	}
}

func TestVerifyCompressed(t *testing.T) {
	kek := KEK(make([]byte, 16))
	for _, e := range []*Encryption{nil, {Recipient: kek, Rand: random()}} {
		o := signed()
		o.Compression, o.Encryption = &Compression{Compress: halve}, e
		b := device()
		b.Compression = true
		if e != nil {
			b.EncryptionTLV, b.EncryptionKey = TLVEncKW, kek
		}
		data := mustMarshal(t, mustBuild(t, o))
		if f := verdict(t, data, b, RuleCompression); f.Outcome != Unchecked {
			t.Errorf("without a decompressor: %+v", f)
		}
		b.Decompress = double
		report := accept(t, data, b)
		if f, _ := report.Finding(RuleCompression); f.Detail != "1000 bytes" {
			t.Errorf("%+v", f)
		}
		b.EncryptionKey = nil
		if f := verdict(t, data, b, RuleCompression); e != nil && f.Outcome != Unchecked {
			t.Errorf("without a key: %+v", f)
		}
	}
}

// TestVerifyCompressedRefuses: a signer who lies about what comes out.
func TestVerifyCompressedRefuses(t *testing.T) {
	o := signed()
	o.Compression = &Compression{Compress: halve}
	b := device()
	b.Compression, b.Decompress = true, double
	for _, test := range []struct {
		t      TLVType
		value  []byte // nil drops the entry
		detail string
	}{
		{TLVDecompSize, nil, "no DECOMP_SIZE"},
		{TLVDecompSize, []byte{1, 2}, "DECOMP_SIZE of 2 bytes: want 4"},
		{TLVDecompSize, []byte{0xff, 0xff, 0xff, 0xff}, "DECOMP_SIZE 4294967295: want at most"},
		{TLVDecompSize, []byte{1, 0, 0, 0}, "not halved"},
		{TLVDecompSHA, nil, "DECOMP_SHA is not that of what comes out"},
		{TLVDecompSHA, make([]byte, 32), "DECOMP_SHA is not that of what comes out"},
		{TLVDecompSignature, nil, "no DECOMP_SIGNATURE"},
		{TLVDecompSignature, make([]byte, 64), "DECOMP_SIGNATURE is by no trusted key"},
	} {
		img := mustBuild(t, o)
		i := slices.IndexFunc(img.Protected, func(tlv TLV) bool { return tlv.Type == test.t })
		if img.Protected[i].Value = test.value; test.value == nil {
			img.Protected = slices.Delete(img.Protected, i, i+1)
		}
		refuse(t, mustMarshal(t, resigned(t, img)), b, RuleCompression, test.detail)
	}
	img := mustBuild(t, o)
	b.Decompress = func([]byte, bool, int64) ([]byte, error) { return make([]byte, 999), nil }
	refuse(t, mustMarshal(t, img), b, RuleCompression, "999 bytes: DECOMP_SIZE says 1000")
	b.Decompress = func([]byte, bool, int64) ([]byte, error) { return nil, errors.New("damaged stream") }
	refuse(t, mustMarshal(t, img), b, RuleCompression, "damaged stream")
}

// resigned signs whatever img has become.
func resigned(t *testing.T, img *Image) *Image {
	t.Helper()
	if err := img.setSizes(); err != nil {
		t.Fatal(err)
	}
	by := signedBy{pub: edKey().Public(), kind: Ed25519, hash: crypto.SHA256}
	img.Unprotected = nil
	r, err := newRequest(img, Signing{Signer: edKey()}, by, nil)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := r.sign()
	if err != nil {
		t.Fatal(err)
	}
	img, err = r.image(signature)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestVerifyDevice: the rules about what the device has.
func TestVerifyDevice(t *testing.T) {
	o := everything()
	o.NonBootable, o.Signing.Signer = false, edKey()
	img := mustBuild(t, o)
	data := mustMarshal(t, img)
	plain := mustMarshal(t, mustBuild(t, signed()))
	images := map[uint8]Version{1: {Major: 1, Build: 3}}
	for _, test := range []struct {
		name   string
		data   []byte
		change func(*Bootloader)
		rule   Rule
		detail string // "" where the image is good
	}{
		{"counter", data, func(b *Bootloader) { b.SecurityCounter = new(uint32(9)) }, RuleCounter, ""},
		{"counter too low", data, func(b *Bootloader) { b.SecurityCounter = new(uint32(10)) }, RuleCounter, "9: the device has 10"},
		{"installed counter higher", data, func(b *Bootloader) { b.InstalledCounter = new(uint32(11)) }, RuleCounter, "9: the device has 11"},
		{"no counter", plain, func(b *Bootloader) { b.SecurityCounter = new(uint32(0)) }, RuleCounter, "no SEC_CNT"},
		{"vendor", data, func(b *Bootloader) { b.VendorID = &UUID{1} }, RuleVendor, ""},
		{"another vendor", data, func(b *Bootloader) { b.VendorID = &UUID{2} }, RuleVendor, "01000000-0000-0000-0000-000000000000: the device is 02000000-0000"},
		{"no vendor", plain, func(b *Bootloader) { b.VendorID = &UUID{1} }, RuleVendor, "no UUID_VID"},
		{"class", data, func(b *Bootloader) { b.ClassID = &UUID{2} }, RuleClass, ""},
		{"another class", data, func(b *Bootloader) { b.ClassID = &UUID{1} }, RuleClass, "02000000-0000-0000-0000-000000000000: the device is 01000000"},
		{"record", data, func(b *Bootloader) { b.MaxBootRecord = 91 }, RuleBootRecord, ""},
		{"record too large", data, func(b *Bootloader) { b.MaxBootRecord = 90 }, RuleBootRecord, "91 bytes: want at most 90"},
		{"no record", plain, func(b *Bootloader) { b.MaxBootRecord = 100 }, RuleBootRecord, "none, and this bootloader measures"},
		{"same version", data, func(b *Bootloader) { b.Installed = &Version{1, 2, 3, 99} }, RuleVersion, ""},
		{"older build", data, func(b *Bootloader) { b.Installed = &Version{1, 2, 3, 99}; b.BuildNumbers = true }, RuleVersion, "1.2.3+4: the device has 1.2.3+99"},
		{"older", data, func(b *Bootloader) { b.Installed = &Version{1, 2, 4, 0} }, RuleVersion, "1.2.3+4: the device has 1.2.4+0"},
		{"dependency", data, func(b *Bootloader) { b.Images = images }, RuleDependencies, ""},
		{"dependency older", data, func(b *Bootloader) { b.Images = map[uint8]Version{1: {Minor: 9}} }, RuleDependencies, "image 1 is 0.9.0+0: want at least 1.0.0+0"},
		{"dependency absent", data, func(b *Bootloader) { b.Images = map[uint8]Version{0: {}} }, RuleDependencies, "image 1: the device has no such"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := device()
			b.Images = images
			test.change(&b)
			if test.detail == "" {
				accept(t, test.data, b)
				return
			}
			refuse(t, test.data, b, test.rule, test.detail)
		})
	}
	if f := verdict(t, data, device(), RuleDependencies); f.Outcome != Unchecked {
		t.Errorf("other images unknown: %+v", f)
	}
	img.Protected[2].Value = img.Protected[2].Value[:11]
	refuse(t, mustMarshal(t, resigned(t, img)), device(), RuleDependencies, "dependency of 11 bytes: want 12")
	img.Protected[5].Value = nil
	b := device()
	b.VendorID, b.Images = &UUID{1}, images
	img.Protected[2].Value = make([]byte, 12)
	img.Protected[2].Value[0] = 1
	img.Protected[3].Value = nil
	refuse(t, mustMarshal(t, resigned(t, img)), b, RuleVendor, "UUID_VID of 0 bytes: want 16")
}

func TestVerifyAddress(t *testing.T) {
	flash, ram := &Region{0x8000, 0x8000}, &Region{0x20000000, 0x1000}
	fixed, load := signed(), signed()
	fixed.ROMFixed, load.LoadAddr = 0x8000, 0x20000000
	for _, test := range []struct {
		name   string
		o      Options
		change func(*Bootloader)
		detail string // "" where the image is good
	}{
		{"fixed", fixed, func(b *Bootloader) { b.Mode, b.Flash = DirectXIP, flash }, ""},
		{"fixed elsewhere", fixed, func(b *Bootloader) { b.Mode, b.Flash = DirectXIP, &Region{0x10000, 0x8000} }, "fixed at 0x8000: the slot begins at 0x10000"},
		{"load address", fixed, func(b *Bootloader) { b.CheckLoadAddr, b.Flash = true, flash }, ""},
		{"no load address", signed(), func(b *Bootloader) { b.CheckLoadAddr, b.Flash = true, flash }, "load address 0x0: want it in the slot, 0x8000 to 0x10000"},
		{"vector", signed(), func(b *Bootloader) { b.VerifyAddress, b.Flash = true, &Region{0x342d2600, 0x100} }, ""},
		{"vector elsewhere", signed(), func(b *Bootloader) { b.VerifyAddress, b.Flash = true, flash }, "reset vector 0x342d261f: want it in the slot"},
		{"RAM", load, func(b *Bootloader) { b.Mode, b.RAM = RAMLoad, ram }, ""},
		{"RAM too small", load, func(b *Bootloader) { b.Mode, b.RAM = RAMLoad, &Region{0x20000000, 1000} }, "1176 bytes at 0x20000000: want them in RAM, 0x20000000 to 0x200003e8"},
		{"not for RAM", signed(), func(b *Bootloader) { b.Mode, b.RAM = RAMLoad, ram }, "no flag RAM_LOAD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := device()
			test.change(&b)
			data := mustMarshal(t, mustBuild(t, test.o))
			if test.detail == "" {
				accept(t, data, b)
				return
			}
			refuse(t, data, b, RuleAddress, test.detail)
		})
	}
	b := device()
	b.VerifyAddress, b.Flash, b.EncryptionTLV = true, flash, TLVEncKW
	encrypted := signed()
	encrypted.Encryption = &Encryption{Recipient: KEK(make([]byte, 16)), Rand: random()}
	if f := verdict(t, mustMarshal(t, mustBuild(t, encrypted)), b, RuleAddress); f.Outcome != Unchecked {
		t.Errorf("encrypted: %+v", f)
	}
	b = device()
	b.CheckLoadAddr = true
	if f := verdict(t, mustMarshal(t, mustBuild(t, fixed)), b, RuleAddress); f.Outcome != Unchecked {
		t.Errorf("slot unknown: %+v", f)
	}
	b = device()
	b.Mode = RAMLoad
	if f := verdict(t, mustMarshal(t, mustBuild(t, load)), b, RuleAddress); f.Outcome != Unchecked {
		t.Errorf("RAM unknown: %+v", f)
	}
	short, err := Build([]byte("abc"), Options{PadHeader: true, Signing: Signing{Signer: edKey()}})
	if err != nil {
		t.Fatal(err)
	}
	b = device()
	b.VerifyAddress, b.Flash = true, flash
	refuse(t, mustMarshal(t, short), b, RuleAddress, "body of 3 bytes: has no reset vector")
	if (Region{0xffffff00, 0x100}).contains(0xffffff00, 0x101) || !(Region{0xffffff00, 0x100}).contains(0xffffff00, 0x100) {
		t.Error("the end of the address space")
	}
}

func TestVerifyTrailer(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, signed()))
	for _, test := range []struct {
		mark Mark
		want Upgrade
	}{{MarkPad, UpgradeTest}, {MarkTest, UpgradeTest}, {MarkConfirm, UpgradePermanent}} {
		slot, err := Slot{Size: 0x8000}.Pad(data, test.mark)
		if err != nil {
			t.Fatal(err)
		}
		if got := accept(t, slot, device()).Upgrade; got != test.want {
			t.Errorf("mark %d: %s, want %s", test.mark, got, test.want)
		}
	}
	if got := accept(t, append(data, 0xff, 0xff), device()).Upgrade; got != UpgradeNone {
		t.Errorf("without trailer: %s", got)
	}
	slot, err := Slot{Size: 0x8000, Align: 16}.Pad(data, MarkPad)
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, slot, device(), RuleTrailer, "for a maximal alignment of 16: this bootloader has 8")
	if slot, err = (Slot{Size: 0x4000}).Pad(data, MarkPad); err != nil {
		t.Fatal(err)
	}
	refuse(t, slot, device(), RuleTrailer, "ends at 16384: the slot ends at 32768")
	b := device()
	b.Mode, b.Revert = DirectXIP, true
	refuse(t, data, b, RuleTrailer, "takes images with one only")
	b.SlotSize = 0x4000
	accept(t, slot, b)
}

// TestVerifyOffset: swapping by offset wants the image in the second sector.
func TestVerifyOffset(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, signed()))
	b := device()
	b.Mode = SwapOffset
	slot, err := Slot{Size: 0x8000, ImageOffset: 0x400}.Pad(data, MarkConfirm)
	if err != nil {
		t.Fatal(err)
	}
	if got := accept(t, slot, b).Upgrade; got != UpgradePermanent {
		t.Errorf("upgrade %s", got)
	}
	if slot, err = (Slot{Size: 0x8000}).Pad(data, MarkConfirm); err != nil {
		t.Fatal(err)
	}
	refuse(t, slot, b, RuleHeader, "it begins in the first sector: this bootloader looks in the second")
	accept(t, data, b)
	b.Primary = true
	accept(t, slot, b)
	b.Mode, b.Primary = SwapMove, false
	accept(t, slot, b)
}

// TestImageBootloader: from the image alone, all but the keys.
func TestImageBootloader(t *testing.T) {
	for name, s := range signings(t) {
		for kind, r := range recipients(t) {
			r.e.Rand = random()
			img := mustBuild(t, Options{Signing: s, Encryption: &r.e, Compression: &Compression{Compress: halve}})
			b := img.Bootloader()
			b.SlotSize, b.Keys, b.EncryptionKey, b.Decompress = 0x8000, []crypto.PublicKey{s.Signer.Public()}, r.private, double
			if accept(t, mustMarshal(t, img), b); t.Failed() {
				t.Fatal(name, kind)
			}
		}
	}
	if b := mustBuild(t, Options{}).Bootloader(); b.Hash != crypto.SHA256 || b.EncryptionTLV != 0 {
		t.Errorf("%+v", b)
	}
	if hash, digest := (&Image{}).StoredDigest(); hash != 0 || digest != nil {
		t.Error("a digest out of nothing")
	}
}

func TestBootloaderRefuses(t *testing.T) {
	p256 := signer(t, "ec-p256").(*ecdsa.PrivateKey).Public()
	for _, test := range []struct {
		b    Bootloader
		want string
	}{
		{Bootloader{Mode: 9}, "Mode(9): want one of"},
		{Bootloader{Align: 3}, "alignment 3"},
		{Bootloader{Align: 32, MaxAlign: 8}, "maximal alignment 8: want at least the alignment, 32"},
		{Bootloader{SlotSize: -1}, "a size less than 0"},
		{Bootloader{Unsigned: true, Keys: []crypto.PublicKey{p256}}, "verifies no signatures"},
		{Bootloader{Mode: DirectXIP, EncryptionTLV: TLVEncKW}, "encryption with direct-xip"},
		{Bootloader{EncryptionTLV: TLVSHA256}, "SHA256: holds no wrapped key"},
		{Bootloader{EncryptionKey: KEK(nil)}, "decrypts nothing"},
		{Bootloader{Hash: crypto.SHA1}, "hash SHA-1: want SHA-256"},
		{Bootloader{Keys: []crypto.PublicKey{7}}, "key 1: public key of type int"},
		{Bootloader{Keys: []crypto.PublicKey{scalar(t, ecdh.X25519(), 0).Public()}}, "key 1: of type x25519, which does not sign"},
		{Bootloader{Keys: []crypto.PublicKey{p256, edKey().Public()}}, "key 2: of type ed25519: the first is of type ecdsa-p256"},
		{Bootloader{Keys: []crypto.PublicKey{p256}, Pure: true}, "pure signatures are by ed25519"},
	} {
		_, err := Verify(nil, test.b)
		wantError(t, err, test.want)
		_, err = test.b.Fit(&Image{})
		wantError(t, err, test.want)
	}
}

func TestMode(t *testing.T) {
	for m := SwapScratch; m <= SingleSlot; m++ {
		var again Mode
		if err := again.UnmarshalText([]byte(m.String())); err != nil || again != m {
			t.Errorf("%s: %s, %v", m, again, err)
		}
	}
	err := new(Mode).UnmarshalText([]byte("swap"))
	wantError(t, err, `mode "swap": want one of ["swap-scratch" "swap-move"`)
}

// TestBootloaderFit: the largest body, by the mode. The header takes 32 bytes,
// the TLVs 40.
func TestBootloaderFit(t *testing.T) {
	const slot, other = 0x10000, 32 + 40
	for _, test := range []struct {
		name string
		b    Bootloader
		want int // room for image and TLVs
	}{
		{"scratch", Bootloader{}, slot - 3120},
		{"scratch, exact", Bootloader{SectorSize: 0x1000}, slot - 3120},
		{"scratch, first sector short", Bootloader{SectorSize: 0x400}, slot - 3120 - (72 - 48)},
		{"scratch, small secondary", Bootloader{SecondarySize: slot - 100}, slot - 100 - 3120},
		{"move", Bootloader{Mode: SwapMove, SectorSize: 0x1000}, slot - 0x2000},
		{"move, small secondary", Bootloader{Mode: SwapMove, SectorSize: 0x1000, SecondarySize: slot - 0x2000}, slot - 0x3000},
		{"offset", Bootloader{Mode: SwapOffset, SectorSize: 0x1000}, slot - 0x2000},
		{"offset, large secondary", Bootloader{Mode: SwapOffset, SectorSize: 0x1000, SecondarySize: slot + 0x1000}, slot - 0x1000},
		{"offset, trailer", Bootloader{Mode: SwapOffset, SectorSize: 8, MaxSectors: 1}, slot - (2*8 + 5*8 + 16) - 8},
		{"overwrite", Bootloader{Mode: OverwriteOnly}, slot - 40},
		{"direct", Bootloader{Mode: DirectXIP, Align: 16}, slot - 64},
		{"RAM", Bootloader{Mode: RAMLoad, Align: 32}, slot - 128},
		{"single", Bootloader{Mode: SingleSlot}, slot - 48},
		{"AES-128", Bootloader{EncryptionTLV: TLVEncX25519}, slot - 3152},
		{"AES-256", Bootloader{EncryptionTLV: TLVEncX25519, AES256: true}, slot - 3184},
		{"saved TLV", Bootloader{EncryptionTLV: TLVEncX25519, SaveEncTLV: true}, slot - 3280},
	} {
		test.b.SlotSize = slot
		img, err := Build(make([]byte, test.want-other), Options{PadHeader: true})
		if err != nil {
			t.Fatal(err)
		}
		fit, err := test.b.Fit(img)
		if err != nil || fit.Free() != 0 {
			t.Errorf("%s: %v, %d bytes free\n%s", test.name, err, fit.Free(), fit)
		}
		test.b.Unsigned = true
		if f := verdictAmong(t, mustMarshal(t, img), test.b, RuleSize); f.Outcome != Passed {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
	big, err := Build(make([]byte, slot-40-other+1), Options{PadHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, mustMarshal(t, big), Bootloader{Mode: OverwriteOnly, SlotSize: slot, Unsigned: true}, RuleSize, "1 more than the slot of 65536 has")
	_, err = (&Bootloader{}).Fit(big)
	wantError(t, err, "size of the slot is not known")
	_, err = (&Bootloader{Mode: SwapMove, SlotSize: 1}).Fit(big)
	wantError(t, err, "size of the flash's sectors is not known")
}

func TestReportAnswers(t *testing.T) {
	if got := Unchecked.String() + Passed.String() + Failed.String(); got != "uncheckedpassedfailed" {
		t.Error(got)
	}
	if f, ok := new(Report).Finding(RuleHash); ok {
		t.Errorf("%+v", f)
	}
	img := mustBuild(t, Options{})
	img.Protected = make([]TLV, 20000)
	wantError(t, img.setSizes(), "protected area of 80004 bytes: want at most 65535")
	img.HeaderPad = make([]byte, 65536)
	wantError(t, img.setSizes(), "header of 65568 bytes: want at most 65535")
	_, err := img.Digest(crypto.SHA256)
	wantError(t, err, "header size 32: it is 65568")
}

func TestReportString(t *testing.T) {
	data := mustMarshal(t, mustBuild(t, Options{}))
	report, err := Verify(data, Bootloader{SlotSize: 0x8000})
	if err != nil {
		t.Fatal(err)
	}
	want := `header            passed     version 0.0.0+0, flags 0x0
bootable          passed
TLV structure     passed     0 protected, 1 unprotected
size              passed     28576 bytes free
allow-list        passed
hash              passed     SHA256 ` + hexDigest(data) + `
signature         unchecked  no key to verify it with is given
dependencies      passed     none
trailer           passed     none
`
	if got := report.String(); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}
