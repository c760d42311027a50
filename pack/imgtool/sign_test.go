package imgtool

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

func ptr[T any](v T) *T { return &v }

// The first of the vectors; all of them run through the command line, in
// cmd/fwpack.
func TestSign(t *testing.T) {
	o := signOptions(t)
	got := fmt.Sprintf("%x", sha256.Sum256(mustSign(t, o)))
	if want := "fc80267821929d8fe80e107b851c607ca980ff4212dc3e5776f9244cce6d63a0"; got != want {
		t.Errorf("SHA-256 %s, want %s", got, want)
	}
	entries, err := os.ReadDir(o.dir())
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v: want in.bin and out.bin", entries, err)
	}
}

func TestSignNotes(t *testing.T) {
	for key, want := range map[string]string{
		"":        "",
		"rsa2048": "image.py: sign the payload", "ec-p256": "image.py: sign the payload", "ec-p384": "image.py: sign the payload",
		"ed25519": "image.py: sign the digest",
	} {
		o := signOptions(t)
		if key != "" {
			o.Key = testKey(key)
		}
		notes, err := Sign(o)
		if err != nil || strings.Join(notes, "\n") != want {
			t.Errorf("%s: %q, %v, want %q", key, notes, err, want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	for _, test := range []struct {
		change func(*SignOptions)
		want   string
	}{
		{func(o *SignOptions) { o.LoadAddr, o.ROMFixed = 1, 1 }, "--load-addr and --rom-fixed: one of them is allowed"},
		{func(o *SignOptions) { o.Key, o.FixSignature = "k", "s" }, "--key and --fix-sig: one of them is allowed"},
		{func(o *SignOptions) { o.FixSignature = "s" }, "--fix-sig-pubkey is missing"},
		{func(o *SignOptions) { o.FixSignatureKey = "k" }, "the image would be unsigned"},
		{func(o *SignOptions) { o.FixSignature, o.FixSignatureKey, o.Vector = "s", "k", VectorDigest }, "--fix-sig and --vector-to-sign"},
		{func(o *SignOptions) { o.SignatureOutput = "s" }, "--sig-out: there is no signature"},
		{func(o *SignOptions) { o.Confirm, o.SlotSize = true, 0 }, "--slot-size 0: no slot to pad the image to"},
		{func(o *SignOptions) { o.Pure, o.Hash, o.Key = true, crypto.SHA256, testKey("ed25519") }, "--pure: its hash is SHA-512"},
		{func(o *SignOptions) { o.Pure, o.Key = true, testKey("rsa2048") }, "pure signature by a key of type rsa-2048"},
		{func(o *SignOptions) { o.SlotSize = 1024 }, "480 more than the slot of 1024 has"},
		{func(o *SignOptions) { o.Compression, o.SlotSize = CompressionLZMA2, 1024 }, "before compression: mcuboot: 1504 bytes"},
		{func(o *SignOptions) { o.PadHeader = false }, "byte 0x0 is 0x03: want 32 bytes 0 for the header"},
		{func(o *SignOptions) { o.PadHeader, o.HeaderSize = false, 2000 }, "firmware of 1000 bytes: want at least the 2000 of the header"},
		{func(o *SignOptions) { o.Input = o.dir() + "/none.bin" }, "none.bin"},
		{func(o *SignOptions) { o.Output = "out.hex" }, "has no address: --hex-addr is missing"},
		{func(o *SignOptions) { o.Output, o.HexAddr = "out.hex", ptr(uint32(0xfffffff0)) }, "32-bit address space"},
		{func(o *SignOptions) {
			o.Output, o.HexAddr, o.Pad = "out.hex", ptr(uint32(0xffffd000)), true
		}, "address 0x100000ff0: want at most 0xffffffff"},
		{func(o *SignOptions) { o.MaxSectors = -1 }, "sectors at most: want 1"},
		{func(o *SignOptions) { o.VendorID = ptr("") }, "--vid: identifier"},
		{func(o *SignOptions) { o.ClassID = ptr("board-a") }, "--cid: identifier \"board-a\": a class that is no UUID needs a vendor"},
		{func(o *SignOptions) { o.BootRecord = ptr("thirteen long") }, "boot record"},
		{func(o *SignOptions) { o.Custom = []mcuboot.TLV{{Type: 0x10}} }, "custom TLV 0x10: is SHA256 to MCUboot"},
		{func(o *SignOptions) { o.Custom = []mcuboot.TLV{{Type: 0x9f}} }, "custom TLV 0x9f: want 0xa0 to 0xfffe"},
		{func(o *SignOptions) {
			o.Custom, o.CustomFiles = []mcuboot.TLV{{Type: 0xa0}}, []CustomFile{{0xa0, o.Input}}
		}, "custom TLV 0xa0: there are two"},
		{func(o *SignOptions) { o.CustomFiles = []CustomFile{{0xa0, "none"}} }, "none"},
		{func(o *SignOptions) { o.CustomFiles = []CustomFile{{0xa0, writeLong(o)}} }, "want at most 65535"},
		{func(o *SignOptions) { o.Key = testKey("rsa2048.pub") }, "found a public key: want a private key"},
		{func(o *SignOptions) { o.Key = testKey("rsa4096") }, "RSA key of 4096 bits"},
		{func(o *SignOptions) { o.Key = testKey("none") }, "none.pem"},
		{func(o *SignOptions) { o.Key, o.Hash = testKey("rsa2048"), crypto.SHA512 }, "hash SHA-512 with a key of type rsa-2048"},
		{func(o *SignOptions) { o.Key, o.Hash = testKey("ec-p256"), crypto.SHA512 }, "hash SHA-512 with a key of type ecdsa-p256: want SHA-256"},
		{func(o *SignOptions) { o.Key, o.Encrypt = testKey("rsa2048"), testKey("ec-p256.pub") }, "of type ecdsa-p256: a key of type rsa-2048 signs, and both must be of one type"},
		{func(o *SignOptions) { o.Encrypt = testKey("rsa3072.pub") }, "encryption for a key of type rsa-3072"},
		{func(o *SignOptions) { o.Encrypt = testKey("ec-p384.pub") }, "encryption for a key of type ecdsa-p384"},
		{func(o *SignOptions) { o.Encrypt = testKey("ed25519.pub") }, "encryption for a key of type ed25519"},
		{func(o *SignOptions) { o.Encrypt, o.HMAC = testKey("ec-p256.pub"), crypto.SHA512 }, "HMAC with SHA-512: x25519 keys only"},
		{func(o *SignOptions) { o.Encrypt, o.ByteOrder = testKey("ec-p256.pub"), mcuboot.BigEndian }, "encryption of a big-endian image"},
		{func(o *SignOptions) {
			o.Compression, o.Vector = CompressionLZMA2, VectorDigest
		}, "a compressed image holds two signatures"},
	} {
		o := signOptions(t)
		test.change(&o)
		_, err := Sign(o)
		wantUsage(t, err, test.want)
		if _, err := os.Stat(o.Output); err == nil {
			t.Errorf("%s: an output is there", test.want)
		}
	}
}

func writeLong(o *SignOptions) string {
	path := filepath.Join(o.dir(), "long")
	if err := os.WriteFile(path, make([]byte, 65530), 0o600); err != nil {
		panic(err)
	}
	return path
}

// TestSignHashes: which hash each key allows, and that the key is named by the
// same. Without a key all are allowed.
func TestSignHashes(t *testing.T) {
	hashes := []crypto.Hash{0, crypto.SHA256, crypto.SHA384, crypto.SHA512}
	for _, test := range []struct {
		key  string
		pure bool
		want [4]int // bytes of the digest, by the hash that is asked for; 0 is refused
	}{
		{"", false, [4]int{32, 32, 48, 64}},
		{"rsa2048", false, [4]int{32, 32, 0, 0}}, {"rsa3072", false, [4]int{32, 32, 0, 0}},
		{"ec-p256", false, [4]int{32, 32, 0, 0}}, {"ec-p384", false, [4]int{48, 0, 48, 0}},
		{"ed25519", false, [4]int{32, 32, 0, 64}}, {"ed25519", true, [4]int{64, 0, 0, 0}},
	} {
		for i, hash := range hashes {
			o := signOptions(t)
			o.Hash, o.Pure = hash, test.pure
			if test.key != "" {
				o.Key = testKey(test.key)
			}
			_, err := Sign(o)
			if test.want[i] == 0 {
				wantUsage(t, err, "want")
				continue
			}
			if err != nil {
				t.Fatalf("%s, %v: %v", test.key, hash, err)
			}
			img := mustParse(t, read(t, o.Output))
			_, digest := img.StoredDigest()
			name, named := mcuboot.Find(img.Unprotected, mcuboot.TLVKeyHash)
			if len(digest) != test.want[i] || named != (test.key != "") || named && len(name.Value) != test.want[i] {
				t.Errorf("%s, %v: digest of %d bytes, name of %d, want %d", test.key, hash, len(digest), len(name.Value), test.want[i])
			}
		}
	}
}

// An image that does not fit says what takes how many bytes.
func TestSignFitHint(t *testing.T) {
	o := signOptions(t)
	o.SlotSize = 1024
	_, err := Sign(o)
	hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if want := "header area 32, body 1000, unprotected TLVs 40, swap status 384"; !ok || !strings.HasPrefix(hinted.Hint(), want) {
		t.Errorf("%v, want the hint %q", err, want)
	}
	o.SlotSize = 0
	mustSign(t, o)
}

// What imgtool ignores is ignored.
func TestSignIgnores(t *testing.T) {
	o := signOptions(t)
	want := mustSign(t, o)
	o.Clear, o.KeySize, o.SaveEncTLV, o.HMAC = true, 256, true, crypto.SHA512
	o.FullKey, o.PadSignature = true, true
	o.HexAddr = ptr(uint32(0x8000))
	o.Compression = CompressionNone
	wantBytes(t, mustSign(t, o), want)
}

// The output replaces the input, and a failure leaves it.
func TestSignInPlace(t *testing.T) {
	o := signOptions(t)
	want := mustSign(t, o)
	o.Output = o.Input
	wantBytes(t, mustSign(t, o), want)
	_, err := Sign(o)
	wantUsage(t, err, "the firmware is an image already")
	wantBytes(t, read(t, o.Input), want)
}

func TestSignMissingFolder(t *testing.T) {
	o := signOptions(t)
	o.Output = filepath.Join(o.dir(), "none", "out.bin")
	_, err := Sign(o)
	wantError(t, err, "none")
}

func TestSignToDevice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no /dev/null")
	}
	o := signOptions(t)
	o.Output = os.DevNull
	if _, err := Sign(o); err != nil {
		t.Error(err)
	}
}

// hexInput writes data at addr as Intel HEX.
func hexInput(t *testing.T, dir string, addr uint32, data []byte) string {
	t.Helper()
	out, err := hexFile([]record{{uint64(addr), data, "test"}})
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(dir, "in.hex"), out)
}

// A header goes in front of what an Intel HEX input has, unless that begins at 0
// or the output's address is given.
func TestSignHex(t *testing.T) {
	binary := mustSign(t, signOptions(t))
	for _, test := range []struct {
		base    uint32
		hexAddr *uint32
		want    uint32
	}{
		{0x8020, nil, 0x8000}, {0, nil, 0}, {0x20, nil, 0}, {0x10, ptr(uint32(0x4000)), 0x4000}, {0x8020, ptr(uint32(0)), 0},
	} {
		o := signOptions(t)
		o.Input, o.HexAddr = hexInput(t, o.dir(), test.base, body(1000)), test.hexAddr
		o.Output = filepath.Join(o.dir(), "out.HEX")
		memory, err := firmware.ParseHex("out.hex", mustSign(t, o))
		if err != nil {
			t.Fatal(err)
		}
		segments := memory.Segments()
		if len(segments) != 1 || segments[0].Addr != test.want || !bytes.Equal(segments[0].Data, binary) {
			t.Errorf("%#x: %d segments at %#x, want one at %#x", test.base, len(segments), segments[0].Addr, test.want)
		}
	}
}

func TestSignHexRefuses(t *testing.T) {
	o := signOptions(t)
	o.Output = filepath.Join(o.dir(), "out.hex")
	for _, test := range []struct {
		content []byte
		want    string
	}{
		{[]byte(":00000001FF\n"), "holds no data"},
		{[]byte(":0100000001\n"), "in.hex:1: "},
		{read(t, hexInput(t, o.dir(), 0x10, body(10))), "begins at 0x10: no room in front of it for a header of 32 bytes"},
		{farApart(t), "0x10001208"},
	} {
		o.Input = write(t, filepath.Join(o.dir(), "in.hex"), test.content)
		_, err := Sign(o)
		wantUsage(t, err, test.want)
	}
}

// farApart is a firmware with a word of UICR behind it.
func farApart(t *testing.T) []byte {
	t.Helper()
	data, err := hexFile([]record{{0x1000, body(100), "code"}, {0x10001208, body(4), "UICR"}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What --vector-to-sign gives, signed elsewhere, makes with --fix-sig the image
// that the key makes at once.
func TestSignElsewhere(t *testing.T) {
	for _, name := range []string{"ed25519", "ec-p256", "ec-p384", "rsa2048", "rsa3072"} {
		o := signOptions(t)
		o.FixSignatureKey, o.Vector = testKey(name+".pub"), VectorPayload
		payload := mustSign(t, o)
		o.Vector = VectorDigest
		digest := mustSign(t, o)
		o.Vector = ""
		o.FixSignature = write(t, filepath.Join(o.dir(), "sig.txt"), []byte(base64.StdEncoding.EncodeToString(signature(t, name, payload, digest))+"\n"))
		o.SignatureOutput = filepath.Join(o.dir(), "again.txt")
		got := mustSign(t, o)
		if strings.TrimSpace(string(read(t, o.FixSignature))) != string(read(t, o.SignatureOutput)) {
			t.Errorf("%s: other signature", name)
		}
		if _, err := Verify(VerifyOptions{Image: o.Output, Key: testKey(name)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.HasPrefix(name, "rsa") {
			continue // has a salt
		}
		at := signOptions(t)
		at.Key, at.SignatureOutput = testKey(name), filepath.Join(at.dir(), "sig.txt")
		wantBytes(t, mustSign(t, at), got)
		wantBytes(t, read(t, at.SignatureOutput), read(t, o.SignatureOutput))
	}
}

// signature is what an external signer makes.
func signature(t *testing.T, name string, payload, digest []byte) []byte {
	t.Helper()
	key, err := sign.ParsePrivateKey(read(t, testKey(name)), nil)
	if err != nil {
		t.Fatal(err)
	}
	message, hash := digest, crypto.SHA256
	var options crypto.SignerOpts = hash
	switch {
	case name == "ed25519":
		options = crypto.Hash(0)
	case name == "ec-p384":
		options = crypto.SHA384
	case strings.HasPrefix(name, "rsa"):
		options = &rsa.PSSOptions{SaltLength: 32, Hash: hash}
	}
	if sum := sha256.Sum256(payload); name == "ec-p256" && !bytes.Equal(sum[:], digest) {
		t.Errorf("digest %x is not that of the payload", digest)
	}
	var salt io.Reader // signatures of the others repeat
	if strings.HasPrefix(name, "rsa") {
		salt = random()
	}
	signature, err := key.Sign(salt, message, options)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestSignElsewhereRefuses(t *testing.T) {
	for _, test := range []struct{ signature, want string }{
		{"!", "want a signature in base64"},
		{"", "the signature does not match"},
		{base64.StdEncoding.EncodeToString(make([]byte, 64)), "the signature does not match"},
	} {
		o := signOptions(t)
		o.FixSignatureKey = testKey("ed25519.pub")
		o.FixSignature = write(t, filepath.Join(o.dir(), "sig.txt"), []byte(test.signature))
		_, err := Sign(o)
		wantUsage(t, err, test.want)
	}
}

// A pure image can be signed elsewhere with the public key at hand.
func TestSignElsewherePure(t *testing.T) {
	o := signOptions(t)
	o.Pure, o.FixSignatureKey, o.Vector = true, testKey("ed25519.pub"), VectorPayload
	payload := mustSign(t, o)
	o.Vector = ""
	signature := signature(t, "ed25519", nil, payload)
	o.FixSignature = write(t, filepath.Join(o.dir(), "sig.txt"), []byte(base64.StdEncoding.EncodeToString(signature)))
	mustSign(t, o)
	found, err := Verify(VerifyOptions{Image: o.Output, Key: testKey("ed25519.pub")})
	if err != nil || !bytes.Equal(found.Signature, signature) {
		t.Errorf("%+v, %v", found, err)
	}
}

// The recipient, and nobody else, gets the firmware back.
func TestSignEncrypts(t *testing.T) {
	dir := t.TempDir()
	x25519 := newKey(t, dir, keygen.X25519)
	for _, test := range []struct {
		key, recipient string
		size           int
		hmac           crypto.Hash
		want           mcuboot.TLVType
	}{
		{"", testKey("rsa2048"), 0, 0, mcuboot.TLVEncRSA2048}, {testKey("rsa2048"), testKey("rsa2048.pub"), 256, crypto.SHA512, mcuboot.TLVEncRSA2048},
		{testKey("rsa3072"), testKey("rsa2048"), 0, 0, mcuboot.TLVEncRSA2048},
		{testKey("ec-p256"), testKey("ec-p256.pub"), 128, 0, mcuboot.TLVEncEC256},
		{testKey("ed25519"), x25519, 256, 0, mcuboot.TLVEncX25519}, {testKey("ed25519"), x25519, 128, crypto.SHA512, mcuboot.TLVEncX25519SHA512},
		{testKey("ed25519"), testKey("ec-p256"), 128, 0, mcuboot.TLVEncEC256},
	} {
		o := signOptions(t)
		o.Key, o.Encrypt, o.KeySize, o.HMAC, o.Align = test.key, test.recipient, test.size, test.hmac, 8
		img := mustParse(t, mustSign(t, o))
		if _, ok := mcuboot.Find(img.Unprotected, test.want); !ok {
			t.Errorf("%+v: no %s in %v", test, test.want, img.Unprotected)
		}
		clear, err := img.Decrypt(private(t, strings.Replace(test.recipient, ".pub", "", 1)))
		if err != nil || !bytes.HasPrefix(clear.Body, body(1000)) || bytes.Equal(img.Body, clear.Body) {
			t.Errorf("%+v: %v", test, err)
		}
		_, err = Verify(VerifyOptions{Image: o.Output})
		wantError(t, err, "the body is encrypted")
		o.Clear = true
		mustSign(t, o)
		if _, err := Verify(VerifyOptions{Image: o.Output, Key: test.key}); err != nil {
			t.Errorf("%+v: clear: %v", test, err)
		}
	}
}

func private(t *testing.T, path string) crypto.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(read(t, path))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := key.(*ecdh.PrivateKey); !ok && strings.Contains(path, "x25519") {
		t.Fatalf("%T", key)
	}
	return key
}

// A compressed image says what it was; one that would not be shorter stays.
func TestSignCompresses(t *testing.T) {
	for _, compression := range []Compression{CompressionLZMA2, CompressionThumb} {
		o := signOptions(t)
		o.Input = write(t, filepath.Join(o.dir(), "in.bin"), bytes.Repeat([]byte("thumb code "), 300))
		o.Compression, o.Key, o.NonBootable = compression, testKey("ed25519"), true
		notes, err := Sign(o)
		if err != nil || len(notes) != 3 || !strings.HasPrefix(notes[1], "compressed image size: ") || !strings.HasPrefix(notes[2], "original image size: ") {
			t.Errorf("%s: %q, %v", compression, notes, err)
		}
		img := mustParse(t, read(t, o.Output))
		thumb := compression == CompressionThumb
		unpacked, err := firmware.Decompress(img.Body, thumb, 1<<20)
		if err != nil || !bytes.Equal(unpacked, read(t, o.Input)) {
			t.Errorf("%s: %v", compression, err)
		}
		if f := img.Header.Flags; f&mcuboot.FlagLZMA2 == 0 || f&mcuboot.FlagNonBootable == 0 || (f&mcuboot.FlagARMThumb != 0) != thumb {
			t.Errorf("%s: flags %s", compression, f)
		}
	}
}

// An image that does not get shorter is encrypted all the same.
func TestSignIncompressible(t *testing.T) {
	o := signOptions(t)
	noise := make([]byte, 1000)
	random().Read(noise)
	o.Input = write(t, filepath.Join(o.dir(), "in.bin"), noise)
	o.Compression, o.Encrypt = CompressionLZMA2, testKey("ec-p256.pub")
	img := mustParse(t, mustSign(t, o))
	if bytes.Contains(img.Body, noise[:100]) || !img.Encrypted() {
		t.Error("the body is in the clear")
	}
	if _, err := img.Decrypt(private(t, testKey("ec-p256"))); err != nil {
		t.Error(err)
	}
}

func TestCustomTLVs(t *testing.T) {
	o := signOptions(t)
	o.CustomFiles = []CustomFile{{0xb0, write(t, filepath.Join(o.dir(), "value"), []byte("of a file"))}}
	for _, pair := range [][2]string{{"0xa0", "0x0102ff"}, {"161", "hi"}, {"0xa2", "0x"}, {"0xa3", ""}, {"0xa4", "0X12"}} {
		tlv, err := ParseCustomTLV(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		o.Custom = append(o.Custom, tlv)
	}
	var got []string
	for _, tlv := range mustParse(t, mustSign(t, o)).Protected {
		got = append(got, fmt.Sprintf("%#x=%s", uint16(tlv.Type), hex.EncodeToString(tlv.Value)))
	}
	if want := []string{"0xa0=0102ff", "0xa1=6869", "0xa2=", "0xa3=", "0xa4=30583132", "0xb0=6f6620612066696c65"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, test := range []struct{ tag, value, want string }{
		{"x", "", "want an integer"}, {"0x10000", "", "want 0 to 0xffff"}, {"0xa0", "0x123", "odd number of digits"}, {"0xa0", "0xgg", "want hexadecimal digits"},
	} {
		_, err := ParseCustomTLV(test.tag, test.value)
		wantError(t, err, test.want)
	}
}

func TestSecurityCounter(t *testing.T) {
	o := signOptions(t)
	o.AutoCounter = true
	tlv, ok := mcuboot.Find(mustParse(t, mustSign(t, o)).Protected, mcuboot.TLVSecurityCounter)
	if want := []byte{3, 0, 2, 1}; !ok || !bytes.Equal(tlv.Value, want) {
		t.Errorf("%+v, want % x", tlv, want)
	}
}
