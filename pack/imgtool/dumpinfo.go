package imgtool

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// Info is what Dumpinfo finds in an image. The names of its JSON are imgtool's.
type Info struct {
	Filename string      `json:"filename"`
	Header   InfoHeader  `json:"header"`
	TLVArea  InfoTLVArea `json:"tlv_area"`
	Trailer  InfoTrailer `json:"trailer"`
}

// InfoHeader is the header of an image.
type InfoHeader struct {
	Magic            uint32 `json:"magic"`
	LoadAddr         uint32 `json:"load_addr"`
	HeaderSize       uint16 `json:"hdr_size"`
	ProtectedTLVSize uint16 `json:"protected_tlv_size"`
	ImageSize        uint32 `json:"img_size"`
	Flags            uint32 `json:"flags"`
	Version          string `json:"version"`
}

// InfoTLVArea has the two areas of TLVs.
type InfoTLVArea struct {
	ProtectedHeader InfoAreaHeader `json:"tlv_hdr_prot"`
	Protected       []InfoTLV      `json:"tlvs_prot"`
	Header          InfoAreaHeader `json:"tlv_hdr"`
	TLVs            []InfoTLV      `json:"tlvs"`
}

// InfoAreaHeader is what an area begins with, zero where there is no area.
type InfoAreaHeader struct {
	Magic uint16 `json:"magic,omitempty"`
	Total int    `json:"tlv_tot,omitempty"`
}

// InfoTLV is an entry.
type InfoTLV struct {
	Type     uint16 `json:"type"`
	TypeName string `json:"type_name"`
	Len      int    `json:"len"`
	Data     Hex    `json:"data"`
}

// InfoTrailer is the trailer of a padded image. Of one with an unknown magic
// there is nothing but that; of an image without a trailer, nothing.
type InfoTrailer struct {
	Magic       Hex     `json:"magic,omitempty"`
	ImageOK     *uint8  `json:"image_ok,omitempty"`
	CopyDone    *uint8  `json:"copy_done,omitempty"`
	SwapInfo    *uint8  `json:"swap_info,omitempty"`
	SwapSize    *uint32 `json:"swap_size,omitempty"`
	KeyFieldLen int     `json:"key_field_len,omitempty"` // of encrypted images
}

// Hex is bytes that are written as hexadecimal digits.
type Hex []byte

// MarshalText returns the digits.
func (h Hex) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", []byte(h)), nil }

const (
	magicHeader    = 0x96f3b83d
	magicProtected = 0x6908
	magicTLV       = 0x6907

	areaHeaderSize = 4
	trailerMagic   = 16 // bytes
)

// Dumpinfo says what an image holds. Nothing is verified. A file that is no image
// is an error that says where.
func Dumpinfo(path string) (*Info, error) {
	data, _, err := readInput(path)
	if err != nil {
		return nil, err
	}
	img, rest, err := mcuboot.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	info := &Info{Filename: filepath.Base(path), Header: infoHeader(img.Header)}
	info.TLVArea = InfoTLVArea{Protected: infoTLVs(img.Protected), TLVs: infoTLVs(img.Unprotected)}
	if img.Header.ProtectedSize != 0 {
		info.TLVArea.ProtectedHeader = infoArea(magicProtected, img.Protected)
	}
	info.TLVArea.Header = infoArea(magicTLV, img.Unprotected)
	if len(rest) > 0 {
		info.Trailer = infoTrailer(img, data, rest)
	}
	return info, nil
}

func infoHeader(h mcuboot.Header) InfoHeader {
	return InfoHeader{
		magicHeader, h.LoadAddr, h.Size, h.ProtectedSize, h.ImageSize, uint32(h.Flags), h.Version.String(),
	}
}

func infoArea(magic uint16, tlvs []mcuboot.TLV) InfoAreaHeader {
	total := areaHeaderSize
	for _, tlv := range tlvs {
		total += areaHeaderSize + len(tlv.Value)
	}
	return InfoAreaHeader{magic, total}
}

func infoTLVs(tlvs []mcuboot.TLV) []InfoTLV {
	infos := []InfoTLV{}
	for _, tlv := range tlvs {
		name := "UNKNOWN"
		if tlv.Type.Known() {
			name = tlv.Type.String()
		}
		infos = append(infos, InfoTLV{uint16(tlv.Type), name, len(tlv.Value), tlv.Value})
	}
	return infos
}

// infoTrailer takes the last bytes for the magic of a trailer if anything follows
// the image.
func infoTrailer(img *mcuboot.Image, data, rest []byte) InfoTrailer {
	info := InfoTrailer{Magic: data[len(data)-trailerMagic:]}
	t, err := mcuboot.ParseTrailer(rest, img.ByteOrder)
	if err != nil {
		return info
	}
	info.ImageOK, info.CopyDone, info.SwapInfo, info.SwapSize = &t.ImageOK, &t.CopyDone, &t.SwapInfo, &t.SwapSize
	if img.Encrypted() {
		info.KeyFieldLen = 2 * max(t.MaxAlign, trailerMagic)
	}
	return info
}

// Warning is imgtool's line about a trailer that it does not know, or "".
func (i *Info) Warning() string {
	if len(i.Trailer.Magic) > 0 && i.Trailer.ImageOK == nil {
		return "Warning: the trailer magic value is invalid!"
	}
	return ""
}

// Format is a form of Info. The zero Format is FormatHuman.
type Format string

// The formats.
const (
	FormatHuman Format = "human"
	FormatYAML  Format = "yaml"
	FormatJSON  Format = "json"
)

// ParseFormat reads one of the formats.
func ParseFormat(text string) (Format, error) {
	return choose(text, FormatHuman, FormatYAML, FormatJSON)
}

// Write writes i.
func (i *Info) Write(w io.Writer, f Format) error {
	text, err := i.format(f)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// WriteFile writes a file, without the newline that ends JSON elsewhere, as
// imgtool does.
func (i *Info) WriteFile(path string, f Format) error {
	text, err := i.format(f)
	if err != nil {
		return err
	}
	if f == FormatJSON {
		text = strings.TrimSuffix(text, "\n")
	}
	return WriteFile(path, []byte(text))
}

func (i *Info) format(f Format) (string, error) {
	switch f {
	case FormatYAML:
		return i.yaml(), nil
	case FormatJSON:
		return i.json()
	}
	return i.human(), nil
}

// json is what Python's json module writes with an indent of 2: all of it ASCII.
func (i *Info) json() (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(i); err != nil {
		return "", err
	}
	return asciiJSON(b.String()), nil
}

// asciiJSON escapes what is not ASCII, in UTF-16 as JSON does (RFC 8259,
// section 7).
func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r <= 0x7f:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}
