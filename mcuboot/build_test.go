package mcuboot

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
)

func TestBuildRefuses(t *testing.T) {
	image, big := mustMarshal(t, mustBuild(t, Options{})), mustMarshal(t, mustBuild(t, Options{ByteOrder: BigEndian}))
	room := make([]byte, 100)
	for _, test := range []struct {
		name  string
		input []byte
		o     Options
		want  string
	}{
		{"header too small", room, Options{HeaderSize: 31}, "header of 31 bytes: want 32 to 65535"},
		{"header too large", room, Options{HeaderSize: 65536}, "header of 65536 bytes: want 32 to 65535"},
		{"negative header", room, Options{HeaderSize: -1}, "header of -1 bytes"},
		{"empty input", nil, Options{}, "firmware of 0 bytes: want at least the 32 of the header"},
		{"input shorter than header", room, Options{HeaderSize: 101}, "firmware of 100 bytes: want at least the 101"},
		{"no room for the header", testBody(31, 100), Options{}, "firmware: byte 0x1f is 0x03: want 32 bytes 0 for the header"},
		{"signed twice", image, Options{}, "the firmware is an image already"},
		{"signed twice with header in front", image, Options{PadHeader: true}, "a second one"},
		{"signed twice, big-endian", big, Options{}, "the firmware is an image already"},
		{"signed twice, big-endian with header in front", big, Options{PadHeader: true}, "a second one"},
		{"two addresses", room, Options{LoadAddr: 1, ROMFixed: 2}, "want one of them"},
		{"custom type of MCUboot", room, Options{Custom: []TLV{{TLVSHA256, nil}}}, "custom TLV 0x10: is SHA256 to MCUboot"},
		{"custom type too small", room, Options{Custom: []TLV{{0x9f, nil}}}, "custom TLV 0x9f: want 0xa0 to 0xfffe"},
		{"custom type too large", room, Options{Custom: []TLV{{0xffff, nil}}}, "custom TLV 0xffff: want 0xa0 to 0xfffe"},
		{"custom type twice", room, Options{Custom: []TLV{{0xa0, nil}, {0xa1, nil}, {0xa0, nil}}}, "custom TLV 0xa0: there are two"},
		{"custom type ambiguous", room, Options{ByteOrder: BigEndian, Custom: []TLV{{0x1000, nil}}}, "TLV type 0x1000: reads as 0x10"},
		{"protected area too large", room, Options{Custom: []TLV{{0xa0, make([]byte, 65528)}}}, "protected area of 65536 bytes: want at most 65535"},
		{"software type", room, Options{BootRecord: new("0123456789abc")}, "boot record: software type"},
		{"hash", room, Options{Signing: Signing{Hash: crypto.SHA1}}, "hash SHA-1: want one of [SHA-256 SHA-384 SHA-512]"},
		{"public key alone", room, Options{Signing: Signing{PublicKey: edKey().Public()}}, "a public key without its signature"},
		{"big-endian and encrypted", room, Options{ByteOrder: BigEndian, Encryption: &Encryption{}}, "no bootloader reads that"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Build(test.input, test.o)
			wantError(t, err, test.want)
		})
	}
}

// TestBuildLimits: the largest header and protected area there are.
func TestBuildLimits(t *testing.T) {
	img, err := Build(nil, Options{PadHeader: true, HeaderSize: 65535, Custom: []TLV{{0xa0, make([]byte, 65527)}}})
	if err != nil {
		t.Fatal(err)
	}
	if img.Header.Size != 65535 || img.Header.ProtectedSize != 65535 || img.Header.ImageSize != 0 {
		t.Errorf("header %+v", img.Header)
	}
	again, rest, err := Parse(mustMarshal(t, img))
	if err != nil || len(rest) > 0 {
		t.Fatal(err)
	}
	sameImage(t, again, img)
}

func TestBuildFlags(t *testing.T) {
	for _, test := range []struct {
		o    Options
		want Flags
		addr uint32
	}{
		{Options{}, 0, 0},
		{Options{LoadAddr: 0x20000000}, FlagRAMLoad, 0x20000000},
		{Options{ROMFixed: 0x8000, NonBootable: true}, FlagROMFixed | FlagNonBootable, 0x8000},
		{Options{Encryption: &Encryption{Recipient: KEK(make([]byte, 16)), Rand: random()}}, FlagAES128, 0},
		{Options{Encryption: &Encryption{Recipient: KEK(make([]byte, 32)), KeySize: 256, Rand: random()}}, FlagAES256, 0},
	} {
		h := mustBuild(t, test.o).Header
		if h.Flags != test.want || h.LoadAddr != test.addr {
			t.Errorf("%+v: flags %s, address %#x", test.o, h.Flags, h.LoadAddr)
		}
	}
}

// everything is options that use all of the protected area but compression.
func everything() Options {
	return Options{
		Version: Version{1, 2, 3, 4}, SecurityCounter: new(uint32(9)), BootRecord: new("SPE"),
		Dependencies: []Dependency{{1, Version{Major: 1}}}, VendorID: &UUID{1}, ClassID: &UUID{2},
		Custom: []TLV{{0xa1, []byte("x")}, {0xa0, nil}}, NonBootable: true,
	}
}

// TestProtectedOrder: imgtool's order, with what compression adds.
func TestProtectedOrder(t *testing.T) {
	o := everything()
	o.Compression = &Compression{Compress: halve, ARMThumb: true}
	o.Encryption = &Encryption{Recipient: KEK(make([]byte, 16)), Rand: random()}
	o.Signing.Signer = edKey()
	img := mustBuild(t, o)
	want := "SEC_CNT BOOT_RECORD DEPENDENCY DECOMP_SIZE DECOMP_SHA DECOMP_SIGNATURE COMP_DEC_SIZE UUID_VID UUID_CID 0xa1 0xa0"
	if got := types(img.Protected); got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	if got := types(img.Unprotected); got != "SHA256 KEYHASH ED25519 ENCKW" {
		t.Errorf("order %s", got)
	}
}

// halve is a compression that tests can undo: it keeps every other byte.
func halve(body []byte, _ bool) ([]byte, error) {
	half := []byte("pp")
	for i := 0; i < len(body); i += 2 {
		half = append(half, body[i])
	}
	return half, nil
}

// double undoes halve for test firmware.
func double(stored []byte, _ bool, limit int64) ([]byte, error) {
	size := int(limit)
	if len(stored) != 2+(size+1)/2 {
		return nil, errors.New("not halved")
	}
	return testBody(0, size), nil
}

func TestBuildCompressed(t *testing.T) {
	for _, o := range []Options{{}, everything(), {Signing: Signing{Signer: edKey()}}, {Signing: Signing{Signer: edKey(), Pure: true}}} {
		plain := mustBuild(t, o)
		o.Compression = &Compression{Compress: halve}
		img := mustBuild(t, o)
		if img.Header.Flags != plain.Header.Flags|FlagLZMA2 || img.Header.ImageSize != 502 {
			t.Errorf("header %+v", img.Header)
		}
		original, err := img.Decompressed(plain.Body)
		if err != nil {
			t.Fatal(err)
		}
		original.Unprotected = plain.Unprotected
		sameImage(t, original, plain)
		size, _ := Find(img.Protected, TLVDecompSize)
		digest, _ := Find(img.Protected, TLVDecompSHA)
		if !bytes.Equal(size.Value, []byte{0xe8, 3, 0, 0}) || !bytes.Equal(digest.Value, plain.Unprotected[0].Value) {
			t.Errorf("about decompression: %x, %x", size.Value, digest.Value)
		}
		signature, signed := Find(img.Protected, TLVDecompSignature)
		if signed != (o.Signing.Signer != nil) || signed && !bytes.Equal(signature.Value, plain.Unprotected[len(plain.Unprotected)-1].Value) {
			t.Errorf("signature %x", signature.Value)
		}
	}
}

// TestBuildCompressedEncrypted: the original is unpadded and says that it is
// encrypted, as imgtool 2.4 has it.
func TestBuildCompressedEncrypted(t *testing.T) {
	kek := KEK(make([]byte, 16))
	o := Options{Compression: &Compression{Compress: halve}, Encryption: &Encryption{Recipient: kek, Rand: random()}}
	img := mustBuild(t, o)
	if img.Header.ImageSize != 512 { // 502, and zeros up to AES blocks
		t.Errorf("header %+v", img.Header)
	}
	clear, err := img.Decrypt(kek)
	if err != nil {
		t.Fatal(err)
	}
	half, _ := halve(testBody(0, 1000), false)
	if !bytes.Equal(clear.Body, append(half, make([]byte, 10)...)) {
		t.Errorf("body %x", clear.Body)
	}
	original, err := clear.Decompressed(testBody(0, 1000))
	if err != nil {
		t.Fatal(err)
	}
	input, err := original.HashInput()
	if err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256(input)
	if digest, _ := Find(img.Protected, TLVDecompSHA); !bytes.Equal(digest.Value, want[:]) || original.Header.Flags != FlagAES128 {
		t.Errorf("digest %x, want %x; flags %s", digest.Value, want, original.Header.Flags)
	}
	if size, _ := Find(img.Protected, TLVCompDecSize); !bytes.Equal(size.Value, []byte{0xf6, 1, 0, 0}) {
		t.Errorf("COMP_DEC_SIZE %x", size.Value)
	}
}

// TestBuildIncompressible: what saves nothing is left as it was, but encrypted
// all the same.
func TestBuildIncompressible(t *testing.T) {
	kek := KEK(make([]byte, 16))
	same := func(body []byte, _ bool) ([]byte, error) { return append([]byte("pp"), body...), nil }
	img := mustBuild(t, Options{Compression: &Compression{Compress: same}, Encryption: &Encryption{Recipient: kek, Rand: random()}})
	if img.Header.Flags != FlagAES128 || len(img.Protected) != 0 {
		t.Errorf("header %+v, %s", img.Header, types(img.Protected))
	}
	if bytes.Contains(img.Body, testBody(0, 16)) {
		t.Error("the body is in the clear")
	}
	clear, err := img.Decrypt(kek)
	if err != nil || !bytes.HasPrefix(clear.Body, testBody(0, 1000)) {
		t.Errorf("decrypted %v", err)
	}
}

func TestCompressRefuses(t *testing.T) {
	fails := func([]byte, bool) ([]byte, error) { return nil, errors.New("out of memory") }
	_, err := Build(make([]byte, 40), Options{Compression: &Compression{Compress: fails}})
	wantError(t, err, "compressing: out of memory")
	_, err = ToBeSigned(make([]byte, 40), Options{Compression: &Compression{Compress: halve}})
	wantError(t, err, "holds two signatures")
	_, err = mustBuild(t, Options{}).Decompressed(nil)
	wantError(t, err, "not compressed")
}

// TestBuildRepeats: the same bytes twice, as far as that is promised.
func TestBuildRepeats(t *testing.T) {
	for _, name := range []string{"ec-p256", "ec-p384", "ed25519"} {
		o := everything()
		o.Signing = Signing{Signer: signer(t, name), Rand: strings.NewReader("not used")}
		sameImage(t, mustBuild(t, o), mustBuild(t, o))
	}
}

// TestBuildKeepsInput: the caller's firmware is not written to.
func TestBuildKeepsInput(t *testing.T) {
	input := make([]byte, 1005, 2000)
	spare := input[:cap(input)]
	spare[1005] = 0xee
	kek := KEK(make([]byte, 16))
	if _, err := Build(input, Options{Encryption: &Encryption{Recipient: kek, Rand: random()}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(input, make([]byte, 1005)) || spare[1005] != 0xee {
		t.Error("the input has changed")
	}
}
