package imgtool

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
)

// rule is the width of the sections.
const rule = 60

// human is imgtool's form for people, blanks at the ends of lines included.
func (i *Info) human() string {
	h := &human{}
	h.line("Printing content of signed image: %s \n", i.Filename)
	h.header(i.Header)
	offset := int64(i.Header.HeaderSize)
	h.frame(fmt.Sprintf("Payload (offset: %#x)", offset), fmt.Sprintf("FW image (size: %#x Bytes)", i.Header.ImageSize))
	offset += int64(i.Header.ImageSize)
	if i.Header.ProtectedTLVSize != 0 {
		h.area(fmt.Sprintf("Protected TLV area (offset: %#x)", offset), i.TLVArea.ProtectedHeader, i.TLVArea.Protected)
	}
	offset += int64(i.Header.ProtectedTLVSize)
	h.area(fmt.Sprintf("TLV area (offset: %#x)", offset), i.TLVArea.Header, i.TLVArea.TLVs)
	if len(i.Trailer.Magic) > 0 {
		h.trailer(i.Trailer)
	}
	h.section("End of Image ")
	return h.b.String()
}

// human is a text in the making.
type human struct{ b strings.Builder }

func (h *human) line(format string, args ...any) { fmt.Fprintf(&h.b, format+"\n", args...) }

func (h *human) field(name, value string) { h.line("%-20s%s", name+":", value) }

func (h *human) section(title string) {
	title = "#### " + title + " "
	h.line("%s%s", title, strings.Repeat("#", max(0, rule-len(title))))
}

func (h *human) end() { h.line("%s", strings.Repeat("#", rule)) }

func (h *human) header(i InfoHeader) {
	h.section("Image header (offset: 0x0)")
	h.field("magic", fmt.Sprintf("%#x", i.Magic))
	h.field("load_addr", fmt.Sprintf("%#x", i.LoadAddr))
	h.field("hdr_size", fmt.Sprintf("%#x", i.HeaderSize))
	h.field("protected_tlv_size", fmt.Sprintf("%#x", i.ProtectedTLVSize))
	h.field("img_size", fmt.Sprintf("%#x", i.ImageSize))
	h.field("flags", flagLines(mcuboot.Flags(i.Flags)))
	h.field("version", i.Version)
	h.end()
}

// flagLines are the names of the flags, one on a line.
func flagLines(flags mcuboot.Flags) string {
	var lines []string
	for bit := mcuboot.Flags(1); bit != 0; bit <<= 1 {
		if name := bit.String(); flags&bit != 0 && !strings.HasPrefix(name, "0x") {
			lines = append(lines, fmt.Sprintf("%s (%#x)", name, uint32(bit)))
		}
	}
	if flags == 0 {
		return "0x0"
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", 20))
}

// frame is a box with a text in its middle.
func (h *human) frame(title, text string) {
	blank := "|" + strings.Repeat(" ", rule-2) + "|"
	before := "|" + strings.Repeat(" ", (rule-len(text))/2-1) + text
	h.section(title)
	h.line("%s", blank)
	h.line("%-*s|", rule-1, before)
	h.line("%s", blank)
	h.end()
}

func (h *human) area(title string, head InfoAreaHeader, tlvs []InfoTLV) {
	h.section(title)
	h.line("magic:     %#x", head.Magic)
	h.line("area size: %#x", head.Total)
	var entries human
	for _, tlv := range tlvs {
		entries.tlv(tlv)
	}
	h.line("%s", strings.TrimSuffix(entries.b.String(), "\n"))
	h.end()
}

func (h *human) tlv(tlv InfoTLV) {
	indent := strings.Repeat(" ", rule/8)
	h.line("%s %s", indent, strings.Repeat("-", 45))
	h.line("%s type: %s (%#x)", indent, tlv.TypeName, tlv.Type)
	h.line("%s len:  %#x", indent, tlv.Len)
	h.line("%s data: %s", indent, byteRows(tlv.Data, "\n"+indent+strings.Repeat(" ", 7)))
}

// byteRows are bytes in hex, eight on a line, each with a blank behind.
func byteRows(data []byte, newline string) string {
	var b strings.Builder
	for i, c := range data {
		if i > 0 && i%8 == 0 {
			b.WriteString(newline)
		}
		fmt.Fprintf(&b, "0x%02x ", c)
	}
	return b.String()
}

func (h *human) trailer(t InfoTrailer) {
	h.section("Image trailer (offset: unknown)")
	h.line("(Note: some fields may not be used, depending on the update \nstrategy)\n")
	h.line("swap status: (len: unknown)")
	keys := "Image not encrypted"
	if t.KeyFieldLen != 0 {
		keys = fmt.Sprintf("(len: %#x, if BOOT_SWAP_SAVE_ENCTLV is unset)", t.KeyFieldLen)
	}
	h.line("enc. keys:   %s", keys)
	if t.ImageOK != nil {
		h.line("swap size:   %s", swapSize(*t.SwapSize))
		h.line("swap_info:   %s", status(*t.SwapInfo))
		h.line("copy_done:   %s", status(*t.CopyDone))
		h.line("image_ok:    %s", status(*t.ImageOK))
	}
	h.line("boot magic:  %s\n", byteRows(t.Magic, "\n"+strings.Repeat(" ", 13)))
}

// swapSize has imgtool's word for decimal numbers.
func swapSize(n uint32) string {
	if n == 1<<32-1 {
		return "unknown"
	}
	return fmt.Sprintf("%#x octal: %d", n, n)
}

// status names a byte by the codes that a bootloader uses in memory. In flash, an
// erased byte is unset, which imgtool calls invalid.
func status(b uint8) string {
	name := map[uint8]string{1: "SET", 2: "BAD", 3: "UNSET", 4: "ANY"}[b]
	if name == "" {
		name = "INVALID"
	}
	return fmt.Sprintf("%s (%#x)", name, b)
}
