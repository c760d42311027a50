package pack

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// imageOutputs reads the files that are made: output alone, or [image.outputs].
func (d *decoder) imageOutputs(image *Image, s *imageSource) {
	if output := s.string("output"); output != "" {
		d.addOutput(image, s.table, "output", imagebuild.OTA, output)
	}
	sub := s.table.table("outputs")
	if sub == nil {
		d.confirmedOutput(image, s)
		d.parts(image, s.table)
		return
	}
	for _, purpose := range imagebuild.Purposes() {
		key := string(purpose)
		for _, name := range sub.oneOrMore(key) {
			d.addOutput(image, sub, key, purpose, name)
		}
	}
	if s.has("output") && sub.has(string(imagebuild.OTA)) {
		sub.errorf(string(imagebuild.OTA), "ota stands beside output, which is the same: one of the two is allowed")
	}
	sub.rest()
	d.parts(image, s.table)
}

func (d *decoder) addOutput(image *Image, t *table, key string, purpose imagebuild.Purpose, name string) {
	if name == "" {
		return // somebody has said why
	}
	if !isOutputName(name) {
		t.errorf(key, "%s %q must be a plain file name other than %s: it is put into the output folder", key, name, reportName)
	}
	image.Outputs = append(image.Outputs, imagebuild.Output{Purpose: purpose, Name: name})
	image.outputPos = append(image.outputPos, t.pos(key))
}

// confirmedOutput makes a confirmed image, too, where the build folder does
// (CONFIG_MCUBOOT_GENERATE_CONFIRMED_IMAGE), unless the project lists all outputs.
func (d *decoder) confirmedOutput(image *Image, s *imageSource) {
	wanted := false
	if len(image.Outputs) == 0 || s.folder.value("confirmed") == "" {
		return
	}
	parsed(s, "confirmed", &wanted, parseBool)
	if !wanted {
		return
	}
	name := image.Outputs[0].Name
	ending := filepath.Ext(name)
	d.addOutput(image, s.table, "zephyr", imagebuild.Confirmed, strings.TrimSuffix(name, ending)+".confirmed"+ending)
}

// oneOrMore reads a string, or an array of strings.
func (t *table) oneOrMore(key string) []string {
	if _, single := t.values[key].(string); single {
		return []string{t.string(key)}
	}
	return t.strings(key)
}

// parts reads [[image.factory]]: what an empty device needs besides the image.
func (d *decoder) parts(image *Image, t *table) {
	for _, sub := range t.tables("factory") {
		part := imagebuild.Part{Path: d.path(sub.required("file"))}
		text, ok := sub.optionalScalar("address")
		addr, err := profile.ParseAddress(text)
		switch {
		case ok && err != nil:
			sub.errorf("address", "address %q: %v", text, err)
		case ok && hasAddresses(part.Path):
			sub.errorf("address", "address does nothing: %s has addresses of its own", part.Path)
		case !sub.has("address") && isBinary(part.Path):
			sub.errorf("file", "%s is binary: address is missing", part.Path)
		}
		part.Addr = addr
		sub.rest()
		image.Spec.Factory = append(image.Spec.Factory, part)
		image.partPos = append(image.partPos, sub.pos("file"))
	}
}

// hasAddresses tells by its name whether a file is of a format with addresses.
// Others are found out when they are read.
func hasAddresses(path string) bool {
	return slices.Contains([]string{".hex", ".ihex", ".srec", ".s19", ".s28", ".s37", ".mot", ".elf"}, strings.ToLower(filepath.Ext(path)))
}

func isBinary(path string) bool { return strings.EqualFold(filepath.Ext(path), ".bin") }

func (t *table) optionalScalar(key string) (string, bool) {
	if !t.has(key) {
		t.knows(key)
		return "", false
	}
	return t.scalar(key)
}

// checkOutput wants what an output needs to be known, and the bootloader's mode to
// have a use for it. What is how people call it.
func (d *decoder) checkOutput(image *Image, output imagebuild.Output, what string, pos diag.Pos) {
	p := image.Spec.Profile
	b := p.Bootloader()
	refuse := func(why string) { d.problems.Addf(pos, "image %q: %s: %s", image.Name, what, why) }
	_, _, slot := image.Spec.Slot()
	_, secondary := p.SecondaryAddress()
	bound := output.Hex() || output.Purpose == imagebuild.Factory
	whole := output.Purpose == imagebuild.Test || output.Purpose == imagebuild.Confirmed
	switch {
	case whole && !p.Has("mode"):
		refuse("mode is missing in its bootloader: the trailer depends on it")
	case whole && b.Mode == mcuboot.SingleSlot:
		refuse("with mode single-slot there is no upgrade: ota and factory are allowed")
	case output.Purpose == imagebuild.Test && b.Mode == mcuboot.OverwriteOnly:
		refuse("with mode overwrite-only there is nothing to go back to: confirmed is allowed")
	case whole && bound && b.Mode.Waits() && !secondary:
		refuse("secondary-slot-address is missing: it says where the upgrade goes")
	case whole && b.Mode.Waits():
	case bound && !slot && (isBinary(image.Input) || image.Spec.Options.LoadAddr != 0):
		refuse("slot-address is missing: it says where the image goes")
	}
}
