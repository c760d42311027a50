package imagefile

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// TLV is an entry of an image.
type TLV struct {
	Type   uint16 `json:"type"`
	Name   string `json:"name"`   // as imgtool calls it, or the number in hex
	Offset int    `json:"offset"` // of the value, from the begin of the image
	Size   int    `json:"size"`   // of the value
	Value  string `json:"value"`  // in hex
	Says   string `json:"says,omitempty"`
}

// infoSize is that of what areas and entries begin with, in bytes: magic or type,
// and length.
const infoSize = 4

// tlvsOf lists the entries of both areas.
func tlvsOf(img *mcuboot.Image) (protected, plain []TLV) {
	at := int(img.Header.Size) + len(img.Body)
	protected = listTLVs(img, img.Protected, at)
	return protected, listTLVs(img, img.Unprotected, at+int(img.Header.ProtectedSize))
}

// listTLVs lists the entries of the area that begins at an offset.
func listTLVs(img *mcuboot.Image, tlvs []mcuboot.TLV, at int) []TLV {
	list := []TLV{}
	at += infoSize
	for _, tlv := range tlvs {
		at += infoSize
		list = append(list, TLV{
			uint16(tlv.Type), tlv.Type.String(), at, len(tlv.Value), hex.EncodeToString(tlv.Value), says(img, tlv),
		})
		at += len(tlv.Value)
	}
	return list
}

// says is what an entry means to people, "" where its bytes are all there is.
func says(img *mcuboot.Image, tlv mcuboot.TLV) string {
	switch tlv.Type {
	case mcuboot.TLVSecurityCounter, mcuboot.TLVDecompSize, mcuboot.TLVCompDecSize:
		if n, ok := number(img, tlv); ok {
			return fmt.Sprint(n)
		}
	case mcuboot.TLVVendorID, mcuboot.TLVClassID:
		if len(tlv.Value) == len(mcuboot.UUID{}) {
			return mcuboot.UUID(tlv.Value).String()
		}
	case mcuboot.TLVBootRecord:
		if r, err := mcuboot.ParseBootRecord(tlv.Value); err == nil {
			return fmt.Sprintf("%q %s", r.SoftwareType, r.Version)
		}
	case mcuboot.TLVDependency:
		return dependency(img, tlv)
	case mcuboot.TLVKeyHash, mcuboot.TLVPubKey:
		return published(tlv)
	}
	if tlv.Type >= mcuboot.MinCustomTLV && isText(tlv.Value) {
		return string(tlv.Value)
	}
	return ""
}

func dependency(img *mcuboot.Image, tlv mcuboot.TLV) string {
	one := *img
	one.Protected = []mcuboot.TLV{tlv}
	if d, err := one.Dependencies(); err == nil && len(d) == 1 {
		return fmt.Sprintf("image %d, %s or later", d[0].Image, d[0].Version)
	}
	return ""
}

func number(img *mcuboot.Image, tlv mcuboot.TLV) (n uint32, ok bool) {
	if len(tlv.Value) != 4 {
		return 0, false
	}
	if img.ByteOrder == mcuboot.BigEndian {
		return binary.BigEndian.Uint32(tlv.Value), true
	}
	return binary.LittleEndian.Uint32(tlv.Value), true
}

// isText tells whether bytes are printable ASCII.
func isText(value []byte) bool {
	return len(value) > 0 && strings.IndexFunc(string(value), func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
