package pack

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/pack/imgtool"
)

// testFirmware is n bytes that are no two alike in a row.
func testFirmware(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(7*i + 3)
	}
	return string(b)
}

// imageProject is a project with one image; keys of the project are named after
// those of testdata.
func imageProject(t *testing.T, key, rest string) string {
	t.Helper()
	keys, err := filepath.Abs(testKeys)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`schema = 1
project = { name = "mcu", version = "9.9.9" }
[keys.mcu]
key = '%s/%s.pem'
[[image]]
name = "sensor"
input = "zephyr.bin"
version = "1.7.0+12"
header-size = 0x200
slot-size = "64K"
align = 8
%s
`, filepath.ToSlash(keys), key, rest)
}

// builtImages builds the project and returns the files of its images by name.
func builtImages(t *testing.T, dir string) (*Report, map[string][]byte) {
	t.Helper()
	report, err := Build(context.Background(), plan(t, dir), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, output := range report.Outputs {
		if content[output.File], err = os.ReadFile(filepath.Join(dir, "dist", output.File)); err != nil {
			t.Fatal(err)
		}
	}
	return report, content
}

// An image of a project has the bytes that imgtool gives it.
func TestImageIsImgtools(t *testing.T) {
	dir := files{
		"zephyr.bin": testFirmware(5000),
		"fwpack.toml": imageProject(t, "ed25519", `
pad-header = true
sign = "mcu"
security-counter = "auto"
boot-record = "SPE"
vendor-id = "example.com"
class-id = "board-a"
dependencies = { 1 = "2.3.4+5" }
max-sectors = 64
[[image.tlv]]
type = 0xa0
hex = "0102ff"
[[image.tlv]]
type = 0xab00
value = "hi"
[image.bootloader]
mode = "swap-scratch"
slot-address = 0x8000
secondary-slot-address = 0x20000
image-versions = "1=2.3.4+5"
[image.outputs]
ota = ["a.bin", "a.hex"]
test = ["t.bin", "t.hex"]
confirmed = ["c.bin", "c.hex"]
`),
	}.write(t)
	_, got := builtImages(t, dir)
	for name, o := range map[string]imgtool.SignOptions{
		"a.bin": {}, "a.hex": {HexAddr: ptr[uint32](0x8000)},
		"t.bin": {Test: true}, "t.hex": {Test: true, HexAddr: ptr[uint32](0x20000)},
		"c.bin": {Confirm: true}, "c.hex": {Confirm: true, HexAddr: ptr[uint32](0x20000)},
	} {
		want := filepath.Join(dir, name)
		o.Input, o.Output, o.Key = filepath.Join(dir, "zephyr.bin"), want, testKeys+"/ed25519.pem"
		o.Version, o.HeaderSize, o.SlotSize, o.Align, o.MaxSectors, o.PadHeader = mcuboot.Version{Major: 1, Minor: 7, Build: 12}, 512, 64<<10, 8, 64, true
		o.AutoCounter, o.BootRecord, o.VendorID, o.ClassID = true, ptr("SPE"), ptr("example.com"), ptr("board-a")
		o.Dependencies = []mcuboot.Dependency{{Image: 1, Version: mcuboot.Version{Major: 2, Minor: 3, Revision: 4, Build: 5}}}
		for _, tlv := range [][2]string{{"0xa0", "0x0102ff"}, {"0xab00", "hi"}} {
			custom, err := imgtool.ParseCustomTLV(tlv[0], tlv[1])
			if err != nil {
				t.Fatal(err)
			}
			o.Custom = append(o.Custom, custom)
		}
		if _, err := imgtool.Sign(o); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got[name], data) {
			t.Errorf("%s: %d bytes, which are not the %d of imgtool", name, len(got[name]), len(data))
		}
	}
}

// What a key of an image says, an option of imgtool says in the same way.
func TestImageOptions(t *testing.T) {
	for _, c := range []struct {
		key, image string
		change     func(*imgtool.SignOptions)
	}{
		{"ed25519", "erased-value = 0\n", func(o *imgtool.SignOptions) { o.ErasedZero = true }},
		{"ed25519", "endian = \"big\"\n", func(o *imgtool.SignOptions) { o.ByteOrder = mcuboot.BigEndian }},
		{"ec-p256", "pad-signature = true\n", func(o *imgtool.SignOptions) { o.PadSignature = true }},
		{"ec-p256", "key-tlv = \"pubkey\"\n", func(o *imgtool.SignOptions) { o.FullKey = true }},
		{"ed25519", "hash = \"sha512\"\n", func(o *imgtool.SignOptions) { o.Hash = crypto.SHA512 }},
		{"ed25519", "pure = true\n", func(o *imgtool.SignOptions) { o.Pure = true }},
		{"ed25519", "rom-fixed = 0x8000\n", func(o *imgtool.SignOptions) { o.ROMFixed = 0x8000 }},
		{"ed25519", "load-address = 0x20000000\nnon-bootable = true\n", func(o *imgtool.SignOptions) { o.LoadAddr, o.NonBootable = 0x20000000, true }},
		{"ec-p384", "compress = \"lzma2\"\n", func(o *imgtool.SignOptions) { o.Compression = imgtool.CompressionLZMA2 }},
		{"ec-p384", "compress = \"lzma2-arm-thumb\"\n", func(o *imgtool.SignOptions) { o.Compression = imgtool.CompressionThumb }},
	} {
		dir := files{"zephyr.bin": strings.Repeat("firmware", 2000), "fwpack.toml": imageProject(t, c.key, "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\n"+c.image)}.write(t)
		_, got := builtImages(t, dir)
		o := imgtool.SignOptions{
			Input: filepath.Join(dir, "zephyr.bin"), Output: filepath.Join(dir, "want.bin"), Key: testKeys + "/" + c.key + ".pem", PadHeader: true,
			Version: mcuboot.Version{Major: 1, Minor: 7, Build: 12}, HeaderSize: 512, SlotSize: 64 << 10, Align: 8,
		}
		c.change(&o)
		if _, err := imgtool.Sign(o); err != nil {
			t.Fatal(err)
		}
		if want := readFile(t, o.Output); !bytes.Equal(got["a.bin"], want) {
			t.Errorf("%s: %d bytes, which are not the %d of imgtool", c.image, len(got["a.bin"]), len(want))
		}
	}
}

func ptr[T any](v T) *T { return &v }

// Every mode takes every output that is made for it, and does with it what it is
// for.
func TestImageModes(t *testing.T) {
	upgrades := map[imagebuild.Purpose]mcuboot.Upgrade{imagebuild.OTA: mcuboot.UpgradeNone, imagebuild.Test: mcuboot.UpgradeTest, imagebuild.Confirmed: mcuboot.UpgradePermanent}
	for mode, outputs := range map[string]string{
		"swap-scratch": "ota test confirmed", "swap-move": "ota test confirmed", "swap-offset": "ota test confirmed",
		"overwrite-only": "ota confirmed", "direct-xip": "ota", "ram-load": "ota", "single-slot": "ota",
	} {
		for _, key := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"} {
			text := "pad-header = true\nsign = \"mcu\"\n"
			if mode == "ram-load" {
				text += "load-address = 0x20000000\n"
			}
			text += "[image.bootloader]\nmode = \"" + mode + "\"\nsector-size = 4096\nram-address = 0x20000000\nram-size = \"256K\"\n[image.outputs]\n"
			for purpose := range strings.FieldsSeq(outputs) {
				text += purpose + " = \"" + purpose + ".bin\"\n"
			}
			dir := files{"zephyr.bin": testFirmware(5000), "fwpack.toml": imageProject(t, key, text)}.write(t)
			report, got := builtImages(t, dir)
			var m mcuboot.Mode
			if err := m.UnmarshalText([]byte(mode)); err != nil {
				t.Fatal(err)
			}
			b := mcuboot.Bootloader{Mode: m, SlotSize: 64 << 10, SectorSize: 4096, Align: 8, RAM: &mcuboot.Region{Start: 0x20000000, Size: 256 << 10}}
			b.Keys = append(b.Keys, publicKey(t, key))
			for purpose := range strings.FieldsSeq(outputs) {
				verdict, err := mcuboot.Verify(got[purpose+".bin"], b)
				if err != nil {
					t.Fatal(err)
				}
				if err := verdict.Err(); err != nil || verdict.Upgrade != upgrades[imagebuild.Purpose(purpose)] {
					t.Errorf("%s, %s, %s: %v, upgrade %s", mode, key, purpose, err, verdict.Upgrade)
				}
			}
			checkReported(t, report, got["ota.bin"])
		}
	}
}

func checkReported(t *testing.T, report *Report, ota []byte) {
	t.Helper()
	img, rest, err := mcuboot.Parse(ota)
	if err != nil || len(rest) > 0 {
		t.Fatal(err, len(rest))
	}
	_, digest := img.StoredDigest()
	if len(report.Images) != 1 || report.Images[0].Digest != hex.EncodeToString(digest) || report.Images[0].Size != img.Size() || report.Images[0].Version != "1.7.0+12" {
		t.Errorf("report %+v", report.Images)
	}
}

// A factory image has the bootloader, the image in the clear and what else the
// firmware's file holds, and flattens.
func TestImageFactory(t *testing.T) {
	var memory, uicr firmware.Memory
	if err := memory.Add(0x8200, []byte(testFirmware(3000)), ""); err != nil {
		t.Fatal(err)
	}
	if err := uicr.Add(0x10001208, []byte{0, 0, 0, 0}, ""); err != nil {
		t.Fatal(err)
	}
	if err := memory.Merge(&uicr); err != nil {
		t.Fatal(err)
	}
	var hexFile bytes.Buffer
	if err := memory.WriteHex(&hexFile); err != nil {
		t.Fatal(err)
	}
	text := imageProject(t, "ed25519", `
pad-header = true
sign = "mcu"
encrypt = "enc"
factory = [{ file = "boot.bin", address = 0 }]
[image.bootloader]
mode = "swap-move"
sector-size = 4096
slot-address = 0x8000
encryption = "ecies-p256"
[image.outputs]
ota = "ota.bin"
factory = ["factory.hex"]
`)
	text = strings.Replace(text, "zephyr.bin", "zephyr.hex", 1)
	text += "[keys.enc]\npublic = '" + filepath.ToSlash(must(filepath.Abs(testKeys))) + "/ec-p256.pub.pem'\n"
	dir := files{"zephyr.hex": hexFile.String(), "boot.bin": "bootloader", "fwpack.toml": text}.write(t)
	_, got := builtImages(t, dir)
	factory, err := firmware.ParseHex("factory.hex", got["factory.hex"])
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := mcuboot.Parse(must(factory.Slice(0x8000, 0xffff).Bytes(0x8000, 0xff, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(img.Body, []byte(testFirmware(3000))) || !img.Encrypted() {
		t.Errorf("the image in the primary slot is %+v", img.Header)
	}
	ota, _, err := mcuboot.Parse(got["ota.bin"])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(ota.Body, []byte(testFirmware(32))) {
		t.Error("the image to upload is in the clear")
	}
	for addr, want := range map[uint32]string{0: "bootloader", 0x10001208: "\x00\x00\x00\x00"} {
		if held := factory.Slice(addr, addr+uint32(len(want))-1).Segments(); len(held) != 1 || string(held[0].Data) != want {
			t.Errorf("%#x: %v", addr, held)
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// What the report says of a signed image reads back.
func TestImageReportReadsBack(t *testing.T) {
	dir := files{"zephyr.bin": testFirmware(600), "fwpack.toml": imageProject(t, "ed25519", "sign = \"mcu\"\npad-header = true\noutput = \"sensor.bin\"")}.write(t)
	report, _ := builtImages(t, dir)
	data, err := os.ReadFile(filepath.Join(dir, "dist", reportName))
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	report.made = nil // which is for the next build alone
	if !reflect.DeepEqual(&back, report) {
		t.Errorf("read back %+v, want %+v", back, report)
	}
}
