package pack

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

const zephyrFolders = "../mcuboot/zephyr/testdata"

// vectorFirmware is firmware of a Cortex-M that is linked for a slot at addr: room
// for the header, unless that is put in front, and a vector table.
func vectorFirmware(addr uint32, header int, pad bool) []byte {
	body := []byte(testFirmware(3000))
	binary.LittleEndian.PutUint32(body, 0x2000_4000)                     // stack
	binary.LittleEndian.PutUint32(body[4:], addr+uint32(header)+0x100|1) // reset handler
	if pad {
		return body
	}
	return append(make([]byte, header), body...)
}

// zephyrProject is a project with a copy of a build folder, in which the firmware was
// built.
func zephyrProject(t *testing.T, folder, input string, firmware []byte, rest string) string {
	t.Helper()
	keys := filepath.ToSlash(must(filepath.Abs(testKeys)))
	dir := files{"fwpack.toml": strings.ReplaceAll("schema = 1\nproject = { name = 'mcu', version = '9.9.9' }\n"+
		"keys = { rsa2048 = { key = 'KEYS/rsa2048.pem' }, rsa3072 = { key = 'KEYS/rsa3072.pem' }, p256 = { key = 'KEYS/ec-p256.pem' }, ed25519 = { key = 'KEYS/ed25519.pem' }, enc = { public = 'KEYS/ec-p256.pub.pem' } }\n"+
		"[[image]]\nname = 'app'\nzephyr = 'build'\noutput = 'app.bin'\n", "KEYS", keys) + rest}.write(t)
	root, _, _ := strings.Cut(folder, "/")
	if err := os.CopyFS(filepath.Join(dir, "build"), os.DirFS(filepath.Join(zephyrFolders, root))); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "build", filepath.FromSlash(input)), firmware)
	return dir
}

// asHex is data at addr in Intel HEX.
func asHex(t *testing.T, addr uint32, data []byte) []byte {
	t.Helper()
	var memory firmware.Memory
	var out bytes.Buffer
	if err := memory.Add(addr, data, ""); err != nil {
		t.Fatal(err)
	}
	if err := memory.WriteHex(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Of a build folder alone an image is made that its bootloader takes, and the plan
// says of each value where it stands.
func TestImageZephyr(t *testing.T) {
	for _, c := range []struct {
		folder, input string
		firmware      []byte
		rest          string
		outputs       string
		shown         []string // lines of the plan
	}{
		{
			"nrf52840dk", "zephyr/zephyr.bin", vectorFirmware(0xc000, 0x200, false), "sign = 'rsa2048'\n", "app.bin app.confirmed.bin",
			[]string{
				`version 1.7.0+12 build/zephyr/.config:20: CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION`,
				`header-size 0x200 build/zephyr/.config:31: CONFIG_ROM_START_OFFSET`,
				`pad-header false build/zephyr/.config:31: CONFIG_ROM_START_OFFSET`,
				`board nrf52840dk/nrf52840 build/zephyr/.config:8: CONFIG_BOARD_TARGET`,
				`dependencies (1, 1.2.3+0) build/zephyr/.config:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS`,
				`confirmed true build/zephyr/.config:24: CONFIG_MCUBOOT_GENERATE_CONFIRMED_IMAGE`,
				`mode swap-move build/zephyr/.config:26: CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH`,
				`slot-address 0xc000 build/zephyr/zephyr.dts:`,
				`write-size 4 build/zephyr/zephyr.dts:`,
			},
		},
		{
			"nrf52840dk_sysbuild", "smp_svr/zephyr/zephyr.hex", asHex(t, 0xc000, vectorFirmware(0xc000, 0x200, false)),
			"sign = 'p256'\nencrypt = 'enc'\nsecurity-counter = 'auto'\n", "app.bin",
			[]string{
				`input build/smp_svr/zephyr/zephyr.hex build/smp_svr/zephyr/.config:`,
				`security-counter auto fwpack.toml:10:20`,
				`encryption ecies-p256 build/mcuboot/zephyr/.config:`,
				`save-enctlv true build/mcuboot/zephyr/.config:`,
				`demands security-counter build/mcuboot/zephyr/.config:`,
			},
		},
		{
			"nrf5340dk_images", "app/zephyr/zephyr.bin", vectorFirmware(0x10000, 0x200, false),
			"sign = 'ed25519'\nvendor-id = 'example.com'\nclass-id = 'door-lock'\n", "app.bin",
			[]string{`pure true build/mcuboot/zephyr/.config:`, `verify-address true`, `class-id door-lock fwpack.toml:10:12`, `class-id door-lock build/mcuboot/zephyr/.config:`},
		},
		{
			"nucleo_h743zi_sysbuild", "blinky/zephyr/zephyr.bin", vectorFirmware(0x8040000, 0x400, false),
			"sign = 'rsa3072'\nsecurity-counter = 1\nboot-record = 'X'\nbootloader = { max-boot-record = 128 }\n", "app.bin",
			[]string{`key-tlv pubkey build/mcuboot/zephyr/.config:`, `max-boot-record 128 fwpack.toml:11:34`, `security-counter 1 fwpack.toml:9:20`},
		},
		{
			"nrf9160dk_ncs", "tracker/zephyr/tfm_merged.hex", asHex(t, 0xc200, vectorFirmware(0xc000, 0x200, true)),
			"sign = 'rsa2048'\nboard = 'mine'\n", "app.bin",
			[]string{`pad-header true build/tracker/zephyr/include/generated/pm_config.h:`, `board mine fwpack.toml:9:9`, `security-counter 7 build/tracker/zephyr/.config:`, `soc nrf9160 build`},
		},
	} {
		t.Run(c.folder, func(t *testing.T) {
			dir := zephyrProject(t, c.folder, c.input, c.firmware, c.rest)
			p := plan(t, dir)
			text := strings.Join(strings.Fields(strings.ReplaceAll(p.String(), dir+string(filepath.Separator), "")), " ")
			for _, line := range c.shown {
				if !strings.Contains(text, line) {
					t.Errorf("the plan does not say %q", line)
				}
			}
			if t.Failed() {
				t.Log(strings.ReplaceAll(p.String(), dir+string(filepath.Separator), ""))
			}
			report, err := Build(context.Background(), p, options(dir))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, o := range report.Outputs {
				names = append(names, o.File)
			}
			if got := strings.Join(names, " "); got != c.outputs {
				t.Errorf("outputs %s, want %s", got, c.outputs)
			}
		})
	}
}

// replaceIn changes a file of a project.
func replaceIn(t *testing.T, path, old, with string) {
	t.Helper()
	text := string(readFile(t, path))
	if strings.Count(text, old) != 1 {
		t.Fatalf("%s: %d times %q", path, strings.Count(text, old), old)
	}
	writeFile(t, path, []byte(strings.Replace(text, old, with, 1)))
}

// zephyrImage builds the first folder with other arguments for imgtool.
func zephyrImage(t *testing.T, args, rest string) (*Image, string, error) {
	t.Helper()
	dir := zephyrProject(t, "nrf52840dk", "zephyr/zephyr.bin", vectorFirmware(0xc000, 0x200, false), "sign = 'rsa2048'\n"+rest)
	replaceIn(t, filepath.Join(dir, "build", "zephyr", ".config"), `"--dependencies \"(1, 1.2.3+0)\""`, `"`+strings.ReplaceAll(args, `"`, `\"`)+`"`)
	project, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if err == nil {
		_, err = project.Plan(Selection{})
	}
	return project.Images[0], dir, err
}

// The arguments for imgtool of a build folder do what imgtool would with them; what
// the project says counts over them.
func TestImageArguments(t *testing.T) {
	image, _, err := zephyrImage(t, `--security-counter auto --boot-record SPE --vid example.com --cid 'board a' -d "(1, 2.0)" `+`--custom-tlv 0xa0 0x01ff --custom-tlv 0xa1 text --align 8 --max-sectors 200 -R 0 --sha 256 --non-bootable`, "boot-record = 'mine'\nalign = 16\nmax-align = 16\ntlv = [{ type = 0xa1, value = 'own' }]\n")
	if err != nil {
		t.Fatal(err)
	}
	o, b := image.Spec.Options, image.Spec.Profile.Bootloader()
	class, _ := mcuboot.ParseClassID("board a", o.VendorID)
	if *o.SecurityCounter != 0x01070000 || *o.BootRecord != "mine" || *o.ClassID != class || fmt.Sprint(o.Dependencies) != "[(1,2.0.0+0)]" || !o.NonBootable {
		t.Errorf("options %+v", o)
	}
	if got := fmt.Sprint(o.Custom); got != fmt.Sprint([]mcuboot.TLV{{Type: 0xa1, Value: []byte("own")}, {Type: 0xa0, Value: []byte{1, 0xff}}}) {
		t.Errorf("custom TLVs %s", got)
	}
	if b.Align != 16 || b.MaxSectors != 200 || !image.Spec.Profile.ErasedZero() {
		t.Errorf("bootloader %+v", b)
	}
	image, _, err = zephyrImage(t, `-d "(1,2.0)"`, "dependencies = { 2 = '3.0' }\n")
	if err != nil || fmt.Sprint(image.Spec.Options.Dependencies) != "[(2,3.0.0+0)]" {
		t.Errorf("dependencies %v, %v", image.Spec.Options.Dependencies, err)
	}
}

// An argument that does not go with the rest is refused, with the place of both.
func TestImageArgumentsWrong(t *testing.T) {
	for _, c := range []struct{ args, rest, want string }{
		{"--confirm --aling 8", "", `
5:10: BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS: --confirm is no option that an image takes over (outputs of [[image]] says that: leave it out of CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS)
5:10: BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS: --aling is no option that an image takes over (did you mean --align?)
5:10: BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS: 8 is no option that an image takes over`},
		{"--align 3", "", `5:10: write-size "3": want one of 1 2 4 8 16 32`},
		{"--boot-record thirteen_char", "", `5:10: boot-record "thirteen_char" (BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS): 13 characters: want at most 12`},
		{"--overwrite-only", "", `5:10: mode "overwrite-only" (BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS) contradicts "swap-move" (BUILD:26: CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH) (mode in its bootloader says which one it is)`},
		{"--align 16", "", ``},
		{"--overwrite-only", "bootloader = { mode = 'overwrite-only' }\n", ``},
		{"-F 0x8000 -L 0x20000000", "", `5:10: rom-fixed (BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS) stands beside load-address (BUILD:22: CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS): one of the two is allowed`},
	} {
		_, dir, err := zephyrImage(t, c.args, c.rest)
		got := problemLines(t, err, dir, 1)
		got = strings.ReplaceAll(got, filepath.Join("build", "zephyr", ".config"), "BUILD")
		if got != strings.TrimSpace(c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.args, got, strings.TrimSpace(c.want))
		}
	}
}

// A compressed image and a confirmed one, which the folder wants, are made; a list
// of outputs in the project counts over that.
func TestImageZephyrWishes(t *testing.T) {
	dir := zephyrProject(t, "nrf52840dk", "zephyr/zephyr.bin", append(vectorFirmware(0xc000, 0x200, false), make([]byte, 5000)...), "sign = 'rsa2048'\n")
	config := filepath.Join(dir, "build", "zephyr", ".config")
	writeFile(t, config, append(readFile(t, config), "CONFIG_MCUBOOT_COMPRESSED_IMAGE_SUPPORT_ENABLED=y\n"...))
	replaceIn(t, filepath.Join(dir, "fwpack.toml"), "output = 'app.bin'", "outputs = { ota = 'app.bin' }")
	report, got := builtImages(t, dir)
	img, _, err := mcuboot.Parse(got["app.bin"])
	if err != nil || img.Header.Flags&(mcuboot.FlagLZMA2|mcuboot.FlagARMThumb) != mcuboot.FlagLZMA2|mcuboot.FlagARMThumb {
		t.Errorf("%+v, %v", img.Header, err)
	}
	if len(report.Outputs) != 1 {
		t.Errorf("outputs %+v", report.Outputs)
	}
	for _, o := range report.Outputs {
		if o.Purpose != imagebuild.OTA {
			t.Errorf("purpose %s", o.Purpose)
		}
	}
}

// What is wrong with the folder is said at its key, and what is missing in it is
// not said once more of the image.
func TestImageZephyrWrong(t *testing.T) {
	dir := zephyrProject(t, "nrf52840dk", "zephyr/zephyr.bin", vectorFirmware(0xc000, 0x200, false), "")
	load := func() string {
		project, _ := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
		_, err := project.Plan(Selection{})
		return problemLines(t, err, dir, 1)
	}
	want := `5:10: image "app": sign is missing, and the build folder has a key to sign with (declare a key with key = "bootloader/mcuboot/root-rsa-2048.pem" as [keys.NAME], and sign with it)`
	if got := load(); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	replaceIn(t, filepath.Join(dir, "fwpack.toml"), "output =", "sign = 'rsa2048'\noutput =")
	if err := os.RemoveAll(filepath.Join(dir, "build")); err != nil {
		t.Fatal(err)
	}
	if got, want := load(), `5:10: image "app": zephyr: stat build: no such file or directory`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	writeFile(t, filepath.Join(dir, "build", "x"), nil)
	if got, want := load(), `5:10: zephyr: build: not a build folder of Zephyr: want zephyr/.config in it, or domains.yaml of sysbuild`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
