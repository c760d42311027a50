package pack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Room is a bootloader and the greatest size of an image in it in bytes, worked out by
// hand from bootutil's bootutil_max_image_size and boot_trailer_sz (MCUboot 2.4). The
// slot has 64 KiB, its trailer 128 sectors unless said otherwise.
var room = []struct {
	name, bootloader string
	max              int
}{
	// Status 3*128*8, four fields of 8 bytes, magic of 16.
	{"swap-scratch", "mode = 'swap-scratch'\nwrite-size = 8\n", 65536 - (3*128*8 + 4*8 + 16)},
	{"swap-scratch, few sectors", "mode = 'swap-scratch'\nwrite-size = 4\nmax-sectors = 16\n", 65536 - (3*16*4 + 4*8 + 16)},
	{"swap-scratch, wide", "mode = 'swap-scratch'\nwrite-size = 32\n", 65536 - (3*128*32 + 4*32 + 32)},
	// 3120 bytes round up to one sector, and another one to move to.
	{"swap-move", "mode = 'swap-move'\nwrite-size = 8\nsector-size = 4096\n", 65536 - 2*4096},
	{"swap-move, small sectors", "mode = 'swap-move'\nwrite-size = 8\nsector-size = 1024\n", 65536 - 4*1024 - 1024},
	{"swap-move, smaller second slot", "mode = 'swap-move'\nwrite-size = 8\nsector-size = 4096\nsecondary-slot-size = 0xe000\n", 0xe000 - 4096},
	// 2*128*8, five fields, magic: 2104 bytes. The second slot gives the spare sector.
	{"swap-offset", "mode = 'swap-offset'\nwrite-size = 8\nsector-size = 1024\n", 65536 - 3*1024 - 1024},
	{"swap-offset, larger second slot", "mode = 'swap-offset'\nwrite-size = 8\nsector-size = 1024\nsecondary-slot-size = 0x10400\n", 65536 - 3*1024},
	{"overwrite-only", "mode = 'overwrite-only'\nwrite-size = 8\n", 65536 - (16 + 3*8)},
	{"overwrite-only, wide", "mode = 'overwrite-only'\nwrite-size = 32\n", 65536 - (32 + 3*32)},
	{"direct-xip", "mode = 'direct-xip'\nwrite-size = 8\n", 65536 - (16 + 3*8)},
	{"ram-load", "mode = 'ram-load'\nwrite-size = 8\n", 65536 - (16 + 3*8)},
	{"single-slot", "mode = 'single-slot'\nwrite-size = 8\n", 65536 - (16 + 4*8)},
	// Keys of both slots: 16 bytes, 32 for AES-256, or the TLV.
	{"AES-128", "mode = 'swap-scratch'\nwrite-size = 8\nencryption = 'ecies-p256'\n", 65536 - (3*128*8 + 2*16 + 4*8 + 16)},
	{"AES-256", "mode = 'swap-scratch'\nwrite-size = 8\nencryption = 'ecies-p256'\naes-key-size = 256\n", 65536 - (3*128*8 + 2*32 + 4*8 + 16)},
	{"saved TLV", "mode = 'swap-scratch'\nwrite-size = 8\nencryption = 'ecies-x25519'\nsave-enctlv = true\n", 65536 - (3*128*8 + 2*80 + 4*8 + 16)},
}

// fitting is a project whose image has the size, all together.
func fitting(t *testing.T, bootloader string, size int) string {
	t.Helper()
	const around = 512 + 4 + 36 + 36 + 68 // header; info, digest, key hash, signature
	text := "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\n"
	if strings.Contains(bootloader, "ram-load") {
		text += "load-address = 0x20000000\n"
		bootloader += "ram-address = 0x20000000\nram-size = '256K'\n"
	}
	text = imageProject(t, "ed25519", text+"[image.bootloader]\nsignature = 'ed25519'\n"+bootloader)
	text = strings.ReplaceAll(text, "align = 8\n", "")
	return files{"zephyr.bin": testFirmware(size - around), "fwpack.toml": text}.write(t)
}

// An image of the greatest size is built, and the plan says that nothing is free; one
// byte more is refused before a key is touched, with all that takes room.
func TestImageFits(t *testing.T) {
	for _, c := range room {
		dir := fitting(t, c.bootloader, c.max)
		p := plan(t, dir)
		if fit := p.Images[0].Fit; fit == nil || fit.Free != 0 || !strings.Contains(p.String(), "free                        0") {
			t.Errorf("%s: fit %+v\n%s", c.name, fit, p)
			continue
		}
		if _, err := Build(context.Background(), p, options(dir)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if info, err := os.Stat(filepath.Join(dir, "dist", "a.bin")); err != nil || info.Size() != int64(c.max) {
			t.Errorf("%s: %v, %v, want %d bytes", c.name, info, err, c.max)
		}
		dir = fitting(t, c.bootloader, c.max+1)
		project := must(Load(filepath.Join(dir, "fwpack.toml"), Inputs{}))
		_, err := project.Plan(Selection{})
		want := fmt.Sprintf("1 more than the slot of %d has: header area 512, body %d, unprotected TLVs 144, ", p.Images[0].Fit.Slot, c.max+1-512-144)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "magic") {
			t.Errorf("%s, one byte more: %v, want %q", c.name, err, want)
		}
	}
}

// What depends on the key is not said without it.
func TestImageFitUnknown(t *testing.T) {
	dir := files{"zephyr.bin": testFirmware(5000), "fwpack.toml": imageProject(t, "ec-p384", "pad-header = true\nsign = \"mcu\"\noutput = \"a.bin\"\nbootloader = { mode = \"single-slot\" }\n")}.write(t)
	p := plan(t, dir)
	if p.Images[0].Fit != nil || strings.Contains(p.String(), "sha256") {
		t.Errorf("the plan says\n%s", p)
	}
	report, _ := builtImages(t, dir)
	if fit := report.Images[0].Fit; fit == nil || fit.Free != 65536-(512+5000+4+52+52+108)-48 {
		t.Errorf("fit %+v", fit)
	}
}
