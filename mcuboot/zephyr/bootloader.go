package zephyr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// choice is a symbol of a choice in Kconfig, and what it means.
type choice struct{ symbol, value string }

// The modes by the bootloader's own symbols (boot/zephyr/Kconfig of MCUboot). The
// firmware loader runs the application from the one slot; the other one holds a
// program that is not updated.
var bootModes = []choice{
	{"CONFIG_SINGLE_APPLICATION_SLOT", "single-slot"},
	{"CONFIG_BOOT_SWAP_USING_SCRATCH", "swap-scratch"},
	{"CONFIG_BOOT_SWAP_USING_MOVE", "swap-move"},
	{"CONFIG_BOOT_SWAP_USING_OFFSET", "swap-offset"},
	{"CONFIG_BOOT_UPGRADE_ONLY", "overwrite-only"},
	{"CONFIG_BOOT_DIRECT_XIP", "direct-xip"},
	{"CONFIG_BOOT_RAM_LOAD", "ram-load"},
	{"CONFIG_BOOT_FIRMWARE_LOADER", "single-slot"},
	{"CONFIG_SINGLE_APPLICATION_SLOT_RAM_LOAD", ""},
}

// The modes by what the application assumes (modules/Kconfig.mcuboot of Zephyr).
// Swapping without scratch was called so before there were two ways to do it.
var appModes = []choice{
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SINGLE_APP", "single-slot"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_SCRATCH", "swap-scratch"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH", "swap-move"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_USING_MOVE", "swap-move"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET", "swap-offset"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_OVERWRITE_ONLY", "overwrite-only"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP", "direct-xip"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP_WITH_REVERT", "direct-xip"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_RAM_LOAD", "ram-load"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_RAM_LOAD_WITH_REVERT", "ram-load"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_FIRMWARE_UPDATER", "single-slot"},
	{"CONFIG_MCUBOOT_BOOTLOADER_MODE_SINGLE_APP_RAM_LOAD", ""},
}

// bootloader fills the settings of the bootloader.
func (r *reader) bootloader() {
	if !r.findMode() {
		return
	}
	r.add("mode", r.mode.value, r.mode.from())
	r.findSlots()
	r.geometry()
	if r.boot != nil {
		r.configured()
	} else {
		r.assumed()
	}
}

// add adds a setting of the bootloader.
func (r *reader) add(key, value, from string) {
	r.bl = append(r.bl, Setting{Key: key, Value: value, From: from})
}

// findMode finds the mode: the bootloader's own, or what the application assumes.
func (r *reader) findMode() bool {
	c, modes := r.app, appModes
	if r.boot != nil {
		c, modes = r.boot, bootModes
	}
	s, ok := r.choose(c, modes)
	switch {
	case !ok:
		r.problems.Addf(diag.Pos{File: c.file}, "no mode of the bootloader is set: want one of %s", symbols(modes))
	case s.value == "":
		r.problems.Addf(s.pos, "%s: one slot whose image is loaded into RAM is not a mode that can be described", s.name)
		ok = false
	}
	r.mode = s
	return ok
}

// choose returns the symbol of the choices that is set, with what it means for its
// value. Two of them that mean different things are a problem.
func (r *reader) choose(c *config, choices []choice) (symbol, bool) {
	var found symbol
	for _, choice := range choices {
		s, ok := c.first(choice.symbol)
		if !ok {
			continue
		}
		s.value = choice.value
		if found.name != "" && found.value != s.value {
			r.problems.Addf(s.pos, "%s: contradicts %s in line %d", s.name, found.name, found.pos.Line)
		}
		found = s
	}
	return found, found.name != ""
}

func symbols(choices []choice) string {
	var names []string
	for _, c := range choices {
		names = append(names, c.symbol)
	}
	return strings.Join(names, ", ")
}

// flags are the settings that are true or false, each by the symbols that may say
// so. Where a symbol is missing, what it depends on is, and nothing is said.
var flags = []struct {
	key     string
	symbols []string
}{
	{"pure", []string{"CONFIG_BOOT_SIGNATURE_TYPE_PURE"}},
	{"allow-list", []string{"CONFIG_MCUBOOT_USE_TLV_ALLOW_LIST", "CONFIG_BOOT_USE_TLV_ALLOW_LIST"}},
	{"save-enctlv", []string{"CONFIG_BOOT_SWAP_SAVE_ENCTLV"}},
	{"compression", []string{"CONFIG_BOOT_DECOMPRESSION"}},
	{"compare-build-numbers", []string{"CONFIG_BOOT_VERSION_CMP_USE_BUILD_NUMBER"}},
	{"verify-address", []string{"CONFIG_MCUBOOT_VERIFY_IMG_ADDRESS"}},
	{"check-load-address", []string{"CONFIG_MCUBOOT_CHECK_HEADER_LOAD_ADDRESS"}},
	{"revert", []string{"CONFIG_BOOT_DIRECT_XIP_REVERT", "CONFIG_BOOT_RAM_LOAD_REVERT"}},
}

// configured takes the rest from the bootloader's own configuration.
func (r *reader) configured() {
	r.signature()
	if s, ok := r.choose(r.boot, []choice{
		{"CONFIG_BOOT_IMG_HASH_ALG_SHA256", "sha256"},
		{"CONFIG_BOOT_IMG_HASH_ALG_SHA384", "sha384"},
		{"CONFIG_BOOT_IMG_HASH_ALG_SHA512", "sha512"},
	}); ok {
		r.add("hash", s.value, s.from())
	}
	r.encryption()
	for _, f := range flags {
		for _, name := range f.symbols {
			if s, ok := r.boot.symbols[name]; ok {
				r.add(f.key, fmt.Sprint(r.boot.on(name)), s.from())
				break
			}
		}
	}
	r.loadsToRAM()
	r.identifiers()
	if s, ok := r.boot.get("CONFIG_MEASURED_BOOT_MAX_CBOR_SIZE"); ok && r.boot.on("CONFIG_MEASURED_BOOT") {
		r.add("max-boot-record", s.value, s.from())
	}
	r.demands(r.boot, []choice{
		{"CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION", "security-counter"},
		{"CONFIG_MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER", "security-counter"},
		{"CONFIG_MCUBOOT_DOWNGRADE_PREVENTION", "version"},
	})
}

// assumed takes from the application's configuration what it says of the
// bootloader; but for the version, only NCS puts anything there.
func (r *reader) assumed() {
	for _, c := range []struct{ key, symbol, value string }{
		{"signature", "CONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_ED25519", "ed25519"},
		{"signature", "CONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_ECDSA_P256", "ecdsa-p256"},
		{"signature", "CONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_NONE", "none"},
		{"pure", "CONFIG_MCUBOOT_BOOTLOADER_SIGNATURE_TYPE_PURE", "true"},
		{"hash", "CONFIG_MCUBOOT_BOOTLOADER_USES_SHA512", "sha512"},
		{"revert", "CONFIG_MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP_WITH_REVERT", "true"},
		{"revert", "CONFIG_MCUBOOT_BOOTLOADER_MODE_RAM_LOAD_WITH_REVERT", "true"},
	} {
		if s, ok := r.app.first(c.symbol); ok {
			r.add(c.key, c.value, s.from())
		}
	}
	r.demands(r.app, []choice{
		{"CONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION", "security-counter"},
		{"CONFIG_MCUBOOT_BOOTLOADER_NO_DOWNGRADE", "version"},
	})
}

// signature says how images are signed, and how the signer is named.
func (r *reader) signature() {
	s, ok := r.choose(r.boot, []choice{
		{"CONFIG_BOOT_SIGNATURE_TYPE_NONE", "none"},
		{"CONFIG_BOOT_SIGNATURE_TYPE_RSA", "rsa"},
		{"CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256", "ecdsa-p256"},
		{"CONFIG_BOOT_SIGNATURE_TYPE_ED25519", "ed25519"},
	})
	if !ok {
		r.problems.Addf(diag.Pos{File: r.boot.file}, "no CONFIG_BOOT_SIGNATURE_TYPE_... that is known is set")
		return
	}
	if s.value == "rsa" {
		length, known := r.boot.get("CONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN")
		if !known || !slices.Contains([]string{"2048", "3072"}, length.value) {
			r.problems.Addf(s.pos, "%s: want CONFIG_BOOT_SIGNATURE_TYPE_RSA_LEN of 2048 or 3072, not %q", s.name, length.value)
			return
		}
		s = length
		s.value = "rsa-" + length.value
	}
	r.add("signature", s.value, s.from())
	if s.value != "none" {
		r.keyTLV(s)
	}
	// TinyCrypt and PSA read the signature's DER without minding what follows,
	// mbed TLS does mind. Of CryptoCell nothing is known.
	if library, ok := r.choose(r.boot, []choice{
		{"CONFIG_BOOT_ECDSA_TINYCRYPT", "true"},
		{"CONFIG_BOOT_ECDSA_PSA", "true"},
		{"CONFIG_BOOT_ECDSA_MBEDTLS", "false"},
	}); ok && s.value == "ecdsa-p256" {
		r.add("padded-signatures", library.value, library.from())
	}
}

// keyTLV says how the signer is named: in full, by its hash, or not at all where
// the bootloader tries its keys without asking.
func (r *reader) keyTLV(signature symbol) {
	if s, ok := r.boot.first("CONFIG_BOOT_HW_KEY"); ok {
		r.add("key-tlv", "pubkey", s.from())
	} else if s, ok := r.boot.first("CONFIG_BOOT_BYPASS_KEY_MATCH", "CONFIG_BOOT_SIGNATURE_USING_KMU"); ok {
		r.add("key-tlv", "none", s.from())
	} else if s, ok := r.boot.symbols["CONFIG_BOOT_HW_KEY"]; ok {
		r.add("key-tlv", "keyhash", s.from())
	} else {
		r.add("key-tlv", "keyhash", signature.from())
	}
}

// encryption says what bodies may be encrypted with.
func (r *reader) encryption() {
	s, ok := r.choose(r.boot, []choice{
		{"CONFIG_BOOT_ENCRYPT_RSA", "rsa-2048"},
		{"CONFIG_BOOT_ENCRYPT_EC256", "ecies-p256"},
		{"CONFIG_BOOT_ENCRYPT_X25519", "ecies-x25519"},
	})
	if !ok {
		if off, known := r.boot.symbols["CONFIG_BOOT_ENCRYPT_IMAGE"]; known && off.unset {
			r.add("encryption", "none", off.from())
		}
		return
	}
	if hmac, on := r.boot.first("CONFIG_BOOT_HMAC_SHA512"); on && s.value == "ecies-x25519" {
		s = hmac
		s.value = "ecies-x25519-sha512"
	}
	r.add("encryption", s.value, s.from())
	if s, ok := r.choose(r.boot, []choice{
		{"CONFIG_BOOT_ENCRYPT_ALG_AES_128", "128"},
		{"CONFIG_BOOT_ENCRYPT_ALG_AES_256", "256"},
	}); ok {
		r.add("aes-key-size", s.value, s.from())
	}
}

// loadsToRAM says where images may be loaded to.
func (r *reader) loadsToRAM() {
	if r.mode.value != "ram-load" {
		return
	}
	if s, ok := r.boot.get("CONFIG_BOOT_IMAGE_EXECUTABLE_RAM_START"); ok {
		r.add("ram-address", s.value, s.from())
	}
	if s, ok := r.boot.get("CONFIG_BOOT_IMAGE_EXECUTABLE_RAM_SIZE"); ok {
		r.add("ram-size", s.value, s.from())
	}
}

// identifiers says whose images the bootloader takes, unless the code that knows
// is not MCUboot's own, as in NCS. Classes go by image, and each image has two
// slots.
func (r *reader) identifiers() {
	if s, ok := r.boot.get("CONFIG_MCUBOOT_UUID_VID_VALUE"); ok && r.boot.on("CONFIG_MCUBOOT_UUID_VID") {
		r.add("vendor-id", s.value, s.from())
	}
	class := fmt.Sprintf("CONFIG_MCUBOOT_UUID_CID_IMAGE_%d_VALUE", r.slots.own/2)
	if s, ok := r.boot.get(class); ok && r.boot.on("CONFIG_MCUBOOT_UUID_CID") {
		r.add("class-id", s.value, s.from())
	}
}

// demands lists what an image must carry, once each. A bootloader that counts does
// not compare versions.
func (r *reader) demands(c *config, choices []choice) {
	var names, from []string
	for _, choice := range choices {
		s, ok := c.first(choice.symbol)
		counted := choice.value == "version" && slices.Contains(names, "security-counter") && choice.symbol == "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION"
		if !ok || counted || slices.Contains(names, choice.value) {
			continue
		}
		names, from = append(names, choice.value), append(from, s.from())
	}
	if names != nil {
		r.add("demands", strings.Join(names, ","), strings.Join(from, "; "))
	}
}
