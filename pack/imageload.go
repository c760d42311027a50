package pack

import (
	"crypto"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/mcuboot/zephyr"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// images reads the [[image]] tables.
func (d *decoder) images() {
	d.bootloaders()
	tables := d.root.tables("image")
	for _, t := range tables {
		image := d.image(t)
		if d.project.image(image.Name) != nil {
			t.errorf("name", "image name %q is taken: names are unique", image.Name)
		}
		d.project.Images = append(d.project.Images, image)
	}
	for i, t := range tables {
		d.dependencies(d.project.Images[i], t)
		t.rest()
	}
}

func (d *decoder) image(t *table) *Image {
	folder := d.readFolder(t)
	if folder == nil {
		folder = &zephyr.Build{}
	}
	s := &imageSource{table: t, folder: folder.Image, d: d}
	image := &Image{Name: t.required("name"), Sign: t.string("sign"), Encrypt: t.string("encrypt"), here: t.here()}
	parsed(s, "input", &image.Input, func(text string) (string, error) { return s.path(text), nil })
	image.Pos = t.pos("input")
	parsed(s, "number", &image.Number, parseImageNumber)
	parsed(s, "board", &image.Board, asIs)
	parsed(s, "soc", &image.SoC, asIs)
	d.imageHeader(image, s)
	d.vars[varImageVersion(image.Name)] = image.version().String()
	image.Spec.Profile = d.imageProfile(t, folder.Bootloader)
	d.imageKeys(image, s)
	d.metadata(image, s)
	d.imageOutputs(image, t)
	d.parts(image, t)
	d.checkImage(image, s)
	image.Settings = s.settings
	return image
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
	if b.Pure {
		signing.Hash = 0 // there is no choice
	}
	image.Spec.Signature = image.Spec.Profile.Signature()
	parsed(s, "hash", &signing.Hash, profile.ParseHash)
	parsed(s, "pure", &signing.Pure, parseBool)
	parsed(s, "pad-signature", &signing.PadSignature, parseBool)
	parsed(s, "key-tlv", &signing.FullKey, func(text string) (bool, error) {
		_, err := choiceOf("keyhash", "pubkey")(text)
		return text == "pubkey", err
	})
	if image.Sign == "" {
		signing.Pure, signing.FullKey = false, false
	} else {
		d.wantImageKey(s.table, "sign", image.Sign)
	}
	image.Trust = s.strings("trust")
	for i, name := range image.Trust {
		d.wantImageKeyAt(s.elementPos("trust", i), name)
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
	parsed(s, "hmac", &e.HMAC, profile.ParseHash)
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
	d.customTLVs(image, s.table)
}

// dependencies reads [image.dependencies]: the least version of other images, by
// their names or numbers.
func (d *decoder) dependencies(image *Image, t *table) {
	sub := t.table("dependencies")
	if sub == nil {
		return
	}
	for _, key := range sub.keys() {
		dependency := mcuboot.Dependency{}
		if other := d.project.image(key); other != nil {
			dependency.Image = other.Number
		} else if n, err := parseImageNumber(key); err == nil {
			dependency.Image = n
		} else {
			sub.errorf(key, "dependency %q is neither an image of the project nor the number of one", key)
		}
		sub.text(key, &dependency.Version)
		image.Spec.Options.Dependencies = append(image.Spec.Options.Dependencies, dependency)
	}
	sub.rest()
}

// imageOutputs reads the files that are made: output alone, or [image.outputs].
func (d *decoder) imageOutputs(image *Image, t *table) {
	if output := t.string("output"); output != "" {
		image.Outputs = append(image.Outputs, imagebuild.Output{Purpose: imagebuild.OTA, Name: output})
		d.checkImageOutput(t, "output", output)
	}
	sub := t.table("outputs")
	if sub == nil {
		return
	}
	for _, purpose := range imagebuild.Purposes() {
		key := string(purpose)
		for _, name := range sub.oneOrMore(key) {
			image.Outputs = append(image.Outputs, imagebuild.Output{Purpose: purpose, Name: name})
			d.checkImageOutput(sub, key, name)
		}
	}
	if t.has("output") && sub.has(string(imagebuild.OTA)) {
		sub.errorf(string(imagebuild.OTA), "ota stands beside output, which is the same: one of the two is allowed")
	}
	sub.rest()
}

func (d *decoder) checkImageOutput(t *table, key, name string) {
	if !isOutputName(name) {
		t.errorf(key, "%s %q must be a plain file name other than %s: it is put into the output folder", key, name, reportName)
	}
}

// oneOrMore reads a string, or an array of strings.
func (t *table) oneOrMore(key string) []string {
	if _, single := t.values[key].(string); single {
		if s := t.string(key); s != "" {
			return []string{s}
		}
		return nil
	}
	return t.strings(key)
}

// parts reads [[image.factory]]: what an empty device needs besides the image.
func (d *decoder) parts(image *Image, t *table) {
	for _, sub := range t.tables("factory") {
		part := imagebuild.Part{Path: d.path(sub.required("file"))}
		if text, ok := sub.optionalScalar("address"); ok {
			addr, err := profile.ParseAddress(text)
			if err != nil {
				sub.errorf("address", "address %q: %v", text, err)
			}
			part.Addr = addr
		} else if ext := filepath.Ext(part.Path); strings.EqualFold(ext, ".bin") {
			sub.errorf("file", "%s is binary: address is missing", part.Path)
		}
		sub.rest()
		image.Spec.Factory = append(image.Spec.Factory, part)
	}
}

func (t *table) optionalScalar(key string) (string, bool) {
	if !t.has(key) {
		t.knows(key)
		return "", false
	}
	return t.scalar(key)
}
