package imgtool

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// yaml is what PyYAML's dump writes of the same data.
func (i *Info) yaml() string {
	y := &yamlText{}
	y.line("filename: %s", yamlString(i.Filename))
	y.header(i.Header)
	y.line("tlv_area:")
	y.area("prot", i.TLVArea.ProtectedHeader)
	y.tlvs("tlvs_prot", i.TLVArea.Protected)
	y.area("", i.TLVArea.Header)
	y.tlvs("tlvs", i.TLVArea.TLVs)
	y.trailer(i.Trailer)
	return y.b.String()
}

// yamlText is a text in the making.
type yamlText struct{ b strings.Builder }

func (y *yamlText) line(format string, args ...any) { fmt.Fprintf(&y.b, format+"\n", args...) }

func (y *yamlText) header(h InfoHeader) {
	y.line("header:")
	y.line("  magic: %d", h.Magic)
	y.line("  load_addr: %d", h.LoadAddr)
	y.line("  hdr_size: %d", h.HeaderSize)
	y.line("  protected_tlv_size: %d", h.ProtectedTLVSize)
	y.line("  img_size: %d", h.ImageSize)
	y.line("  flags: %d", h.Flags)
	y.line("  version: %s", h.Version)
}

func (y *yamlText) area(suffix string, h InfoAreaHeader) {
	name := "tlv_hdr"
	if suffix != "" {
		name += "_" + suffix
	}
	if h.Magic == 0 {
		y.line("  %s: {}", name)
		return
	}
	y.line("  %s:", name)
	y.line("    magic: %d", h.Magic)
	y.line("    tlv_tot: %d", h.Total)
}

func (y *yamlText) tlvs(name string, tlvs []InfoTLV) {
	if len(tlvs) == 0 {
		y.line("  %s: []", name)
		return
	}
	y.line("  %s:", name)
	for _, tlv := range tlvs {
		y.line("  - type: %d", tlv.Type)
		y.line("    type_name: %s", tlv.TypeName)
		y.line("    len: %d", tlv.Len)
		y.bytes("    data", tlv.Data)
	}
}

// bytes writes base64 in lines of 76 characters, as RFC 2045 has them.
func (y *yamlText) bytes(key string, data []byte) {
	if len(data) == 0 {
		y.line("%s: !!binary \"\"", key)
		return
	}
	y.line("%s: !!binary |", key)
	indent := strings.Repeat(" ", len(key)-len(strings.TrimLeft(key, " "))+2)
	const perLine = 57 // bytes
	for len(data) > 0 {
		n := min(perLine, len(data))
		y.line("%s%s", indent, base64.StdEncoding.EncodeToString(data[:n]))
		data = data[n:]
	}
}

func (y *yamlText) trailer(t InfoTrailer) {
	if len(t.Magic) == 0 {
		y.line("trailer: {}")
		return
	}
	y.line("trailer:")
	y.bytes("  magic", t.Magic)
	if t.ImageOK == nil {
		return
	}
	y.line("  image_ok: %d", *t.ImageOK)
	y.line("  copy_done: %d", *t.CopyDone)
	y.line("  swap_info: %d", *t.SwapInfo)
	y.line("  swap_size: %d", *t.SwapSize)
	if t.KeyFieldLen != 0 {
		y.line("  key_field_len: %d", t.KeyFieldLen)
	}
}

var (
	// yamlSyntax is what text does not begin, end or hold without quotes.
	yamlSyntax = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("^[#,\\[\\]{}&*!|>'\"%@`]|^[?:-](?: |$)|^ | $|:(?: |$)| #|^---|^\\.\\.\\.|^$")
	})
	// yamlTyped is text that YAML 1.1 takes for something else: a number, a date, a
	// truth value, nothing; as PyYAML 6.0 has it.
	yamlTyped = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:` + strings.Join([]string{
			`yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|null|Null|NULL`, `~`, `=`, `<<`,
			`[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+`,
			`[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?`, `\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?`, `[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*`,
			`[-+]?\.(?:inf|Inf|INF)`, `\.(?:nan|NaN|NAN)`, `[0-9]{4}-[0-9]{2}-[0-9]{2}`,
			`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?`,
		}, "|") + `)$`)
	})
)

// yamlString writes text plain, or in the quotes that it needs.
func yamlString(text string) string {
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
		return yamlEscaped(text)
	case yamlSyntax().MatchString(text), yamlTyped().MatchString(text):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return text
}

// yamlEscapes has the characters with an escape of one letter (YAML 1.1, section
// 5.6).
var yamlEscapes = strings.NewReplacer(
	`"`, `\"`, `\`, `\\`, "\x00", `\0`, "\a", `\a`, "\b", `\b`, "\t", `\t`, "\n", `\n`, "\v", `\v`, "\f", `\f`,
	"\r", `\r`, "\x1b", `\e`, "\u0085", `\N`, "\u00a0", `\_`, "\u2028", `\L`, "\u2029", `\P`,
)

// yamlEscaped writes text in ASCII.
func yamlEscaped(text string) string {
	var b strings.Builder
	for _, r := range yamlEscapes.Replace(text) {
		switch {
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02X`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return `"` + b.String() + `"`
}
