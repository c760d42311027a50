package dfuzip

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/mcuboot"
)

// withoutDigest is an image whose only TLV is none that a phone looks for.
func withoutDigest(t *testing.T) []byte {
	t.Helper()
	img, _, err := mcuboot.Parse(image(t, "1.7.0+12", 1000))
	if err != nil {
		t.Fatal(err)
	}
	img.Unprotected = []mcuboot.TLV{{Type: mcuboot.TLVKeyHash, Value: make([]byte, 32)}}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Each rule, by the reader that has it.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		change func(*Package)
		want   string
	}{
		{func(p *Package) { p.Files = nil }, "dfuzip: 0 files: want 1 to 16"},
		{func(p *Package) { p.Files = make([]File, 17) }, "dfuzip: 17 files: want 1 to 16"},
		{func(p *Package) { p.Name = "bell\a" }, `dfuzip: name "bell\a": want at most 255 bytes of printable text`},
		{func(p *Package) { p.Name = strings.Repeat("x", 256) }, "want at most 255 bytes"},
		{func(p *Package) { p.Time = time.Time{} }, "time in the year 1: want 1970 to 2107"},
		{func(p *Package) { p.Time = time.Date(2108, 1, 1, 0, 0, 0, 0, time.UTC) }, "time in the year 2108"},
		// Android passes over what does not end in ".bin": ZipPackage, the constructor.
		{func(p *Package) { p.Files[0].Name = "sensor.hex" }, `dfuzip: file "sensor.hex": want a name of at most 255 letters`},
		{func(p *Package) { p.Files[0].Name = "sensor.BIN" }, "want a name"},
		// iOS drops blanks before it reads the manifest: McuMgrManifest.init(from url:).
		{func(p *Package) { p.Files[0].Name = "my sensor.bin" }, "want a name"},
		// iOS looks for the name in a URL: McuMgrPackage.extractImageFromZipFile.
		{func(p *Package) { p.Files[0].Name = "grün.bin" }, "want a name"},
		{func(p *Package) { p.Files[0].Name = "50%.bin" }, "want a name"},
		{func(p *Package) { p.Files[0].Name = "../sensor.bin" }, "want a name"},
		{func(p *Package) { p.Files[0].Name = "-rf.bin" }, "want a name"},
		{func(p *Package) { p.Files[0].Name = strings.Repeat("x", 252) + ".bin" }, "want a name"},
		// And it takes the first file that has the name somewhere in its own.
		{func(p *Package) { p.Files[1].Name = "my_sensor.signed.bin" }, `file "my_sensor.signed.bin": one name is part of the other, "sensor.signed.bin": iOS may take the wrong file`},
		{func(p *Package) { p.Files[0].Name = "ipc_radio.bin" }, `file "ipc_radio.bin": its name is there twice`},
		{func(p *Package) { p.Files[0].Name = "IPC_radio.bin" }, "its name is there twice, but for case"},
		// iOS wants type, board and soc: McuMgrManifest.File.init(from decoder:).
		{func(p *Package) { p.Files[0].Type = "suit-envelope" }, `type "suit-envelope": want "application"`},
		{func(p *Package) { p.Files[0].Board = "" }, `board "": want its name, of at most 255 bytes: iOS reads no manifest without it`},
		{func(p *Package) { p.Files[1].SoC = "" }, `file "ipc_radio.bin": soc "": want the chip's name`},
		{func(p *Package) { p.Files[1].ImageIndex = 16 }, "image index 16: want 0 to 15"},
		{func(p *Package) { p.Files[1].ImageIndex = -1 }, "image index -1: want 0 to 15"},
		{func(p *Package) { p.Files[1].ImageIndex = 0 }, `goes to slot 1 of image 0, and so does "sensor.signed.bin"`},
		{func(p *Package) { p.Files[1].ImageIndex, p.Files[1].Slot = 0, new(1) }, "goes to slot 1 of image 0"},
		{func(p *Package) { p.Files[0].Slot = new(-1) }, "slot -1: want 0 to 255"},
		{func(p *Package) { p.Files[0].Slot, p.Files[0].SlotIndexPrimary = new(0), 1 }, "slot 0 and slot indices: want one of them"},
		{func(p *Package) { p.Files[0].SlotIndexPrimary = 1 }, "slot indices 1 and 0: want two different ones of 1 to 255, or neither"},
		{func(p *Package) { p.Files[0].SlotIndexPrimary, p.Files[0].SlotIndexSecondary = 3, 3 }, "slot indices 3 and 3"},
		{func(p *Package) { p.Files[0].SlotIndexPrimary, p.Files[0].SlotIndexSecondary = 1, 256 }, "slot indices 1 and 256"},
		// Both want an image with a hash: McuMgrImage, the constructors.
		{func(p *Package) { p.Files[0].Data = nil }, `file "sensor.signed.bin": is no MCUboot image: mcuboot: offset 0x0`},
		{func(p *Package) { p.Files[0].Data = make([]byte, 100) }, "is no MCUboot image"},
		{func(p *Package) { p.Files[0].Data = withoutDigest(t) }, "has no hash TLV"},
		{func(p *Package) { p.Files[0].Data = append(slices.Clone(p.Files[0].Data), 0xff) }, "1 bytes behind the image: want one without padding"},
		{func(p *Package) { p.Files[0].Data = make([]byte, MaxSize+1) }, `file "sensor.signed.bin": more than 67108864 bytes of images`},
		{func(p *Package) { p.Files[0].Version = "v1" }, `version "v1": want MAJOR`},
		{func(p *Package) { p.Files[0].Version = "1.7.1" }, "version 1.7.1: its header says 1.7.0+12"},
	} {
		p := several(t)
		test.change(&p)
		wantError(t, p.Check(), test.want)
		wantError(t, Write(&full{}, p), test.want)
	}
}

func TestCheckAccepts(t *testing.T) {
	for name, p := range packages(t) {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := single(t)
	f := &p.Files[0]
	p.Name, p.Time = "", time.Unix(0, 0)
	f.Name, f.Version, f.Type, f.ImageIndex = "sensor-1.7.0+12_a.bin", "1.7", TypeApplication, 15
	f.Data = image(t, "1.7", 0)
	f.SlotIndexPrimary, f.SlotIndexSecondary = 7, 9
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// All problems are told at once.
func TestCheckTellsAll(t *testing.T) {
	p := several(t)
	p.Name, p.Files[0].Board, p.Files[1].Version = "\n", "", "9.9.9"
	err := p.Check()
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 || strings.Count(err.Error(), "dfuzip: ") != 3 {
		t.Errorf("%d lines:\n%v", n, err)
	}
}
