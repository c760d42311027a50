package pack

import (
	"encoding/hex"
	"fmt"
	"os"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// tlvFile is a file with the value of a custom TLV. It is read when the image is
// planned: it may come out of the same build as the firmware.
type tlvFile struct {
	index int // of the TLV in the options
	path  string
	pos   diag.Pos
}

// customTLVs reads [[image.tlv]]: type, and value, hex or file. Those in the
// arguments of a build folder come behind, unless their type is there.
func (d *decoder) customTLVs(image *Image, s *imageSource) {
	custom := &image.Spec.Options.Custom
	for _, sub := range s.tables("tlv") {
		tlv := mcuboot.TLV{Type: sub.tlvType(*custom)}
		value, file, shown := d.tlvValue(sub)
		tlv.Value = value
		if file != "" {
			image.tlvFiles = append(image.tlvFiles, tlvFile{len(*custom), file, sub.pos("file")})
		}
		sub.rest()
		s.note(fmt.Sprintf("tlv %#x", uint16(tlv.Type)), shown, sub.here().String())
		*custom = append(*custom, tlv)
	}
	for _, tlv := range s.folder.tlvs {
		if !hasTLV(*custom, tlv.Type) {
			s.note(fmt.Sprintf("tlv %#x", uint16(tlv.Type)), "hex "+hex.EncodeToString(tlv.Value), s.folder.from)
			*custom = append(*custom, tlv)
		}
	}
}

func hasTLV(list []mcuboot.TLV, t mcuboot.TLVType) bool {
	return slices.ContainsFunc(list, func(tlv mcuboot.TLV) bool { return tlv.Type == t })
}

// tlvType reads a type that none of the others has.
func (t *table) tlvType(others []mcuboot.TLV) mcuboot.TLVType {
	text, ok := t.optionalScalar("type")
	if !ok {
		if !t.has("type") {
			t.doc.problems.Addf(t.here(), "type is missing")
		}
		return 0
	}
	n, err := profile.ParseAddress(text)
	kind := mcuboot.TLVType(n)
	switch {
	case err != nil || n < uint32(mcuboot.MinCustomTLV) || n > uint32(mcuboot.MaxCustomTLV):
		t.errorf("type", "type %s: want %#x to %#x", text, uint16(mcuboot.MinCustomTLV), uint16(mcuboot.MaxCustomTLV))
		return 0
	case hasTLV(others, kind):
		t.errorf("type", "type %#x is taken: types are unique", uint16(kind))
	}
	return kind
}

// tlvValue reads the value, or else the file that it is in, and how either is shown.
func (d *decoder) tlvValue(t *table) (value []byte, file, shown string) {
	given := 0
	for _, key := range []string{"value", "hex", "file"} {
		if t.has(key) {
			given++
		}
	}
	text, digits, file := t.string("value"), t.string("hex"), d.path(t.string("file"))
	if given != 1 {
		d.problems.Addf(t.here(), "a TLV is given by exactly one of value, hex and file")
		return nil, "", ""
	}
	switch {
	case t.has("hex"):
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.errorf("hex", "hex %q: want pairs of hexadecimal digits", digits)
		}
		return b, "", "hex " + digits
	case t.has("file"):
		return nil, file, tlvInFile + file
	}
	return []byte(text), "", text
}

// tlvInFile begins what is shown of a value in a file.
const tlvInFile = "file "

// maxTLV is what a length of 16 bits can say.
const maxTLV = 0xffff

func readTLV(file string) ([]byte, error) {
	info, err := statRegular(file)
	if err == nil && info.Size() > maxTLV {
		err = fmt.Errorf("%s: %d bytes: a TLV has at most %d", file, info.Size(), maxTLV)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// readTLVs reads the values of custom TLVs that are in files. It tells whether all
// of them are there.
func (pl *planner) readTLVs(i *Image, options *mcuboot.Options) bool {
	complete := true
	options.Custom = slices.Clone(options.Custom)
	for _, f := range i.tlvFiles {
		pl.project.look(f.path)
		value, err := readTLV(f.path)
		if err != nil {
			complete = false
			pl.missingFile(f.pos, "image %q: tlv: %v", i.Name, err)
		}
		options.Custom[f.index].Value = value
	}
	return complete
}

// missingFile notes that a file cannot be read, where files have to be there.
func (pl *planner) missingFile(pos diag.Pos, format string, args ...any) {
	if !pl.withoutFiles {
		pl.problems.Addf(pos, format, args...)
	}
}
