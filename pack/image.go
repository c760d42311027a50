package pack

import (
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
)

// Image is an [[image]] table: firmware that becomes an MCUboot image.
type Image struct {
	Name    string
	Number  uint8 // by which the bootloader and dependencies of others know it
	Input   string
	Spec    imagebuild.Spec
	Sign    string // name of a key, or "" for an unsigned image
	Encrypt string // name of the key of the bootloader that decrypts it, or ""
	Trust   []string
	Outputs []imagebuild.Output
	Board   string // for a dfu zip: of devices that take the image
	SoC     string

	// Settings are the values that the image is made with and where each came from,
	// without those of the bootloader.
	Settings []profile.Setting
	Pos      diag.Pos // of the input
	here     diag.Pos

	outputPos []diag.Pos // of Outputs
	partPos   []diag.Pos // of the files in Spec.Factory
	tlvFiles  []tlvFile
	absent    diag.List // says that the build folder is not there
	unread    bool      // the build folder is not there, or cannot be read: what is missing may be in it
	broken    bool      // something is wrong with it, so that no draft can be made
}

// version is the one that the device compares.
func (i *Image) version() mcuboot.Version { return i.Spec.Options.Version }

// output is the first binary file of a purpose, else the first one, and where there
// is none, what it would be called.
func (i *Image) output(purpose imagebuild.Purpose) imagebuild.Output {
	found := imagebuild.Output{Purpose: purpose, Name: i.Name + ".bin"}
	for _, o := range slices.Backward(i.Outputs) {
		if o.Purpose == purpose && (!o.Hex() || found.Hex() || !i.makes(found)) {
			found = o
		}
	}
	return found
}

// makes tells whether the output is among those of the image.
func (i *Image) makes(o imagebuild.Output) bool { return slices.Contains(i.Outputs, o) }

// image finds an image by its name.
func (p *Project) image(name string) *Image {
	for _, image := range p.Images {
		if image.Name == name {
			return image
		}
	}
	return nil
}

// imageNames lists the images in the order of the file.
func (p *Project) imageNames() []string {
	var names []string
	for _, image := range p.Images {
		names = append(names, image.Name)
	}
	return names
}

// varImageVersion is the variable with the version of an image.
func varImageVersion(name string) string { return "image." + name + ".version" }
