package pack

import (
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// checkImage refuses what is missing, and what contradicts itself.
func (d *decoder) checkImage(image *Image, s *imageSource) {
	o := &image.Spec.Options
	if image.Input == "" && !s.has("input") {
		d.problems.Addf(image.here, "image %q: input is missing", image.Name)
	}
	if _, ok := s.value("version"); !ok {
		d.problems.Addf(image.here, "image %q: version is missing", image.Name)
	}
	if _, ok := s.value("header-size"); !ok {
		d.problems.AddHint(image.here, "it is the size that the firmware leaves in front of its vector table, such as 0x200",
			"image %q: header-size is missing", image.Name)
	}
	if o.LoadAddr != 0 && o.ROMFixed != 0 {
		s.errorf("rom-fixed", "rom-fixed stands beside load-address: one of the two is allowed")
	}
	if o.Signing.Pure && s.has("hash") {
		s.errorf("hash", "hash does nothing with pure: its hash is SHA-512")
	}
	if extra, ok := s.value("extra-args"); ok && extra != "" {
		d.problems.AddHint(s.pos("zephyr"), "say the same in the words of [[image]], and leave CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS empty",
			"the build folder has arguments for imgtool, %q, which do nothing here", extra)
	}
	if file, ok := s.value("signature-key-file"); ok && file != "" && image.Sign == "" {
		d.problems.AddHint(s.pos("zephyr"), fmt.Sprintf("declare a key with key = %q as [keys.NAME], and sign with it", file),
			"image %q: sign is missing, and the build folder has a key to sign with", image.Name)
	}
	if file, ok := s.value("encryption-key-file"); ok && file != "" && image.Encrypt == "" {
		d.problems.AddHint(s.pos("zephyr"), fmt.Sprintf("declare a key with public = %q as [keys.NAME], and encrypt with it", file),
			"image %q: encrypt is missing, and the build folder has a key to encrypt with", image.Name)
	}
	d.checkSlot(image, s)
}

// value finds a value that was read, or one of the build folder that no key of an
// image has.
func (s *imageSource) value(key string) (string, bool) {
	for _, list := range [][]profile.Setting{s.settings, s.folder} {
		for _, setting := range list {
			if setting.Key == key {
				return setting.Value, true
			}
		}
	}
	return "", s.has(key)
}

// checkSlot wants what the outputs and the bootloader's mode need to be known.
func (d *decoder) checkSlot(image *Image, s *imageSource) {
	p := image.Spec.Profile
	b := p.Bootloader()
	if !p.Has("slot-size") {
		d.problems.AddHint(image.here, "without it nobody knows whether the image fits", "image %q: slot-size is missing", image.Name)
	}
	if b.SectorSize == 0 && (b.Mode == mcuboot.SwapMove || b.Mode == mcuboot.SwapOffset) && p.Has("mode") {
		d.problems.Addf(image.here, "image %q: sector-size is missing: the room in the slot depends on it with mode %s", image.Name, b.Mode)
	}
	for _, output := range image.Outputs {
		d.checkPurpose(image, output, s, b)
	}
}

func (d *decoder) checkPurpose(image *Image, output imagebuild.Output, s *imageSource, b mcuboot.Bootloader) {
	pos := s.pos("outputs")
	_, slot := image.Spec.Profile.SlotAddress()
	switch {
	case output.Purpose == imagebuild.OTA:
	case output.Purpose == imagebuild.Factory && !slot && strings.EqualFold(ext(image.Input), ".bin"):
		d.problems.Addf(pos, "image %q: %s: slot-address is missing: it says where the image goes", image.Name, output.Name)
	case output.Purpose == imagebuild.Factory:
	case !image.Spec.Profile.Has("mode"):
		d.problems.Addf(pos, "image %q: %s: mode is missing in its bootloader: the trailer depends on it", image.Name, output.Name)
	case b.Mode == mcuboot.SingleSlot:
		d.problems.Addf(pos, "image %q: %s: with mode %s there is no upgrade: ota and factory are allowed", image.Name, output.Name, b.Mode)
	case output.Purpose == imagebuild.Test && b.Mode == mcuboot.OverwriteOnly:
		d.problems.Addf(pos, "image %q: %s: with mode %s there is nothing to go back to: confirmed is allowed", image.Name, output.Name, b.Mode)
	}
}

func ext(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[i:]
	}
	return ""
}

// wantImageKey checks that a key exists that can sign images.
func (d *decoder) wantImageKey(t *table, key, name string) { d.wantImageKeyAt(t.pos(key), name) }

func (d *decoder) wantImageKeyAt(pos diag.Pos, name string) {
	if name == "" {
		return
	}
	d.wantKey(pos, name, false)
	key := d.project.Keys[name]
	switch {
	case key == nil:
	case key.Scheme != "":
		d.problems.AddHint(pos, "declare it once more without scheme and cert", "key %q has scheme %s, which is for bundles: an image names its key itself", name, key.Scheme)
	case len(key.Command) > 0:
		d.problems.Addf(pos, "key %q is a command, which signs bundles alone: want a key file, pkcs11: or plugin:", name)
	}
}

// wantRecipient checks that a key exists that images can be encrypted for.
func (d *decoder) wantRecipient(t *table, name string) {
	key, ok := d.project.Keys[name]
	switch {
	case !ok:
		d.problems.AddHint(t.pos("encrypt"), fmt.Sprintf("declare it as [keys.%s] with public = \"FILE\", or for AES key wrap with aes", name), "key %q is not declared", name)
	case key.Fresh:
		t.errorf("encrypt", "key %q is drawn for each artifact: the bootloader has one that it decrypts with", name)
	case key.AES == nil && key.Public == "" && key.PrivateKey == "":
		t.errorf("encrypt", "key %q has no file with a public key", name)
	}
}

// customTLVs reads [[image.tlv]]: type, and value, hex or file.
func (d *decoder) customTLVs(image *Image, t *table) {
	for _, sub := range t.tables("tlv") {
		tlv := mcuboot.TLV{Value: d.tlvValue(sub)}
		if text, ok := sub.optionalScalar("type"); ok {
			n, err := profile.ParseAddress(text)
			tlv.Type = mcuboot.TLVType(n)
			if err != nil || n < uint32(mcuboot.MinCustomTLV) || n > uint32(mcuboot.MaxCustomTLV) {
				sub.errorf("type", "type %q: want %#x to %#x", text, uint16(mcuboot.MinCustomTLV), uint16(mcuboot.MaxCustomTLV))
			}
		} else {
			d.problems.Addf(sub.here(), "type is missing")
		}
		if slices.ContainsFunc(image.Spec.Options.Custom, func(other mcuboot.TLV) bool { return other.Type == tlv.Type }) {
			sub.errorf("type", "type %#x is taken: types are unique", uint16(tlv.Type))
		}
		sub.rest()
		image.Spec.Options.Custom = append(image.Spec.Options.Custom, tlv)
	}
}

func (d *decoder) tlvValue(t *table) []byte {
	given := 0
	for _, key := range []string{"value", "hex", "file"} {
		if t.has(key) {
			given++
		}
	}
	value, digits, file := t.string("value"), t.string("hex"), d.path(t.string("file"))
	if given != 1 {
		d.problems.Addf(t.here(), "a TLV is given by exactly one of value, hex and file")
		return nil
	}
	switch {
	case t.has("hex"):
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.errorf("hex", "hex %q: want pairs of hexadecimal digits", digits)
		}
		return b
	case t.has("file") && file != "":
		b, err := readTLV(file)
		if err != nil {
			t.errorf("file", "%v", err)
		}
		return b
	}
	return []byte(value)
}

// maxTLV is what a length of 16 bits can say.
const maxTLV = 0xffff

func readTLV(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxTLV {
		err = fmt.Errorf("%s: %d bytes: a TLV has at most %d", file, info.Size(), maxTLV)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
