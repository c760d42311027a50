package mcuboot

import (
	"bytes"
	"crypto"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// drawOptions draws options, and a body for them.
func drawOptions(r *rand.Rand, signings []Signing, recipients []recipient) (Options, []byte) {
	coin := func() bool { return r.IntN(2) == 0 }
	o := Options{
		Version:    Version{uint8(r.Uint32()), uint8(r.Uint32()), uint16(r.Uint32()), r.Uint32()},
		HeaderSize: 32 + r.IntN(100), PadHeader: coin(), ErasedZero: coin(), NonBootable: coin(),
		Signing: signings[r.IntN(len(signings))], ByteOrder: ByteOrder(r.IntN(2)),
	}
	if coin() {
		o.LoadAddr = r.Uint32()
	} else {
		o.ROMFixed = r.Uint32()
	}
	if coin() {
		o.SecurityCounter = new(r.Uint32())
	}
	if coin() {
		o.BootRecord = new(strings.Repeat("x", r.IntN(13)))
	}
	for range r.IntN(4) {
		o.Dependencies = append(o.Dependencies, Dependency{uint8(r.Uint32()), o.Version})
	}
	for i := range r.IntN(4) {
		o.Custom = append(o.Custom, TLV{TLVType(0xa000 + i), bytes.Repeat([]byte{1}, r.IntN(50))})
	}
	if coin() {
		o.VendorID, o.ClassID = &UUID{1}, &UUID{2}
	}
	if coin() {
		o.Compression = &Compression{Compress: halve, ARMThumb: coin()}
	}
	if o.ByteOrder == LittleEndian && coin() {
		e := recipients[r.IntN(len(recipients))].e
		e.Clear, e.Rand = coin(), random()
		o.Encryption = &e
	}
	body := testBody(0, r.IntN(600))
	if !o.PadHeader {
		body = testBody(o.HeaderSize, len(body))
	}
	return o, body
}

// TestPropertyParse: whatever is built is parsed as what it was.
func TestPropertyParse(t *testing.T) {
	signings := []Signing{{}, {Hash: crypto.SHA384}, {Signer: edKey()}, {Signer: edKey(), Pure: true, FullKey: true}, {Signer: signer(t, "ec-p256"), PadSignature: true}}
	var all []recipient
	for _, r := range recipients(t) {
		all = append(all, r)
	}
	r := rand.New(rand.NewChaCha8([32]byte{}))
	for range 500 {
		o, body := drawOptions(r, signings, all)
		img, err := Build(body, o)
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		data := mustMarshal(t, img)
		if len(data) != img.Size() {
			t.Errorf("%d bytes, size %d", len(data), img.Size())
		}
		got, rest, err := Parse(append(data, "rest"...))
		if err != nil || string(rest) != "rest" {
			t.Fatalf("%+v: %v", o, err)
		}
		if want := normal(img); !reflect.DeepEqual(normal(got), want) {
			t.Fatalf("%+v\nwant %+v", normal(got), want)
		}
		if o.Compression == nil && o.ByteOrder == LittleEndian {
			checkTwoSteps(t, body, o, img)
		}
	}
}

// normal is img with empty slices for nil ones.
func normal(img *Image) Image {
	n := *img
	n.Body, n.HeaderPad = append([]byte{}, n.Body...), append([]byte{}, n.HeaderPad...)
	for _, tlvs := range []*[]TLV{&n.Protected, &n.Unprotected} {
		same := []TLV{}
		for _, tlv := range *tlvs {
			same = append(same, TLV{tlv.Type, append([]byte{}, tlv.Value...)})
		}
		*tlvs = same
	}
	return n
}

// checkTwoSteps checks that what is to be signed is what is in the image.
func checkTwoSteps(t *testing.T, body []byte, o Options, img *Image) {
	t.Helper()
	r, err := ToBeSigned(body, o)
	if err != nil {
		t.Fatal(err)
	}
	if hash, digest := img.StoredDigest(); hash != r.Hash || !bytes.Equal(digest, r.Digest) {
		t.Fatalf("%+v: digest %x, the image has %x", o, r.Digest, digest)
	}
}

// TestVectorsAccepted: the reference's images are taken by a bootloader that is
// made for them.
func TestVectorsAccepted(t *testing.T) {
	accepted := 0
	for _, v := range vectors(t) {
		c, err := parseCommand(v.Args)
		odd := c.o.ByteOrder == BigEndian || c.o.NonBootable || c.slot.MaxAlign != 0 && c.slot.MaxAlign < c.slot.Align
		if err != nil || c.vector != "" || v.Exit == "refused" || strings.HasSuffix(c.out, ".hex") || odd {
			continue
		}
		data, err := c.run(testBody(v.ZeroHeader, v.Body))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		b := img.Bootloader()
		b.Align, b.MaxAlign, b.MaxSectors, b.SlotSize = c.slot.Align, c.slot.MaxAlign, c.slot.MaxSectors, c.slot.Size
		if c.slot.OverwriteOnly {
			b.Mode = OverwriteOnly
		}
		b.Images = map[uint8]Version{1: {Major: 255}, 2: {Major: 255}}
		if b.Unsigned = c.o.Signing.Signer == nil; !b.Unsigned {
			b.Keys = []crypto.PublicKey{edKey().Public()}
		}
		accept(t, data, b)
		accepted++
	}
	if accepted < 80 {
		t.Errorf("%d images, want at least 80", accepted)
	}
}
