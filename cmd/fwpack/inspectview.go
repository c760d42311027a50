package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/inspect"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/keygen"
)

// inspection prints what a file is and holds.
func (v *view) inspection(ins *inspect.Inspection) {
	v.line(bold, "%s: %s", ins.Name, whatIs(ins))
	v.facts(ins)
	v.problems(ins)
	v.details(ins)
	for _, inner := range ins.Contents {
		v.line(plain, "")
		v.in(func() { v.inspection(inner) })
	}
	if ins.Image != nil && ins.Schema != 0 {
		v.line(plain, "")
		v.line(faint, `Only the digest was looked at: "fwpack verify" verifies the rest.`)
	}
}

// whatIs is what a file is, in a few words.
func whatIs(ins *inspect.Inspection) string {
	switch ins.Kind {
	case inspect.KindBundle:
		return "SWUpdate bundle, " + size(ins.Size)
	case inspect.KindDescription:
		return "sw-description"
	case inspect.KindEnvelope:
		return "sw-description, encrypted"
	case inspect.KindSignature:
		return signatureWords(ins.Signature)
	case inspect.KindImage:
		return "MCUboot image" + imageFormat(ins.Image)
	case inspect.KindZchunk:
		return zchunkWords(ins.Zchunk)
	case inspect.KindDelta:
		return "rdiff" + rdiffWords(ins)
	case inspect.KindPEM:
		return "keys and certificates"
	case inspect.KindAESKey:
		return "AES key"
	case inspect.KindDFU:
		return "package for phones, " + size(ins.Size)
	case inspect.KindCompressed:
		return fmt.Sprintf("compressed by %s, %s", ins.Compressed.Method, size(ins.Size))
	case inspect.KindFirmware:
		return "firmware, " + ins.Firmware.Format + ": no image yet"
	}
	return "data"
}

func signatureWords(s *inspect.Signature) string {
	if s.Kind == "cms" {
		return "CMS signature"
	}
	return fmt.Sprintf("%d bytes, as many as a raw signature has (%s)", s.Size, s.Likely)
}

func zchunkWords(z *inspect.Zchunk) string {
	switch {
	case z == nil:
		return "zchunk file"
	case z.Detached:
		return "zchunk header, detached"
	case !z.Body:
		return "zchunk header"
	}
	return "zchunk file"
}

func rdiffWords(ins *inspect.Inspection) string {
	if ins.Delta == nil {
		return ""
	}
	return " " + ins.Delta.Kind
}

// facts prints the rows about a file.
func (v *view) facts(ins *inspect.Inspection) {
	if d := ins.Description; d != nil {
		v.description(d)
	}
	if e := ins.Envelope; e != nil {
		v.envelope(e)
	}
	if ins.Image != nil {
		v.imageHeader(ins.Image)
	}
	v.signers(ins)
	switch {
	case ins.Zchunk != nil:
		v.zchunk(ins.Zchunk)
	case ins.Delta != nil:
		v.delta(ins)
	case ins.AESKey != nil:
		v.row(plain, "key", "%s", ins.AESKey.Key)
		v.row(plain, "check value", "%s", ins.AESKey.CheckValue)
		v.row(plain, "IV", "%s", yesNo(ins.AESKey.IV))
	case ins.DFU != nil:
		v.dfu(ins.DFU)
	case ins.Compressed != nil && ins.Compressed.Size >= 0:
		v.row(plain, "unpacked", "%d bytes", ins.Compressed.Size)
		v.row(faint, "sha256", "%s", ins.Compressed.SHA256)
	}
}

// problems prints what is wrong with a file, and what was not looked at.
func (v *view) problems(ins *inspect.Inspection) {
	for _, note := range ins.Notes {
		v.row(yellow, "note", "%s", note)
	}
	for _, problem := range ins.Problems {
		v.row(red, "problem", "%s", problem)
	}
}

// details prints what is more than rows.
func (v *view) details(ins *inspect.Inspection) {
	for i := range ins.Items {
		v.item(&ins.Items[i])
	}
	if d := ins.Description; d != nil && d.Software != nil {
		v.line(plain, "")
		v.scope(d.Software)
	}
	if ins.Bundle != nil {
		v.entries(ins.Bundle)
	}
	if ins.Image != nil {
		if ins.Schema != 0 {
			v.tlvs("protected TLVs", ins.Image.Protected)
			v.tlvs("unprotected TLVs", ins.Image.TLVs)
		}
		v.layout(ins.Image)
	}
}

func (v *view) description(d *inspect.Description) {
	v.row(plain, "version", "%s", d.Version)
	if d.Text != "" {
		v.row(plain, "description", "%s", d.Text)
	}
	v.row(plain, "hardware", "%s", listOr(d.HardwareCompatibility, "any"))
}

// envelope says who can read a description.
func (v *view) envelope(e *swufile.Envelope) {
	state := "not opened: --decrypt FILE names the key of one of them"
	if e.Opened {
		state = "opened"
	}
	v.row(plain, "description", "encrypted by %s for %s (%s)", e.Cipher, plural(len(e.Recipients), "recipient"), state)
	for i, recipient := range e.Recipients {
		if i == mostRecipients {
			v.row(plain, "  for", "and %d more", len(e.Recipients)-i)
			return
		}
		v.row(plain, "  for", "%s", recipient)
	}
}

// mostRecipients is how many are listed for people.
const mostRecipients = 10

func (v *view) zchunk(z *inspect.Zchunk) {
	v.row(plain, "image", "%d bytes in %s", z.Size, plural(z.ChunkCount, "chunk"))
	v.row(plain, "file", "%d bytes, %d of them header", z.HeaderSize+z.BodySize, z.HeaderSize)
	digests := "stored chunks only: a device reuses nothing"
	if z.Uncompressed {
		digests = "stored and raw chunks"
	}
	v.row(plain, "compression", "%s", z.Compression)
	v.row(plain, "digests", "%s of %s", z.ChunkHash, digests)
	v.row(faint, "header", "%s %s", z.Hash, z.HeaderDigest)
}

func (v *view) delta(ins *inspect.Inspection) {
	if p := ins.Delta.Patch; p != nil {
		v.row(plain, "makes", "%d bytes", p.Result)
		v.row(plain, "copied", "%d bytes in %s", p.CopyBytes, plural(int(p.Copies), "command"))
		v.row(plain, "new", "%d bytes in %s", p.LiteralBytes, plural(int(p.Literals), "command"))
		v.row(plain, "needs", "a base of %d bytes or more", p.BaseEnd)
	}
	if g := ins.Delta.Signature; g != nil {
		v.row(plain, "sums", "%s, %d bytes of the strong one", g.Sums, g.StrongLength)
		v.row(plain, "blocks", "%d of %d bytes", g.Blocks, g.BlockLength)
	}
}

func (v *view) dfu(d *inspect.DFU) {
	if d.Name != "" {
		v.row(plain, "name", "%s", d.Name)
	}
	v.row(plain, "built", "%s", d.Time)
	for _, f := range d.Files {
		slot := fmt.Sprintf("slots %d and %d", f.SlotPrimary, f.SlotSecondary)
		if f.Slot != nil {
			slot = fmt.Sprintf("slot %d", *f.Slot)
		}
		v.row(plain, "image "+fmt.Sprint(f.ImageIndex), "%s %s, %s (%s), at %#x, %s", f.Name, f.Version, f.Board, f.SoC, f.LoadAddress, slot)
	}
}

// item prints a key or a certificate.
func (v *view) item(item *keygen.Item) {
	v.line(plain, "")
	v.line(bold, "%s", itemTitle(*item))
	if item.Key != "" {
		v.row(plain, "key", "%s", item.Key)
		v.row(faint, "fingerprint", "%s", item.Fingerprint)
	}
	if item.Published != "" {
		v.row(red, "published", "everybody has the private key: %s", item.Published)
	}
	if c := item.Certificate; c != nil {
		for _, line := range certificateRows(c) {
			v.row(plain, line[0], "%s", line[1])
		}
	}
	v.flush()
}

// joined is what is not empty of some words.
func joined(separator string, words ...string) string {
	var kept []string
	for _, word := range words {
		if word != "" {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, separator)
}
