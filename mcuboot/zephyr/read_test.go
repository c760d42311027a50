package zephyr

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

// edit changes one file of a build folder: old becomes new. Without old, new is
// the whole file, and without either there is no such file.
type edit struct{ file, old, new string }

// copied returns a copy of a folder of testdata with edits.
func copied(t *testing.T, name string, edits ...edit) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "b")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		path := filepath.Join(dir, e.file)
		data, err := os.ReadFile(path)
		switch {
		case e.old == "" && e.new == "":
			err = os.RemoveAll(path)
		case e.old == "":
			err = os.WriteFile(path, []byte(e.new), 0o644)
		case err == nil && !strings.Contains(string(data), e.old):
			t.Fatalf("%s: no %q", e.file, e.old)
		case err == nil:
			err = os.WriteFile(path, []byte(strings.Replace(string(data), e.old, e.new, 1)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	appConfig  = "zephyr/.config"
	appDTS     = "zephyr/zephyr.dts"
	bootConfig = "mcuboot/zephyr/.config"
	bootDTS    = "mcuboot/zephyr/zephyr.dts"
)

// Settings that single lines of a configuration or a devicetree make, by their
// effect on a folder that says something else.
func TestEdits(t *testing.T) {
	const h7, n52, ncs = "nucleo_h743zi_sysbuild", "nrf52840dk", "nrf9160dk_ncs"
	const scratch, hash = "CONFIG_BOOT_SWAP_USING_SCRATCH=y", "CONFIG_BOOT_IMG_HASH_ALG_SHA256=y"
	const rsa = "CONFIG_BOOT_SIGNATURE_TYPE_RSA=y\nCONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN=3072"
	const appMode = "CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH=y"
	for _, c := range []struct {
		folder string
		edit   edit
		want   string
	}{
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_SWAP_USING_MOVE=y"}, "mode=swap-move"},
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_SWAP_USING_OFFSET=y"}, "mode=swap-offset"},
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_UPGRADE_ONLY=y"}, "mode=overwrite-only"},
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_DIRECT_XIP=y\nCONFIG_BOOT_DIRECT_XIP_REVERT=y"}, "mode=direct-xip revert=true -rom-fixed"},
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_RAM_LOAD=y\nCONFIG_BOOT_IMAGE_EXECUTABLE_RAM_START=0x24000000\nCONFIG_BOOT_IMAGE_EXECUTABLE_RAM_SIZE=524288"},
			"mode=ram-load ram-address=0x24000000 ram-size=524288 load-address=0x24000000"},
		{h7, edit{bootConfig, scratch, "CONFIG_SINGLE_APPLICATION_SLOT=y"}, "mode=single-slot secondary-slot-size=0x40000"},
		{h7, edit{bootConfig, scratch, "CONFIG_BOOT_FIRMWARE_LOADER=y"}, "mode=single-slot"},
		{h7, edit{bootConfig, hash, "CONFIG_BOOT_IMG_HASH_ALG_SHA384=y"}, "hash=sha384"},
		{h7, edit{bootConfig, rsa, "CONFIG_BOOT_SIGNATURE_TYPE_RSA=y\nCONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN=2048"}, "signature=rsa-2048"},
		{h7, edit{bootConfig, rsa, "CONFIG_BOOT_SIGNATURE_TYPE_NONE=y"}, "signature=none -key-tlv -padded-signatures"},
		{h7, edit{bootConfig, rsa, "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y\nCONFIG_BOOT_ECDSA_PSA=y"}, "signature=ecdsa-p256 padded-signatures=true"},
		{h7, edit{bootConfig, rsa, "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y\nCONFIG_BOOT_ECDSA_MBEDTLS=y"}, "padded-signatures=false"},
		{h7, edit{bootConfig, rsa, "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y\nCONFIG_BOOT_ECDSA_CC310=y"}, "signature=ecdsa-p256 -padded-signatures"},
		{h7, edit{bootConfig, "CONFIG_BOOT_HW_KEY=y", "CONFIG_BOOT_SIGNATURE_USING_KMU=y"}, "key-tlv=none"},
		{h7, edit{bootConfig, "CONFIG_BOOT_HW_KEY=y", "CONFIG_BOOT_ENCRYPT_RSA=y"}, "key-tlv=keyhash encryption=rsa-2048"},
		{h7, edit{bootConfig, "CONFIG_BOOT_HW_KEY=y", "CONFIG_BOOT_ENCRYPT_X25519=y\nCONFIG_BOOT_ENCRYPT_ALG_AES_256=y"}, "encryption=ecies-x25519 aes-key-size=256"},
		{h7, edit{bootConfig, "CONFIG_BOOT_HW_KEY=y", "CONFIG_BOOT_ENCRYPT_X25519=y\nCONFIG_BOOT_HMAC_SHA512=y"}, "encryption=ecies-x25519-sha512"},
		{h7, edit{bootConfig, "# CONFIG_BOOT_ENCRYPT_IMAGE is not set", ""}, "-encryption"},
		{h7, edit{bootConfig, "CONFIG_MEASURED_BOOT=y", ""}, "-max-boot-record"},
		{h7, edit{bootConfig, "# CONFIG_BOOT_DECOMPRESSION is not set", "CONFIG_BOOT_DECOMPRESSION=y"}, "compression=true"},
		{h7, edit{bootConfig, "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION=y", "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y"}, "demands=version"},
		{h7, edit{bootConfig, "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION=y", "CONFIG_MCUBOOT_CHECK_HEADER_LOAD_ADDRESS=y"}, "check-load-address=true -demands"},
		{h7, edit{bootConfig, "CONFIG_BOOT_MAX_IMG_SECTORS_AUTO=y", ""}, "-max-sectors"},
		{h7, edit{bootDTS, "erase-block-size = < 0x20000 >;", ""}, "-sector-size max-sectors=128 write-size=32"},
		{h7, edit{bootDTS, "write-block-size = < 0x20 >;", ""}, "-write-size -max-align"},
		{n52, edit{appDTS, "slot1_partition:", ""}, "secondary-slot-size=0x76000"},
		{n52, edit{appDTS, "reg = < 0x82000 0x76000 >", "reg = < 0x82000 0x70000 >"}, "slot-size=0x76000 secondary-slot-size=0x70000"},
		{n52, edit{appConfig, appMode, "CONFIG_MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP_WITH_REVERT=y"}, "mode=direct-xip revert=true -rom-fixed"},
		{n52, edit{appConfig, appMode, "CONFIG_MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP=y\n# CONFIG_NCS_SAMPLES_DEFAULTS is not set"}, "mode=direct-xip rom-fixed=0xc000"},
		{n52, edit{appConfig, appMode, "CONFIG_MCUBOOT_BOOTLOADER_MODE_RAM_LOAD=y"}, "mode=ram-load load-address=0x20000000"},
		{n52, edit{appConfig, appMode, "CONFIG_MCUBOOT_BOOTLOADER_MODE_FIRMWARE_UPDATER=y"}, "mode=single-slot"},
		{n52, edit{appConfig, appMode, appMode + "\nCONFIG_BOOT_MAX_IMG_SECTORS=256"}, "max-sectors=256"},
		{n52, edit{appConfig, appMode, appMode + "\nCONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_ED25519=y\nCONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_PURE=y\nCONFIG_MCUBOOT_BOOTLOADER_USES_SHA512=y"},
			"signature=ed25519 pure=true hash=sha512"},
		{n52, edit{appConfig, appMode, appMode + "\nCONFIG_MCUBOOT_COMPRESSED_IMAGE_SUPPORT_ENABLED=y"}, "compression=lzma2armthumb"},
		{n52, edit{appDTS, "code-partition = &slot0_partition", `code-partition = "/soc/flash-controller@4001e000/flash@0/partitions/partition@c000"`}, "slot-address=0xc000"},
		{n52, edit{"zephyr/zephyr.bin", "", ""}, "input=D/zephyr/zephyr.bin"},
		{n52, edit{appConfig, "CONFIG_BUILD_OUTPUT_BIN=y", ""}, "input=D/zephyr/zephyr.hex"},
		{n52, edit{appConfig, "CONFIG_BUILD_OUTPUT_BIN=y\nCONFIG_BUILD_OUTPUT_HEX=y", ""}, "input=D/zephyr/zephyr.elf"},
		{n52, edit{appConfig, `CONFIG_BOARD_TARGET="nrf52840dk/nrf52840"`, ""}, "board=nrf52840dk"},
		{n52, edit{appConfig, "CONFIG_ROM_START_OFFSET=0x200", ""}, "-header-size -pad-header"},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "", ""}, "slot-address=0xc000 -secondary-slot-address"},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "PM_MCUBOOT_SECONDARY_DEV DT_CHOSEN(zephyr_flash_controller)", "PM_MCUBOOT_SECONDARY_DEV DT_CHOSEN(nordic_pm_ext_flash)"},
			"slot-address=0xc000 -secondary-slot-address"},
		{ncs, edit{bootConfig, "CONFIG_BOOT_SWAP_USING_MOVE=y", "CONFIG_BOOT_DIRECT_XIP=y"}, "rom-fixed=0xc000"},
	} {
		dir := copied(t, c.folder, c.edit)
		b, err := Read(dir, nil)
		if err != nil {
			t.Errorf("%s: %s: %v", c.folder, c.edit.new, err)
			continue
		}
		got := "\n" + shown(b.Image) + shown(b.Bootloader)
		for want := range strings.FieldsSeq(strings.ReplaceAll(c.want, "=D/", "="+dir+"/")) {
			if absent, ok := strings.CutPrefix(want, "-"); ok && strings.Contains(got, "\n"+absent+"=") {
				t.Errorf("%s: %q: still says %s:%s", c.folder, c.edit.new, absent, got)
			} else if !ok && !strings.Contains(got, "\n"+want+"\n") {
				t.Errorf("%s: %q: does not say %s:%s", c.folder, c.edit.new, want, got)
			}
		}
	}
}

// A flash behind SPI has no addresses that the processor could use.
func TestUnmappedFlash(t *testing.T) {
	const old, spi = `"st,stm32-nv-flash", "soc-nv-flash"`, `"jedec,spi-nor"`
	b, err := Read(copied(t, "nucleo_h743zi_sysbuild", edit{bootDTS, old, spi}, edit{"blinky/zephyr/zephyr.dts", old, spi}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(b.Bootloader); strings.Contains(got, "-address=") || !strings.Contains(got, "slot-size=0x40000\n") {
		t.Errorf("got %s", got)
	}
}

// The slots of an STM32 whose flash translates its partitions are where those of
// one that does not are.
func TestMappedPartitions(t *testing.T) {
	edits := func(folder string) []edit {
		file := folder + "/zephyr/zephyr.dts"
		return []edit{
			{file, "\t\t\t\tpartitions {\n\t\t\t\t\tcompatible = \"fixed-partitions\";", "\t\t\t\tranges = < 0x0 0x8000000 0x200000 >;\n\t\t\t\t#address-cells = < 0x1 >;\n\t\t\t\t#size-cells = < 0x1 >;\n\t\t\t\tpartitions {\n\t\t\t\t\tranges;"},
			{file, `label = "image-0";`, `label = "image-0"; compatible = "zephyr,mapped-partition";`},
			{file, `label = "image-1";`, `label = "image-1"; compatible = "zephyr,mapped-partition";`},
		}
	}
	b, err := Read(copied(t, "nucleo_h743zi_sysbuild", append(edits("blinky"), edits("mcuboot")...)...), nil)
	if err != nil {
		t.Fatal(err)
	}
	differ(t, "bootloader", shown(b.Bootloader), facts["nucleo_h743zi_sysbuild"].bootloader)
}

func TestVariantImage(t *testing.T) {
	const old = "CONFIG_BOOT_SWAP_USING_MOVE=y"
	dir := copied(t, "nrf9160dk_ncs", edit{bootConfig, old, "CONFIG_BOOT_DIRECT_XIP=y"},
		edit{"tracker/zephyr/.config", "CONFIG_BOOTLOADER_MCUBOOT=y", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_NCS_IS_VARIANT_IMAGE=y"})
	b, err := Read(dir, nil)
	if err != nil || !strings.Contains(shown(b.Image), "rom-fixed=0x84000\n") {
		t.Errorf("%v: got %+v", err, b)
	}
}

func TestReadRefused(t *testing.T) {
	const sys, n52, h7, ncs = "nrf52840dk_sysbuild", "nrf52840dk", "nucleo_h743zi_sysbuild", "nrf9160dk_ncs"
	for _, c := range []struct {
		folder string
		edit   edit
		want   string
	}{
		{n52, edit{appConfig, "", ""}, `D: not a build folder of Zephyr: want zephyr/.config in it, or domains.yaml of sysbuild`},
		{n52, edit{appDTS, "", ""}, `stat D/zephyr/zephyr.dts: no such file or directory`},
		{n52, edit{appConfig, "CONFIG_BOOTLOADER_MCUBOOT=y", ""}, `D/zephyr/.config: CONFIG_BOOTLOADER_MCUBOOT is not set: the build makes no image for MCUboot`},
		{n52, edit{appConfig, "CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH=y", ""}, `D/zephyr/.config: no mode of the bootloader is set: want one of CONFIG_MCUBOOT_BOOTLOADER_MODE_SINGLE_APP, `},
		{n52, edit{appConfig, "# CONFIG_MCUBOOT_BOOTLOADER_MODE_OVERWRITE_ONLY is not set", "CONFIG_MCUBOOT_BOOTLOADER_MODE_OVERWRITE_ONLY=y"},
			`D/zephyr/.config:28: CONFIG_MCUBOOT_BOOTLOADER_MODE_OVERWRITE_ONLY: contradicts CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH in line 26`},
		{n52, edit{appConfig, `"zephyr"`, `"../zephyr"`}, `D/zephyr/.config:34: CONFIG_KERNEL_BIN_NAME "../zephyr": want a name without slashes`},
		{n52, edit{appConfig, "CONFIG_BUILD_OUTPUT_HEX=y", "CONFIG_BUILD_OUTPUT_HEX=yes"}, `D/zephyr/.config:33: "CONFIG_BUILD_OUTPUT_HEX=yes": want CONFIG_NAME=VALUE or a comment`},
		{n52, edit{appDTS, "slot0_partition: partition@c000", "other: partition@c000"}, `D/zephyr/zephyr.dts:16:27: &slot0_partition: no node has that label or path`},
		{n52, edit{appDTS, "code-partition = &slot0_partition", "code-partition = &storage_partition"}, `D/zephyr/zephyr.dts:16:3: zephyr,code-partition: storage_partition lies in none of the slots (slot0_partition, slot1_partition)`},
		{n52, edit{appDTS, "code-partition = &slot0_partition", "code-partition = <1>"}, `D/zephyr/zephyr.dts:16:3: zephyr,code-partition: want &label or the path of a node`},
		{n52, edit{appDTS, "code-partition = &slot0_partition", "code-partition = \"/gone\""}, `D/zephyr/zephyr.dts:16:3: zephyr,code-partition: want &label or the path of a node`},
		{n52, edit{appDTS, "code-partition = &slot0_partition", "code-partition = &flash0"}, `D/zephyr/zephyr.dts:73:12: flash@0: is not a partition`},
		{n52, edit{appDTS, "reg = < 0xc000 0x76000 >", "reg = < 0xc000 >"}, `D/zephyr/zephyr.dts:97:7: reg of partition@c000: want 1 numbers for an address and 1 for a size`},
		{n52, edit{appDTS, "reg = < 0xc000 0x76000 >", "reg = \"a\""}, `D/zephyr/zephyr.dts:97:7: reg of partition@c000: want 1 numbers for an address and 1 for a size`},
		{n52, edit{appDTS, "reg = < 0xc000 0x76000 >;", ""}, `D/zephyr/zephyr.dts:94:23: partition@c000: has no reg`},
		{n52, edit{appDTS, "\t\t\t\tranges;\n\t\t\t\tstatus", "\t\t\t\tranges = < 0x0 0x0 0x8000 >;\n\t\t\t\tstatus"}, `D/zephyr/zephyr.dts:94:23: partition@c000: lies outside the ranges of flash@0`},
		{n52, edit{appDTS, "slot1_partition: partition@82000 {\n\t\t\t\t\t\tcompatible = \"zephyr,mapped-partition\";\n\t\t\t\t\t\tlabel = \"image-1\"", "partition@82000 {\n\t\t\t\t\t\tcompatible = \"zephyr,mapped-partition\";\n\t\t\t\t\t\tlabel = \"other\""},
			`D/zephyr/zephyr.dts: no slot1_partition: mode swap-move needs it`},
		{sys, edit{"domains.yaml", "default: smp_svr\n", ""}, `D/domains.yaml: want one line "default: NAME" that names the application`},
		{sys, edit{"domains.yaml", "default: smp_svr", "default: gone"}, `D/domains.yaml: default gone: there is no gone/zephyr/.config`},
		{sys, edit{"domains.yaml", "default: smp_svr", "default: .."}, `D/domains.yaml: default ..: there is no ../zephyr/.config`},
		{sys, edit{bootDTS, "reg = < 0x82000 0x76000 >", "reg = < 0x82000 0x70000 >"},
			`D/smp_svr/zephyr/zephyr.dts:93: slot1_partition: 0x76000 bytes at 0x82000, but 0x70000 bytes at 0x82000 for the bootloader (D/mcuboot/zephyr/zephyr.dts:93)`},
		{sys, edit{bootConfig, "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y", ""}, `D/mcuboot/zephyr/.config: no CONFIG_BOOT_SIGNATURE_TYPE_... that is known is set`},
		{sys, edit{bootConfig, "# CONFIG_BOOT_SIGNATURE_TYPE_RSA is not set", "CONFIG_BOOT_SIGNATURE_TYPE_RSA=y"}, `D/mcuboot/zephyr/.config:20: CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256: contradicts CONFIG_BOOT_SIGNATURE_TYPE_RSA in line 19`},
		{h7, edit{bootConfig, "_RSA_LEN=3072", "_RSA_LEN=4096"}, `D/mcuboot/zephyr/.config:10: CONFIG_BOOT_SIGNATURE_TYPE_RSA: want CONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN of 2048 or 3072, not "4096"`},
		{h7, edit{bootConfig, "CONFIG_BOOT_SWAP_USING_SCRATCH=y", "CONFIG_SINGLE_APPLICATION_SLOT_RAM_LOAD=y"}, `D/mcuboot/zephyr/.config:13: CONFIG_SINGLE_APPLICATION_SLOT_RAM_LOAD: one slot whose image is loaded into RAM is not a mode that can be described`},
		{h7, edit{"blinky", "", ""}, `D: no application was built in it`},
		{ncs, edit{"pm.config", "PM_NUM=7", "7"}, ``},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "#define PM_NUM 7", "7"}, `pm_config.h:81: "7": want PM_NAME=VALUE, or #define PM_NAME VALUE`},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "#define PM_MCUBOOT_PRIMARY_SIZE 0x78000", "#define PM_MCUBOOT_PRIMARY_SIZE big"}, `PM_MCUBOOT_PRIMARY_SIZE "big": want a number`},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "#define PM_MCUBOOT_SECONDARY_SIZE 0x78000", ""}, `no PM_MCUBOOT_SECONDARY_ADDRESS and PM_MCUBOOT_SECONDARY_SIZE: mode swap-move needs them`},
		{ncs, edit{"tracker/zephyr/include/generated/pm_config.h", "#define PM_MCUBOOT_PAD_SIZE 0x200", ""}, `no PM_MCUBOOT_PAD_SIZE, which is the size of the header`},
	} {
		dir := copied(t, c.folder, c.edit)
		_, err := Read(dir, nil)
		want := strings.ReplaceAll(c.want, "D/", dir+"/")
		if strings.HasPrefix(want, "D:") {
			want = dir + want[1:]
		}
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.folder, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q:\n got %v\nwant %s", c.folder, c.edit.new, err, want)
		}
	}
}

func TestReadRefusedWithoutPartitionManager(t *testing.T) {
	dir := copied(t, "nrf9160dk_ncs", edit{"pm.config", "", ""}, edit{"tracker/zephyr/include/generated/pm_config.h", "", ""})
	if _, err := Read(dir, nil); err == nil || !strings.Contains(err.Error(), "which say where the slots are") {
		t.Errorf("got %v", err)
	}
}

// Several applications and nothing that names one are not guessed among.
func TestReadRefusedAmbiguous(t *testing.T) {
	dir := copied(t, "nrf5340dk_images", edit{"domains.yaml", "", ""})
	_, err := Read(dir, nil)
	if want := dir + ": has no domains.yaml: name the folder of one application: app, second"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// All problems come at once, each with its place.
func TestProblemsTogether(t *testing.T) {
	dir := copied(t, "nrf52840dk_sysbuild",
		edit{bootConfig, "CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y", ""},
		edit{bootDTS, "reg = < 0x82000 0x76000 >", "reg = < 0x82000 0x70000 >"})
	_, err := Read(dir, nil)
	var list diag.List
	if !errors.As(err, &list) || len(list) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestFilesAreLimited(t *testing.T) {
	dir := copied(t, "nrf52840dk")
	f, err := os.Create(filepath.Join(dir, appDTS))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(maxFile + 1); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, nil); err == nil || !strings.HasSuffix(err.Error(), "zephyr.dts: more than 16 MiB") {
		t.Errorf("got %v", err)
	}
	os.Remove(filepath.Join(dir, appDTS))
	os.Mkdir(filepath.Join(dir, appDTS), 0o755)
	if _, err := Read(dir, nil); err == nil || !strings.HasSuffix(err.Error(), "zephyr.dts: not a regular file") {
		t.Errorf("got %v", err)
	}
}

// statements are the properties that stand together in a node, whole lines each.
var statements = regexp.MustCompile(`(?m)(^\t+[^\s{}][^{}\n]*;[^{}\n]*\n){2,}`)

// What is read depends neither on the order of properties in a node nor on that
// of lines in a configuration.
func TestOrderDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{1}))
	shuffled := func(lines string) string {
		list := strings.SplitAfter(strings.TrimSuffix(lines, "\n"), "\n")
		list[len(list)-1] += "\n"
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return strings.Join(list, "")
	}
	for name := range facts {
		want, err := Read(filepath.Join("testdata", name), nil)
		if err != nil {
			t.Fatal(err)
		}
		whole, part, _ := strings.Cut(name, "/")
		for range 20 {
			dir := copied(t, whole)
			changed := 0
			filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				data, _ := os.ReadFile(path)
				text := string(data)
				switch filepath.Base(path) {
				case ".config", "pm.config":
					text = shuffled(text + "\n")
				case "zephyr.dts":
					text = statements.ReplaceAllStringFunc(text, shuffled)
				}
				if text != string(data) && !d.IsDir() {
					changed++
					return os.WriteFile(path, []byte(text), 0o644)
				}
				return err
			})
			got, err := Read(filepath.Join(dir, part), nil)
			if err != nil || changed < 2 {
				t.Fatalf("%s: %d files changed: %v", name, changed, err)
			}
			differ(t, name, strings.ReplaceAll(shown(got.Image), dir, filepath.Join("testdata", whole))+shown(got.Bootloader), shown(want.Image)+shown(want.Bootloader))
		}
	}
}
