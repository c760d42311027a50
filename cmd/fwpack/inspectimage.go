package main

import (
	"fmt"

	"github.com/fwpack/fwpack/pack/imagefile"
)

// imageFormat says in what form an image comes; nil is one that cannot be read.
func imageFormat(ins *imagefile.Inspection) string {
	if ins == nil {
		return ""
	}
	format := ", binary"
	if ins.Address != nil {
		format = fmt.Sprintf(", Intel HEX, at %#x", *ins.Address)
	}
	if ins.ByteOrder != "little" {
		format += ", " + ins.ByteOrder + "-endian"
	}
	return format
}

func (v *view) imageHeader(ins *imagefile.Inspection) {
	h := ins.Header
	v.row(plain, "version", "%s", h.Version)
	v.row(plain, "flags", "%s", listOr(h.FlagNames, "none"))
	if h.LoadAddress != 0 {
		v.row(plain, "load address", "%#x", h.LoadAddress)
	}
	if d := ins.Digest; d != nil {
		matches := map[string]string{"yes": "matches", "no": "does not match", "unknown": "not checked: the body is encrypted"}
		v.row(digestStyle(d), "digest", "%s (%s)", d.Hash, matches[d.Matches])
		v.row(faint, "", "%s", shortened(d.Value))
	}
	if e := ins.Encryption; e != nil {
		v.row(plain, "encryption", "%s, key in %s", e.Cipher, listOr(e.KeyTLVs, "no TLV"))
		v.row(plain, "", "%s", encryptionState(e))
	}
	if ins.Compressed != "" {
		v.row(plain, "compression", "%s", ins.Compressed)
	}
	for _, d := range ins.Dependencies {
		v.row(plain, "needs", "image %d, %s or later", d.Image, d.Version)
	}
	if ins.Trailer != nil {
		v.row(plain, "trailer", "%s", ins.Trailer)
	}
}

func digestStyle(d *imagefile.Digest) style {
	return map[string]style{"yes": green, "no": red}[d.Matches]
}

func encryptionState(e *imagefile.Encryption) string {
	switch {
	case e.Clear:
		return "the body is in the clear: for the primary slot"
	case e.Opened:
		return "opened"
	}
	return "not opened: --decrypt FILE names the key"
}

// mostDigits is how many hexadecimal digits are shown of a value: those of a
// SHA-256 digest.
const mostDigits = 64

func shortened(digits string) string {
	if len(digits) <= mostDigits {
		return digits
	}
	return digits[:mostDigits-3] + "..."
}

func (v *view) tlvs(title string, tlvs []imagefile.TLV) {
	if len(tlvs) == 0 {
		return
	}
	v.line(plain, "")
	v.line(bold, "%s", title)
	v.line(faint, "%8s  %5s  %-16s  %s", "OFFSET", "SIZE", "TYPE", "VALUE")
	for _, tlv := range tlvs {
		value := tlv.Value
		const room = 43 // of 80 columns
		if len(value) > room {
			value = value[:room-3] + "..."
		}
		v.line(plain, "%8s  %5d  %-16s  %s", fmt.Sprintf("%#x", tlv.Offset), tlv.Size, tlv.Name, value)
		if tlv.Says != "" {
			v.line(plain, "%35s%s", "", tlv.Says)
		}
	}
}
