package imgtool

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// ParseCustomTLV reads the tag and the value of a custom TLV: bytes in hex behind
// "0x", else text. The type's range is checked when the image is made.
func ParseCustomTLV(tag, value string) (mcuboot.TLV, error) {
	t, err := ParseTag(tag)
	if err != nil {
		return mcuboot.TLV{}, err
	}
	digits, ok := strings.CutPrefix(value, "0x")
	if !ok {
		return mcuboot.TLV{Type: t, Value: []byte(value)}, nil
	}
	data, err := hex.DecodeString(digits)
	if errors.Is(err, hex.ErrLength) {
		return mcuboot.TLV{}, fmt.Errorf("value %s: odd number of digits", value)
	}
	if err != nil {
		return mcuboot.TLV{}, fmt.Errorf("value %q: want hexadecimal digits behind 0x", value)
	}
	return mcuboot.TLV{Type: t, Value: data}, nil
}

// ParseTag reads the type of a TLV.
func ParseTag(text string) (mcuboot.TLVType, error) {
	n, err := parseBetween(text, 0, math.MaxUint16)
	return mcuboot.TLVType(n), err
}

// custom returns the custom TLVs in imgtool's order: those of files behind the
// others.
func (o *SignOptions) custom() ([]mcuboot.TLV, error) {
	tlvs := append([]mcuboot.TLV(nil), o.Custom...)
	for _, file := range o.CustomFiles {
		value, err := os.ReadFile(file.Path)
		if err != nil {
			return nil, asUsage(err)
		}
		tlvs = append(tlvs, mcuboot.TLV{Type: file.Type, Value: value})
	}
	return tlvs, nil
}

// identifiers returns the UUIDs of vendor and class, nil where there are none.
func (o *SignOptions) identifiers() (vendor, class *mcuboot.UUID, err error) {
	if o.VendorID != nil {
		id, err := mcuboot.ParseVendorID(*o.VendorID)
		if err != nil {
			return nil, nil, usagef("--vid: %w", err)
		}
		vendor = &id
	}
	if o.ClassID != nil {
		id, err := mcuboot.ParseClassID(*o.ClassID, vendor)
		if err != nil {
			return nil, nil, usagef("--cid: %w", err)
		}
		class = &id
	}
	return vendor, class, nil
}
