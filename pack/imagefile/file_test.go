package imagefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// An image is found wherever it is.
func TestRead(t *testing.T) {
	image := build(t, everything(t))
	inSecond := slot
	inSecond.ImageOffset = 0x1000
	zeros := slot
	zeros.ErasedZero, zeros.ImageOffset = true, 0x200
	wide := mcuboot.Slot{Size: 0x8000, Align: 32}
	big := mcuboot.Options{PadHeader: true, ByteOrder: mcuboot.BigEndian}
	for _, test := range []struct {
		name    string
		data    []byte
		offset  int
		slot    int // size
		address uint32
		trailer bool
	}{
		{"bare", image, 0, len(image), 0, false},
		{"big-endian", build(t, big), 0, len(build(t, big)), 0, false},
		{"padded", pad(t, slot, image, mcuboot.MarkConfirm), 0, 0x4000, 0, true},
		{"something behind", append(bytes.Clone(image), "more"...), 0, len(image) + 4, 0, false},
		{"second sector", pad(t, inSecond, image, mcuboot.MarkPad), 0x1000, 0x4000, 0, true},
		{"second sector, erased 0", pad(t, zeros, image, mcuboot.MarkPad), 0x200, 0x4000, 0, true},
		{"hex", hexOf(t, map[uint32][]byte{0x8000: image}), 0, len(image), 0x8000, false},
		{"hex and more", hexOf(t, map[uint32][]byte{0: firmwareOf(100), 0x8000: image, 0xfffffff0: firmwareOf(16)}), 0, len(image), 0x8000, false},
		{"sparse", sparse(t, 0xc000, image, slot, mcuboot.MarkPad), 0, 0x4000, 0xc000, true},
		{"sparse, wide", sparse(t, 0x08020000, image, wide, mcuboot.MarkConfirm), 0, 0x8000, 0x08020000, true},
		{"dump", hexOf(t, map[uint32][]byte{0xc000: pad(t, slot, image, mcuboot.MarkTest)}), 0, 0x4000, 0xc000, true},
		{"dump, second sector", hexOf(t, map[uint32][]byte{0xc000: pad(t, inSecond, image, mcuboot.MarkTest)}), 0x1000, 0x4000, 0xc000, true},
		{"last address", hexOf(t, map[uint32][]byte{uint32(-len(image)): image}), 0, len(image), uint32(-len(image)), false},
	} {
		f, err := Read(test.name, bytes.NewReader(test.data))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !Recognise(test.data[:min(HeadSize, len(test.data))]) {
			t.Errorf("%s: is not recognised", test.name)
		}
		if f.Image == nil || f.Offset != test.offset || len(f.Slot) != test.slot || f.Address != test.address || (f.Trailer != nil) != test.trailer {
			t.Errorf("%s: image %v, offset %#x, slot of %#x at %#x, trailer %+v", test.name, f.Image != nil, f.Offset, len(f.Slot), f.Address, f.Trailer)
			continue
		}
		if test.name != "big-endian" && !bytes.Equal(f.stored(), image) {
			t.Errorf("%s: another image", test.name)
		}
	}
}

// A hole inside an image reads as erased, as in imgtool.
func TestReadHole(t *testing.T) {
	body := firmwareOf(4000)
	copy(body[1000:2000], bytes.Repeat([]byte{erasedOne}, 1000))
	img, err := mcuboot.Build(body, signedWith(t, "ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	records, err := slot.Records(mcuboot.MarkPad)
	if err != nil {
		t.Fatal(err)
	}
	f := mustRead(t, hexOf(t, map[uint32][]byte{
		0x100: data[:1064], 0x100 + 2064: data[2064:], 0x100 + uint32(records[0].Offset): records[0].Data,
	}))
	if f.Image == nil || !bytes.Equal(f.stored(), data) {
		t.Errorf("%v", f.damage)
	}
}

func TestReadRefuses(t *testing.T) {
	image := build(t, mcuboot.Options{PadHeader: true})
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "is empty"},
		{"erased", bytes.Repeat([]byte{0xff}, 5000), "no image: the flash is erased"},
		{"text", []byte("schema = 1\n"), "no MCUboot image: begins with 73 63 68 65"},
		{"short", []byte{0x3d, 0xb8}, "begins with 3d b8,"},
		{"odd sector", append(bytes.Repeat([]byte{0xff}, 0x180), image...), "no MCUboot image"},
		{"S-records", []byte("S00600004844521B\n"), "is S-record: a finished image is binary or Intel HEX"},
		{"ELF", []byte("\x7fELF and more"), "is ELF"},
		{"two images", hexOf(t, map[uint32][]byte{0: image, 0x8000: image}), "images at 0x0 and 0x8000: want one"},
		{"other hex", hexOf(t, map[uint32][]byte{0x40: firmwareOf(9)}), "and here is 03 0a 11 18 at 0x40"},
		{"empty hex", []byte(":00000001FF\n"), "and here is nothing"},
		{"broken hex", []byte(":00000001FE\n"), "broken hex:1: checksum"},
	} {
		_, err := Read(test.name, bytes.NewReader(test.data))
		wantError(t, err, test.want)
		wantError(t, err, test.name+":")
	}
	_, err := Read("endless", endless(0))
	wantError(t, err, "endless: more than 67108864 bytes")
	_, err = Open(filepath.Join(t.TempDir(), "none"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// endless is a file without an end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// What is no image at all is left to others.
func TestRecognise(t *testing.T) {
	for _, head := range []string{"", "070701", "schema = 1", "\x00ZCK1", "-----BEGIN", "\xff\xff\xff\x00"} {
		if Recognise([]byte(head)) {
			t.Errorf("%q is recognised", head)
		}
	}
	for _, head := range []string{"\x3d\xb8\xf3\x96", "\xff\xff\xff", ":00000001FF\n"} {
		if !Recognise([]byte(head)) {
			t.Errorf("%q is not recognised", head)
		}
	}
}

// A record far away costs nothing; one that claims a slot larger than any is no
// trailer.
func TestReadFarTrailer(t *testing.T) {
	image := build(t, mcuboot.Options{PadHeader: true})
	far := mcuboot.Slot{Size: MaxSize + 16}
	records, err := far.Records(mcuboot.MarkPad)
	if err != nil {
		t.Fatal(err)
	}
	f := mustRead(t, hexOf(t, map[uint32][]byte{0: image, uint32(records[0].Offset): records[0].Data}))
	if f.Trailer != nil || len(f.Slot) != len(image) || f.Format != firmware.IntelHex {
		t.Errorf("slot of %d bytes, trailer %+v", len(f.Slot), f.Trailer)
	}
}
