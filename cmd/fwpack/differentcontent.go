package main

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/diff"
)

// payloads prints those of a bundle that are not the same.
func (p *differencePrinter) payloads(payloads []diff.Payload) {
	title := "\npayloads\n"
	for i := range payloads {
		payload := &payloads[i]
		if payload.Detail && !p.all {
			continue
		}
		p.printf("%s%s %s%s\n", title, mark(payload.Mark), cell(payload.Name), before(payload.Was))
		title = ""
		p.payload(payload)
	}
}

func (p *differencePrinter) payload(payload *diff.Payload) {
	const indent = "    "
	p.fact(indent, "stored", stored(payload))
	if !liesPlain(payload.Old) || !liesPlain(payload.New) {
		p.fact(indent, "final", final(payload))
	}
	if p.all {
		p.fact(indent, "sha256", aside(payload, func(s *diff.Stored) string { return s.SHA256 }))
	}
	switch {
	case payload.Repacked, payload.Old != nil && payload.New != nil && payload.Old.SHA256 == payload.New.SHA256:
		p.printf("%sthe content is the same\n", indent)
	case payload.Content != nil:
		p.content(indent, payload.Content)
	}
	p.notes(indent, payload.Notes)
}

// aside writes what is to be said of both sides, once where it is the same.
func aside(p *diff.Payload, say func(*diff.Stored) string) string {
	var sides []string
	for _, s := range []*diff.Stored{p.Old, p.New} {
		if s != nil {
			sides = append(sides, say(s))
		}
	}
	if len(sides) == 2 && sides[0] == sides[1] {
		sides = sides[:1]
	}
	return strings.Join(sides, " -> ")
}

// packing says how a payload lies in its bundle.
func packing(s *diff.Stored) string {
	var how []string
	if s.Compressed != "" {
		how = append(how, cell(s.Compressed))
	}
	if s.Encrypted {
		how = append(how, "encrypted")
	}
	if s.Unnamed {
		how = append(how, "named by no entry")
	}
	if len(how) == 0 {
		return ""
	}
	return " (" + strings.Join(how, ", ") + ")"
}

// stored says how large a payload is in its bundle.
func stored(p *diff.Payload) string {
	if p.Old != nil && p.New != nil && packing(p.Old) == packing(p.New) {
		return sizes(p.Old.Size, p.New.Size) + packing(p.New)
	}
	return aside(p, func(s *diff.Stored) string { return size(s.Size) + packing(s) })
}

// liesPlain tells whether a payload lies in its bundle as a device ends up with it.
func liesPlain(s *diff.Stored) bool {
	return s == nil || s.Compressed == "" && !s.Encrypted && s.Problem == ""
}

// final says how large a payload is when a device has opened it.
func final(p *diff.Payload) string {
	if p.Old != nil && p.New != nil && p.Old.Problem == "" && p.New.Problem == "" {
		return sizes(p.Old.FinalSize, p.New.FinalSize)
	}
	return aside(p, func(s *diff.Stored) string {
		if s.Problem != "" {
			return "unknown: " + cell(s.Problem)
		}
		return size(s.FinalSize)
	})
}

// fact prints one line of a small table.
func (p *differencePrinter) fact(indent, name, value string) {
	p.printf("%s%-8s  %s\n", indent, name, value)
}

// content prints what is different inside.
func (p *differencePrinter) content(indent string, c *diff.Content) {
	if b := c.Blocks; b != nil && (p.all || c.Image == nil && c.Zchunk == nil) {
		p.fact(indent, "blocks", blockWords(b))
	}
	if c.Download != nil {
		p.fact(indent, "delta", deltaWords(c.Download))
	}
	if c.Zchunk != nil {
		k := c.Zchunk.Chunks
		p.fact(indent, "chunks", fmt.Sprintf("%d -> %d: %d new (%s), %d gone (%s)", k.Old, k.New, k.Fresh, size(k.FreshLen), k.Gone, size(k.GoneLen)))
		p.changes(indent, p.shown(c.Zchunk.Changes))
		p.notes(indent, c.Zchunk.Notes)
	}
	if c.Image != nil {
		p.image(indent, c.Image)
	}
	p.files(indent, c.Files)
	p.notes(indent, c.Notes)
}

func (p *differencePrinter) image(indent string, img *diff.Image) {
	if img.Body != nil {
		p.fact(indent, "body", blockWords(img.Body))
	}
	p.changes(indent, p.shown(img.Changes))
	p.notes(indent, img.Notes)
}

// blockWords sums up blocks: "256 of 4 KiB: 255 the same, 1 new (4.0 KiB)".
func blockWords(b *diff.Blocks) string {
	parts := []string{fmt.Sprintf("%d the same", b.Same)}
	if b.Moved > 0 {
		parts = append(parts, fmt.Sprintf("%d from elsewhere", b.Moved))
	}
	parts = append(parts, fmt.Sprintf("%d new (%s)", b.Fresh, size(b.FreshLen)))
	if b.Gone > 0 {
		parts = append(parts, fmt.Sprintf("%d gone", b.Gone))
	}
	return fmt.Sprintf("%d of %d KiB: %s", b.New, b.Size>>10, strings.Join(parts, ", "))
}

// deltaWords says what a device would download.
func deltaWords(d *diff.Download) string {
	words := fmt.Sprintf("%s to download as a zchunk delta, %s in full", about(d.Exact && d.HeaderExact)+size(d.Total), size(d.Full))
	if d.TooLong {
		words += "; a request is too long, and the update fails: a smaller max-ranges helps"
	}
	return words
}

// files prints what files of a file system have bytes that the other has not.
func (p *differencePrinter) files(indent string, files []diff.ChangedFile) {
	for i, file := range files {
		if i == mostFiles && !p.all {
			p.printf("%s%21s  and %d more\n", indent, "", len(files)-i)
			return
		}
		p.printf("%s%10s %10s  %s\n", indent, signed("+", file.FreshLen), signed("-", file.GoneLen), cell(file.Name))
	}
}

// signed is a number of bytes that came or went, "" for none.
func signed(sign string, n int64) string {
	if n == 0 {
		return ""
	}
	return sign + size(n)
}

// sizes says how large something was and is. Where that reads the same, the bytes
// tell.
func sizes(was, is int64) string {
	switch before, after := size(was), size(is); {
	case was == is:
		return after
	case before == after:
		return fmt.Sprintf("%s (%+d bytes)", after, is-was)
	default:
		return before + " -> " + after
	}
}
