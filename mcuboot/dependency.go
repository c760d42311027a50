package mcuboot

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
)

// Dependency is another image that has to be there in at least this version,
// else the bootloader upgrades nothing.
type Dependency struct {
	Image   uint8 // number of the other image, counted from 0
	Version Version
}

// dependencySize is the size of a dependency's value: the number of the image,
// three bytes 0, the version.
const dependencySize = 12

// dependencyText is one pair of imgtool's "-d", with all that may follow it.
var dependencyText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\(([0-9]+), *([0-9.+]+)\)( *, *|$)`)
})

// ParseDependencies reads "(IMAGE,VERSION), (IMAGE,VERSION)", one or more pairs.
// Blanks may stand around the commas. (imgtool searches for pairs and passes
// anything between them by.)
func ParseDependencies(text string) ([]Dependency, error) {
	var dependencies []Dependency
	for rest, more := text, true; more; {
		m := dependencyText().FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("dependencies %q: at %q: want (IMAGE,VERSION), one or more with commas between", text, rest)
		}
		d, err := parseDependency(m[1], m[2])
		if err != nil {
			return nil, fmt.Errorf("dependencies %q: %v", text, err)
		}
		dependencies = append(dependencies, d)
		rest, more = rest[len(m[0]):], m[3] != ""
	}
	return dependencies, nil
}

func parseDependency(image, version string) (Dependency, error) {
	number, err := strconv.ParseUint(image, 10, 8)
	if err != nil {
		return Dependency{}, fmt.Errorf("image %s: want 0 to 255", image)
	}
	v, err := ParseVersion(version)
	return Dependency{uint8(number), v}, err
}

// String formats d as ParseDependencies reads it.
func (d Dependency) String() string {
	return fmt.Sprintf("(%d,%s)", d.Image, d.Version)
}

func (d Dependency) tlv(o ByteOrder) TLV {
	return TLV{TLVDependency, d.Version.append([]byte{d.Image, 0, 0, 0}, o)}
}

// Dependencies returns the dependencies in the protected area.
func (img *Image) Dependencies() ([]Dependency, error) {
	var dependencies []Dependency
	for _, tlv := range img.Protected {
		if tlv.Type != TLVDependency {
			continue
		}
		if len(tlv.Value) != dependencySize {
			return nil, fmt.Errorf("mcuboot: dependency of %d bytes: want %d", len(tlv.Value), dependencySize)
		}
		d := Dependency{tlv.Value[0], readVersion(tlv.Value[4:], img.ByteOrder)}
		dependencies = append(dependencies, d)
	}
	return dependencies, nil
}
