package dfuzip

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fwpack/fwpack/mcuboot"
)

// Check returns what a phone would refuse in p or take for something else, one
// problem a line; nil where there is nothing. Android and iOS stand for nRF
// Connect Device Manager and its libraries, version 1.8 and later; android:
// ZipPackage.java, ios: McuMgrManifest.swift, McuMgrPackage.swift and
// McuMgrImage.swift of their repositories.
func (p *Package) Check() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf("dfuzip: "+format, args...)) }
	if n := len(p.Files); n < 1 || n > MaxFiles {
		add("%d files: want 1 to %d", n, MaxFiles)
	}
	if !isText(p.Name) {
		add("name %q: want at most %d bytes of printable text", p.Name, maxText)
	}
	if year := p.Time.UTC().Year(); p.Time.Unix() < 0 || year > lastYear {
		add("time in the year %d: want 1970 to %d", year, lastYear)
	}
	left := MaxSize
	for i := range p.Files {
		f := &p.Files[i]
		if left -= len(f.Data); left < 0 {
			add("file %q: more than %d bytes of images", f.Name, MaxSize)
			break
		}
		for _, problem := range append(f.problems(), f.conflicts(p.Files[:i])...) {
			add("file %q: %s", f.Name, problem)
		}
	}
	return errors.Join(problems...)
}

// fileName is what names survive on every phone. Android passes over files that
// do not end in ".bin" (ZipPackage, the constructor). iOS drops blanks from the
// manifest before it reads it, and compares names with URLs, in which most other
// characters are escaped (McuMgrManifest.init, extractImageFromZipFile).
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*\.bin$`)

// Limits of what stands in a manifest, in bytes. A longer name is none of a file
// on the phones, which unpack the zip.
const (
	maxText = 255
	maxName = 255
)

// maxImageIndex is what fits in the 4 bits that MaxFiles speaks of.
const maxImageIndex = MaxFiles - 1

// problems are those of the file by itself.
func (f *File) problems() []string {
	var found []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	add(!fileName.MatchString(f.Name) || len(f.Name) > maxName,
		`want a name of at most %d letters, digits and "-_.+" that begins with one of the first two and ends in ".bin"`, maxName)
	add(f.Type != "" && f.Type != TypeApplication, "type %q: want %q", f.Type, TypeApplication)
	add(f.Board == "" || !isText(f.Board), "board %q: want its name, of at most %d bytes: iOS reads no manifest without it", f.Board, maxText)
	add(f.SoC == "" || !isText(f.SoC), "soc %q: want the chip's name, of at most %d bytes: iOS reads no manifest without it", f.SoC, maxText)
	add(f.ImageIndex < 0 || f.ImageIndex > maxImageIndex, "image index %d: want 0 to %d", f.ImageIndex, maxImageIndex)
	return append(append(found, f.slotProblems()...), f.imageProblems()...)
}

// maxSlot is far beyond the slots that images 0 to maxImageIndex have.
const maxSlot = 255

func (f *File) slotProblems() []string {
	primary, secondary := f.SlotIndexPrimary, f.SlotIndexSecondary
	switch {
	case f.Slot != nil && (primary != 0 || secondary != 0):
		return []string{fmt.Sprintf("slot %d and slot indices: want one of them", *f.Slot)}
	case f.Slot != nil && (*f.Slot < 0 || *f.Slot > maxSlot):
		return []string{fmt.Sprintf("slot %d: want 0 to %d", *f.Slot, maxSlot)}
	case primary == 0 && secondary == 0:
		return nil
	case primary < 1 || primary > maxSlot || secondary < 1 || secondary > maxSlot || primary == secondary:
		return []string{fmt.Sprintf("slot indices %d and %d: want two different ones of 1 to %d, or neither", primary, secondary, maxSlot)}
	}
	return nil
}

// imageProblems wants an image whose hash the readers find, as they ask the
// device for it (ios: McuMgrImage.init, android: McuMgrImage.fromBytes).
func (f *File) imageProblems() []string {
	img, rest, err := mcuboot.Parse(f.Data)
	if err != nil {
		return []string{fmt.Sprintf("is no MCUboot image: %v", err)}
	}
	var found []string
	if len(rest) > 0 {
		found = append(found, fmt.Sprintf("%d bytes behind the image: want one without padding, as it would be uploaded", len(rest)))
	}
	if !hasDigest(img) {
		found = append(found, "has no hash TLV, by which phones know an image again")
	}
	if f.Version == "" {
		return found
	}
	if version, err := mcuboot.ParseVersion(f.Version); err != nil {
		found = append(found, err.Error())
	} else if version != img.Header.Version {
		found = append(found, fmt.Sprintf("version %s: its header says %s", f.Version, img.Header.Version))
	}
	return found
}

func hasDigest(img *mcuboot.Image) bool {
	for _, t := range []mcuboot.TLVType{mcuboot.TLVSHA256, mcuboot.TLVSHA384, mcuboot.TLVSHA512} {
		if _, ok := mcuboot.Find(img.Unprotected, t); ok {
			return true
		}
	}
	return false
}

// conflicts are those of the file with the ones before it. iOS takes for a file
// the first one that has its name somewhere in its own.
func (f *File) conflicts(before []File) []string {
	var found []string
	for i := range before {
		other := &before[i]
		a, b := strings.ToLower(f.Name), strings.ToLower(other.Name)
		switch {
		case a == b:
			found = append(found, "its name is there twice, but for case")
		case strings.Contains(a, b) || strings.Contains(b, a):
			found = append(found, fmt.Sprintf("one name is part of the other, %q: iOS may take the wrong file", other.Name))
		}
		if f.ImageIndex == other.ImageIndex && f.slot() == other.slot() {
			found = append(found, fmt.Sprintf("goes to slot %d of image %d, and so does %q", f.slot(), f.ImageIndex, other.Name))
		}
	}
	return found
}

// isText tells whether s can be shown.
func isText(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
