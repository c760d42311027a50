package imagefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/bounds"
	"github.com/fwpack/fwpack/mcuboot"
)

// look does all that writes nothing, and wants it to end. It returns nil where the
// file has no image.
func look(t testing.TB, data []byte, opt VerifyOptions) *File {
	t.Helper()
	f, err := Read("test.bin", bytes.NewReader(data))
	if err != nil {
		return nil
	}
	opt.Bootloader = f.Bootloader()
	if v, err := f.Verify(opt); err != nil || v.Verdict == Accepted && v.SignedBy == nil {
		t.Errorf("accepted, and signed by nobody: %+v, %v", v, err)
	}
	opt.Bootloader.SlotSize, opt.Bootloader.Mode, opt.Bootloader.SectorSize = len(f.Slot), mcuboot.SwapOffset, 0x1000
	if _, err := f.Verify(opt); err != nil {
		t.Errorf("%v", err)
	}
	if ins, err := f.Inspect(opt.DecryptionKey); err == nil && len(ins.Layout) == 0 {
		t.Error("a layout of nothing")
	}
	return f
}

// everythingIsTried takes the file apart and signs it, too.
func everythingIsTried(t testing.TB, data []byte, dir string) {
	t.Helper()
	f := look(t, data, VerifyOptions{Trust: trust(t, "ed25519"), DecryptionKey: exchangeKey(t)})
	if f == nil {
		return
	}
	if _, err := f.Extract(dir, ExtractOptions{DecryptionKey: exchangeKey(t), Parts: []string{PartBody, PartImage}, Force: true}); err != nil {
		f.Extract(dir, ExtractOptions{Raw: true, Parts: []string{PartBody}, Force: true})
	}
	r, err := f.Resign(SignOptions{Signer: signer(t, "ed25519"), DecryptionKey: exchangeKey(t)})
	if err != nil {
		return
	}
	out := filepath.Join(dir, "signed")
	if _, err := seal(r, out); err != nil {
		return
	}
	signed, err := Open(out)
	if err != nil || !bytes.Equal(signed.Image.Body, f.Image.Body) {
		t.Errorf("signed anew: %v", err)
	}
}

// corpus is one file of each kind, with a firmware of n bytes.
func corpus(t testing.TB, n int) [][]byte {
	image := buildOf(t, n, everything(t))
	first := mcuboot.Slot{Size: n + 1024, OverwriteOnly: true}
	second, wide := first, first
	second.ImageOffset, wide.MaxAlign = 256, 32
	both := compressed(t, "ed25519")
	both.Encryption = encrypted(t, "ed25519").Encryption
	tiny := buildOf(t, 0, mcuboot.Options{PadHeader: true})
	return [][]byte{
		image, tiny, buildOf(t, n, encrypted(t, "ed25519")), buildOf(t, n, both),
		buildOf(t, n, mcuboot.Options{PadHeader: true, ByteOrder: mcuboot.BigEndian}),
		pad(t, first, image, mcuboot.MarkConfirm), pad(t, second, image, mcuboot.MarkPad),
		sparse(t, 0x8000, image, wide, mcuboot.MarkPad), sparse(t, 0, tiny, mcuboot.Slot{Size: 0x4000, Align: 32}, mcuboot.MarkTest),
	}
}

// Nothing that a file claims makes the work last, or large.
func TestHostile(t *testing.T) {
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	for n, data := range corpus(t, 4000) {
		for range 60 {
			changed := bytes.Clone(data)
			for range 1 + random.IntN(3) {
				mutate(random, changed)
			}
			bounds.Check(t, fmt.Sprint("file ", n), func() { everythingIsTried(t, changed, dir) })
		}
	}
}

// A few records that claim the largest slot cost its size, and no more.
func TestHostileHex(t *testing.T) {
	image := build(t, everything(t))
	text := sparse(t, 0, image, mcuboot.Slot{Size: MaxSize}, mcuboot.MarkConfirm)
	bounds.Check(t, "a slot of the largest size", func() { look(t, text, VerifyOptions{Trust: trust(t, "ed25519")}) })
}

// mutate changes a byte, or makes a number as large as can be.
func mutate(random *rand.Rand, data []byte) {
	at := random.IntN(len(data))
	if len(data) > 64 && random.IntN(2) == 0 {
		at = random.IntN(64) // of the header
	}
	switch random.IntN(3) {
	case 0:
		data[at] ^= 1 << random.IntN(8)
	case 1:
		data[at] = byte(random.Uint32())
	default:
		copy(data[at:], binary.LittleEndian.AppendUint32(nil, random.Uint32()>>random.IntN(32)))
	}
}

// Sizes that are claimed and not there.
func TestClaims(t *testing.T) {
	image := build(t, everything(t))
	le := binary.LittleEndian
	for name, claim := range map[string]func([]byte){
		"header size":    func(b []byte) { le.PutUint16(b[8:], 0xffff) },
		"no header":      func(b []byte) { le.PutUint16(b[8:], 0) },
		"protected size": func(b []byte) { le.PutUint16(b[10:], 0xffff) },
		"image size":     func(b []byte) { le.PutUint32(b[12:], 0xffffffff) },
		"area":           func(b []byte) { le.PutUint16(b[64+4000+2:], 0xffff) },
		"no area":        func(b []byte) { le.PutUint16(b[64+4000+2:], 0) },
		"TLV":            func(b []byte) { le.PutUint16(b[64+4000+6:], 0xffff) },
	} {
		changed := bytes.Clone(image)
		claim(changed)
		f := mustRead(t, changed)
		if v := verify(t, f, VerifyOptions{Trust: trust(t, "ed25519")}); f.Image != nil || v.Verdict != Refused {
			t.Errorf("%s: %s", name, v.Verdict)
		}
	}
	bomb := compressed(t, "ed25519")
	img, err := mcuboot.Build(make([]byte, 1<<20), bomb)
	if err != nil {
		t.Fatal(err)
	}
	for i, tlv := range img.Protected {
		if tlv.Type == mcuboot.TLVDecompSize {
			img.Protected[i].Value = []byte{0xff, 0xff, 0xff, 0xff}
		}
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if v := verify(t, mustRead(t, data), VerifyOptions{}); v.Verdict != Refused {
		t.Errorf("bomb: %s", v.Verdict)
	}
	if _, err := mustRead(t, data).Extract(t.TempDir(), ExtractOptions{}); err == nil {
		t.Error("bomb: extracted")
	}
}

// FuzzOpen: whatever a file holds, looking at it ends; what is accepted was signed;
// and what is put in the place of the image leaves all else as it is.
func FuzzOpen(f *testing.F) {
	for _, data := range corpus(f, 40) {
		f.Add(data)
	}
	f.Add([]byte(":00000001FF\n"))
	f.Add(bytes.Repeat([]byte{0xff}, 4096))
	opt := VerifyOptions{Trust: trust(f, "ed25519"), DecryptionKey: exchangeKey(f)}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := look(t, data, opt)
		if file == nil || file.Image == nil {
			return
		}
		shorter := *file.Image
		shorter.Unprotected = nil
		content, err := file.replaced(&shorter)
		if err != nil {
			t.Fatal(err) // there is always room for less
		}
		if err := file.prove(bytes.NewReader(content), &shorter); err != nil {
			t.Fatal(err)
		}
	})
}
