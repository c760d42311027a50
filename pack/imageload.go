package pack

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// images reads the [[image]] tables.
func (d *decoder) images() {
	d.bootloaders()
	tables := d.root.tables("image")
	for _, t := range tables {
		before := len(d.problems)
		image := d.image(t)
		image.broken = len(d.problems) > before
		d.project.Images = append(d.project.Images, image)
	}
	for i, t := range tables {
		before := len(d.problems)
		d.dependencies(d.project.Images[i], t)
		d.project.Images[i].broken = d.project.Images[i].broken || len(d.problems) > before
		t.rest()
	}
}

func (d *decoder) image(t *table) *Image {
	image := &Image{Sign: t.string("sign"), Encrypt: t.string("encrypt"), here: t.here()}
	image.Name = d.imageName(t)
	folder := d.readFolder(image, t)
	s := &imageSource{table: t, folder: folder, d: d}
	parsed(s, "input", &image.Input, func(text string) (string, error) { return s.path(text), nil })
	image.Pos = t.pos("input")
	parsed(s, "number", &image.Number, parseImageNumber)
	parsed(s, "board", &image.Board, asIs)
	parsed(s, "soc", &image.SoC, asIs)
	d.imageHeader(image, s)
	if image.Name != "" {
		d.vars[varImageVersion(image.Name)] = image.version().String() // also for its own outputs
	}
	image.Spec.Profile = d.imageProfile(t, folder)
	d.imageKeys(image, s)
	d.metadata(image, s)
	d.imageOutputs(image, s)
	d.checkImage(image, s)
	image.Settings = s.settings
	return image
}

// imageName reads the name of an image, which is part of names of files and of a
// variable.
func (d *decoder) imageName(t *table) string {
	name := t.required("name")
	_, known := d.vars[varImageVersion(name)]
	switch {
	case name == "":
	case d.project.image(name) != nil:
		t.errorf("name", "image name %q is taken: names are unique", name)
	case !isOutputName(name):
		t.errorf("name", "image name %q: want one that a file can have", name)
	case known:
		t.errorf("name", "variable %s is there already: it is the version of this image", varImageVersion(name))
	}
	return name
}

// path makes a path of the project one that the process can open; one from a build
// folder is that already.
func (s *imageSource) path(text string) string {
	if s.has("input") {
		return s.d.path(text)
	}
	return text
}

func asIs(text string) (string, error) { return text, nil }

func parseImageNumber(text string) (uint8, error) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return 0, errors.New("want a number from 0 to 255")
	}
	return uint8(n), nil
}

func parseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, errors.New("want true or false")
	}
	return text == "true", nil
}

// imageHeader reads what stands in the header of an image.
func (d *decoder) imageHeader(image *Image, s *imageSource) {
	o := &image.Spec.Options
	parsed(s, "version", &o.Version, mcuboot.ParseVersion)
	parsed(s, "header-size", &o.HeaderSize, parseHeaderSize)
	parsed(s, "pad-header", &o.PadHeader, parseBool)
	parsed(s, "load-address", &o.LoadAddr, profile.ParseAddress)
	parsed(s, "rom-fixed", &o.ROMFixed, profile.ParseAddress)
	parsed(s, "non-bootable", &o.NonBootable, parseBool)
	parsed(s, "endian", &o.ByteOrder, parseByteOrder)
	thumb := ""
	parsed(s, "compress", &thumb, choiceOf("none", "lzma2", "lzma2-arm-thumb"))
	if thumb != "" && thumb != "none" {
		image.Spec.Compress(thumb == "lzma2-arm-thumb")
	}
}

func parseHeaderSize(text string) (int, error) {
	size, err := profile.ParseSize(text)
	if err == nil && (size < mcuboot.MinHeaderSize || size > mcuboot.MaxHeaderSize) {
		err = fmt.Errorf("want %d to %d bytes", mcuboot.MinHeaderSize, mcuboot.MaxHeaderSize)
	}
	return size, err
}

func parseByteOrder(text string) (mcuboot.ByteOrder, error) {
	_, err := choiceOf("little", "big")(text)
	if text == "big" {
		return mcuboot.BigEndian, err
	}
	return mcuboot.LittleEndian, err
}

// choiceOf parses one of several words.
func choiceOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", fmt.Errorf("want one of %s", strings.Join(words, ", "))
		}
		return text, nil
	}
}

// imageKeys reads how the image is signed and encrypted. What is not said follows
// from the bootloader, as far as that is described.
func (d *decoder) imageKeys(image *Image, s *imageSource) {
	b, signing := image.Spec.Profile.Bootloader(), &image.Spec.Options.Signing
	signing.Hash, signing.Pure, signing.FullKey = b.Hash, b.Pure, b.KeyTLV == mcuboot.NamedInFull
	image.Spec.Signature = image.Spec.Profile.Signature()
	parsed(s, "pure", &signing.Pure, parseBool)
	if signing.Pure {
		signing.Hash = 0 // there is no choice
	}
	parsed(s, "hash", &signing.Hash, profile.ParseHash)
	parsed(s, "pad-signature", &signing.PadSignature, parseBool)
	parsed(s, "key-tlv", &signing.FullKey, func(text string) (bool, error) {
		_, err := choiceOf("keyhash", "pubkey")(text)
		return text == "pubkey", err
	})
	if image.Sign == "" {
		signing.Pure, signing.FullKey, signing.PadSignature = false, false, false
		s.idle("does nothing without sign", "pure", "pad-signature", "key-tlv", "trust")
	} else {
		d.wantImageKey(s.pos("sign"), image.Sign)
	}
	image.Trust = s.strings("trust")
	for i, name := range image.Trust {
		d.wantImageKey(s.elementPos("trust", i), name)
	}
	d.imageEncryption(image, s, b)
}

func (d *decoder) imageEncryption(image *Image, s *imageSource, b mcuboot.Bootloader) {
	e := &mcuboot.Encryption{KeySize: 128}
	if b.AES256 {
		e.KeySize = 256
	}
	if b.EncryptionTLV == mcuboot.TLVEncX25519SHA512 {
		e.HMAC = crypto.SHA512
	}
	parsed(s, "aes-key-size", &e.KeySize, func(text string) (int, error) {
		_, err := choiceOf("128", "256")(text)
		n, _ := strconv.Atoi(text)
		return n, err
	})
	parsed(s, "hmac", &e.HMAC, func(text string) (crypto.Hash, error) {
		if _, err := choiceOf("sha256", "sha512")(text); err != nil {
			return 0, err
		}
		return profile.ParseHash(text)
	})
	if image.Encrypt == "" {
		s.idle("does nothing without encrypt", "aes-key-size", "hmac")
		return
	}
	d.wantRecipient(s.table, image.Encrypt)
	image.Spec.Options.Encryption = e
}

// metadata reads what becomes protected TLVs.
func (d *decoder) metadata(image *Image, s *imageSource) {
	o := &image.Spec.Options
	pointed(s, "security-counter", &o.SecurityCounter, func(text string) (uint32, error) {
		if text == "auto" {
			return o.Version.SecurityCounter(), nil
		}
		n, err := profile.ParseAddress(text)
		if err != nil {
			return 0, errors.New("want auto, or a number from 0 to 0xffffffff")
		}
		return n, nil
	})
	pointed(s, "boot-record", &o.BootRecord, func(text string) (string, error) {
		if n := len([]rune(text)); n > mcuboot.MaxSoftwareType {
			return "", fmt.Errorf("%d characters: want at most %d", n, mcuboot.MaxSoftwareType)
		}
		return text, nil
	})
	pointed(s, "vendor-id", &o.VendorID, mcuboot.ParseVendorID)
	pointed(s, "class-id", &o.ClassID, func(text string) (mcuboot.UUID, error) { return mcuboot.ParseClassID(text, o.VendorID) })
	if !s.has("dependencies") { // else they are read when all images are known
		parsed(s, "dependencies", &o.Dependencies, mcuboot.ParseDependencies)
	}
	d.customTLVs(image, s)
}
