package pack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// checkImage refuses what is missing, what contradicts itself and what does
// nothing.
func (d *decoder) checkImage(image *Image, s *imageSource) {
	d.checkContradictions(image, s)
	d.checkFolderKeys(image, s)
	if image.unread {
		return // the rest may stand in the build folder
	}
	d.checkMissing(image, s)
	for i, output := range image.Outputs {
		d.checkOutput(image, output, output.Name, image.outputPos[i])
	}
}

// checkParts refuses what surrounds an image in an empty device where nothing is made
// for one.
func (d *decoder) checkParts() {
	for _, image := range d.project.Images {
		made := slices.ContainsFunc(image.Outputs, func(o imagebuild.Output) bool { return o.Purpose == imagebuild.Factory }) ||
			slices.ContainsFunc(d.project.Artifacts, func(a *Artifact) bool { return a.Image == image.Name && a.Purpose == imagebuild.Factory })
		if len(image.partPos) > 0 && !made {
			d.problems.Addf(image.partPos[0], "image %q: factory does nothing without an output for the purpose factory", image.Name)
		}
	}
}

// checkMissing wants what every image needs.
func (d *decoder) checkMissing(image *Image, s *imageSource) {
	missing := func(key, hint string) {
		d.problems.AddHint(image.here, hint, "image %q: %s is missing", image.Name, key)
	}
	for _, want := range []struct{ key, hint string }{
		{"input", ""}, {"version", ""}, {"header-size", "it is the size that the firmware leaves in front of its vector table, such as 0x200"},
	} {
		if !s.has(want.key) && s.folder.value(want.key) == "" {
			missing(want.key, want.hint)
		}
	}
	p := image.Spec.Profile
	b := p.Bootloader()
	if !p.Has("slot-size") && !s.has("slot-size") {
		missing("slot-size", "without it nobody knows whether the image fits")
	}
	if b.SectorSize == 0 && (b.Mode == mcuboot.SwapMove || b.Mode == mcuboot.SwapOffset) && p.Has("mode") {
		missing("sector-size", fmt.Sprintf("the room in the slot depends on it with mode %s", b.Mode))
	}
	if b.Mode == mcuboot.RAMLoad && image.Spec.Options.LoadAddr == 0 && !s.has("load-address") {
		missing("load-address", "with mode ram-load the image says where it is loaded to")
	}
}

// checkContradictions refuses what cannot be together.
func (d *decoder) checkContradictions(image *Image, s *imageSource) {
	o, p := &image.Spec.Options, image.Spec.Profile
	b := p.Bootloader()
	if o.LoadAddr != 0 && o.ROMFixed != 0 {
		s.complain("rom-fixed", "rom-fixed%s stands beside load-address%s: one of the two is allowed", s.from("rom-fixed"), s.from("load-address"))
	}
	if o.Signing.Pure && s.has("hash") {
		s.errorf("hash", "hash does nothing with pure: its hash is SHA-512")
	}
	if key := d.project.Keys[image.Sign]; key != nil && key.Elsewhere && o.Compression != nil {
		s.complain("compress", "image %q: a compressed image holds two signatures: key %q has to be at hand", image.Name, image.Sign)
	}
	if o.Signing.PadSignature && p.Has("padded-signatures") && !b.PaddedDER {
		s.complain("pad-signature", "image %q: its bootloader takes no padded signatures: padded-signatures is false", image.Name)
	}
	switch {
	case image.Encrypt == "":
	case p.Has("encryption") && b.EncryptionTLV == 0:
		s.errorf("encrypt", "image %q: its bootloader decrypts nothing: encryption is none", image.Name)
	case b.Mode == mcuboot.DirectXIP && p.Has("mode"):
		s.errorf("encrypt", "image %q: with mode direct-xip nothing is decrypted", image.Name)
	case o.ByteOrder == mcuboot.BigEndian:
		s.errorf("encrypt", "image %q: no bootloader decrypts a big-endian image", image.Name)
	}
	d.checkBootloader(image, s)
}

// checkBootloader refuses what no bootloader is, unless that has been said of the
// table that describes it.
func (d *decoder) checkBootloader(image *Image, s *imageSource) {
	name, _ := s.values["bootloader"].(string)
	if p := d.project.Bootloaders[name]; p != nil && bootloaderError(p) != nil {
		return
	}
	if err := bootloaderError(image.Spec.Profile); err != nil {
		d.problems.Addf(image.here, "image %q: its bootloader: %v", image.Name, err)
	}
}

func bootloaderError(p *profile.Profile) error {
	if _, err := mcuboot.Verify(nil, p.Bootloader()); err != nil {
		return withoutPackage(err)
	}
	return nil
}

// withoutPackage is the error without the name of the package that it comes from,
// which is no news to whoever wrote an image.
func withoutPackage(err error) error {
	if text, ok := strings.CutPrefix(err.Error(), "mcuboot: "); ok {
		return errors.New(text)
	}
	return err
}

// checkFolderKeys wants the project to say which keys of its own stand for those
// that the build folder names.
func (d *decoder) checkFolderKeys(image *Image, s *imageSource) {
	if file := s.folder.value("signature-key-file"); file != "" && image.Sign == "" {
		d.problems.AddHint(s.pos("zephyr"), fmt.Sprintf("declare a key with key = %q as [keys.NAME], and sign with it", file),
			"image %q: sign is missing, and the build folder has a key to sign with", image.Name)
	}
	if file := s.folder.value("encryption-key-file"); file != "" && image.Encrypt == "" {
		d.problems.AddHint(s.pos("zephyr"), fmt.Sprintf("declare a key with public = %q as [keys.NAME], and encrypt with it", file),
			"image %q: encrypt is missing, and the build folder has a key to encrypt with", image.Name)
	}
}

// wantImageKey checks that a key exists that can sign images. One with a scheme
// signs bundles with its certificate, and images without.
func (d *decoder) wantImageKey(pos diag.Pos, name string) {
	if name == "" {
		return
	}
	d.wantKey(pos, name, false)
	if key := d.project.Keys[name]; key != nil && len(key.Command) > 0 {
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
	case key.AES == nil && key.Public == "" && key.PrivateKey == "" && key.Certificate == "":
		t.errorf("encrypt", "key %q has no file with a public key", name)
	}
}
