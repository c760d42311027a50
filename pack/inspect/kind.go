package inspect

import (
	"bytes"
	"unicode/utf8"

	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
)

// Kind is what a file is.
type Kind string

// The kinds of files.
const (
	KindBundle      Kind = "swu"
	KindDescription Kind = "sw-description"
	KindEnvelope    Kind = "encrypted-description" // a CMS envelope, see package sign/envelope
	KindSignature   Kind = "signature"
	KindImage       Kind = "mcuboot"
	KindZchunk      Kind = "zck" // a whole file or its header
	KindDelta       Kind = "rdiff"
	KindPEM         Kind = "pem" // keys and certificates, in PEM or in DER
	KindAESKey      Kind = "aes-key"
	KindDFU         Kind = "dfu" // a dfu_application.zip
	KindCompressed  Kind = "compressed"
	KindFirmware    Kind = "firmware" // ELF or S-records: what an image is made of
	KindData        Kind = "data"     // none of these
)

// headSize is how many bytes of a file are looked at to recognise it.
const headSize = imagefile.HeadSize

// The kinds that only all of a file tells, or more of it than its head.
const (
	kindText Kind = "text"
	kindDER  Kind = "der"
)

// recognise tells what a file is, or may be, that begins with head. What is inside
// of another file is held to stricter rules than what a person names: erased
// flash, for one, is an image to the latter only.
func recognise(head []byte, inner bool) Kind {
	switch {
	case isBundle(head, inner):
		return KindBundle
	case payload.Magic(head) != payload.None:
		return KindCompressed
	case hasPrefix(head, "\x00ZCK1", "\x00ZHR1"):
		return KindZchunk
	case hasPrefix(head, "rs\x026", "rs\x01"):
		return KindDelta
	case hasPrefix(head, "PK\x03\x04"):
		return KindDFU
	case isImage(head, inner):
		return KindImage
	case firmware.DetectFormat(head) != firmware.Binary:
		return KindFirmware
	case bytes.Contains(head, []byte("-----BEGIN ")) && isText(head):
		return KindPEM
	case isText(head):
		return kindText
	case hasPrefix(head, "\x30"):
		return kindDER
	}
	return KindData
}

func hasPrefix(head []byte, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(head, []byte(prefix)) {
			return true
		}
	}
	return false
}

// nameAt is where the name of an entry begins in a cpio archive, in bytes.
const nameAt = 110

// isBundle tells a bundle from other cpio archives, which payloads may be as well.
func isBundle(head []byte, inner bool) bool {
	if !inner {
		return hasPrefix(head, "0707")
	}
	return hasPrefix(head, "070701", "070702") && len(head) > nameAt && hasPrefix(head[nameAt:], "sw-description\x00")
}

func isImage(head []byte, inner bool) bool {
	if !imagefile.Recognise(head) {
		return false
	}
	return !inner || !isErased(head)
}

func isErased(head []byte) bool {
	return len(bytes.Trim(head, "\x00")) == 0 || len(bytes.Trim(head, "\xff")) == 0
}

// isText tells whether a file that begins with head may be text. Its last
// character may be cut off.
func isText(head []byte) bool {
	for cut := range min(utf8.UTFMax, len(head)) {
		if part := head[:len(head)-cut]; utf8.Valid(part) {
			return bytes.IndexByte(part, 0) < 0 && len(bytes.TrimSpace(part)) > 0
		}
	}
	return false
}
