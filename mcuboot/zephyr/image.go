package zephyr

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// image fills the settings of the image: what the build passes to imgtool.
func (r *reader) image() {
	r.input()
	r.imageText("version", "CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION")
	r.header()
	r.imageText("board", "CONFIG_BOARD_TARGET", "CONFIG_BOARD")
	r.imageText("soc", "CONFIG_SOC")
	r.imageText("signature-key-file", "CONFIG_MCUBOOT_SIGNATURE_KEY_FILE")
	r.imageText("encryption-key-file", "CONFIG_MCUBOOT_ENCRYPTION_KEY_FILE")
	r.romFixed()
	r.loadAddress()
	if r.app.on("CONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION") {
		r.imageText("security-counter", "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE")
	}
	if r.app.on("CONFIG_MCUBOOT_IMGTOOL_UUID_VID") {
		r.imageText("vendor-id", "CONFIG_MCUBOOT_IMGTOOL_UUID_VID_NAME")
	}
	if r.app.on("CONFIG_MCUBOOT_IMGTOOL_UUID_CID") {
		r.imageText("class-id", "CONFIG_MCUBOOT_IMGTOOL_UUID_CID_NAME")
	}
	if s, ok := r.app.first("CONFIG_MCUBOOT_COMPRESSED_IMAGE_SUPPORT_ENABLED"); ok {
		r.addImage("compression", "lzma2armthumb", s.from())
	}
	r.imageText("extra-args", "CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS")
	if s, ok := r.app.first("CONFIG_MCUBOOT_GENERATE_CONFIRMED_IMAGE"); ok {
		r.addImage("confirmed", "true", s.from())
	}
}

func (r *reader) addImage(key, value, from string) {
	r.img = append(r.img, Setting{Key: key, Value: value, From: from})
}

// imageText passes the first of the symbols on that has a value.
func (r *reader) imageText(key string, names ...string) {
	for _, name := range names {
		if s, ok := r.app.get(name); ok {
			r.addImage(key, s.value, s.from())
			return
		}
	}
}

// input finds the firmware: of what was configured, the first that is there, or
// the first at all where nothing was built yet. With TF-M that is the merged file
// of both worlds, which is HEX alone.
func (r *reader) input() {
	stem, from := "tfm_merged", ""
	kinds := []struct{ symbol, extension string }{
		{"CONFIG_BUILD_OUTPUT_BIN", ".bin"}, {"CONFIG_BUILD_OUTPUT_HEX", ".hex"}, {"", ".elf"},
	}
	if s, ok := r.app.first("CONFIG_BUILD_WITH_TFM"); ok {
		kinds, from = kinds[1:2], s.from()
	} else if s, ok := r.app.get("CONFIG_KERNEL_BIN_NAME"); ok {
		stem, from = s.value, s.from()
	} else {
		return
	}
	if strings.ContainsAny(stem, `/\`) {
		s, _ := r.app.get("CONFIG_KERNEL_BIN_NAME")
		r.problems.Addf(s.pos, "%s %.40q: want a name without slashes", s.name, stem)
		return
	}
	var configured []string
	for _, kind := range kinds {
		if kind.symbol == "" || r.app.on(kind.symbol) {
			configured = append(configured, filepath.Join(r.dirs.application, "zephyr", stem+kind.extension))
		}
	}
	for _, path := range configured {
		if r.exists(path) {
			r.addImage("input", path, from)
			return
		}
	}
	if len(configured) > 0 {
		r.addImage("input", configured[0], from)
	}
}

// header says how long the header is and who makes room for it: Zephyr links it in,
// unless Partition Manager keeps a partition for it.
func (r *reader) header() {
	if r.pm == nil {
		if s, ok := r.app.get("CONFIG_ROM_START_OFFSET"); ok {
			r.addImage("header-size", s.value, s.from())
			r.addImage("pad-header", "false", s.from())
		}
		return
	}
	if s, ok := r.pm.get("PM_MCUBOOT_PAD_SIZE"); ok {
		r.addImage("header-size", s.value, s.from())
		r.addImage("pad-header", "true", s.from())
		return
	}
	r.problems.Addf(diag.Pos{File: r.pm.file}, "no PM_MCUBOOT_PAD_SIZE, which is the size of the header")
}

// romFixed binds the image to its slot where NCS does: in direct-xip. Zephyr's own
// build does not.
func (r *reader) romFixed() {
	slot := r.slots.primary
	if r.slots.own%2 == 1 {
		slot = r.slots.secondary
	}
	if r.mode.value == "direct-xip" && slot != nil && r.isNCS() {
		r.addImage("rom-fixed", fmt.Sprintf("%#x", slot.offset), slot.fromAddr)
	}
}

// isNCS tells whether the nRF Connect SDK made the build: its Kconfig knows
// symbols that Zephyr's does not.
func (r *reader) isNCS() bool {
	if r.pm != nil {
		return true
	}
	for name := range r.app.symbols {
		if strings.HasPrefix(name, "CONFIG_NCS_") {
			return true
		}
	}
	return false
}

// loadAddress is where ram-load copies the image to: the RAM that the application
// is linked for.
func (r *reader) loadAddress() {
	if r.mode.value != "ram-load" {
		return
	}
	ram, _, err := r.appTree.chosen("zephyr,sram")
	r.problem(err)
	if ram == nil {
		return
	}
	reg, err := ram.reg()
	if err != nil {
		r.problem(err)
		return
	}
	r.addImage("load-address", fmt.Sprintf("%#x", ram.parent.absolute(reg.start)), fmt.Sprintf("%s: %s", linePos(ram.props["reg"].pos), ram.name))
}
