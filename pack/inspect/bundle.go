package inspect

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Bundle is what a bundle holds: its entries in the order of the archive.
type Bundle struct {
	Entries []BundleEntry `json:"entries"`
	// Missing are names that the description has and the archive has not.
	Missing []string `json:"missing"`
}

// BundleEntry is a file of a bundle. Sizes are in bytes, digests SHA-256 in hex.
type BundleEntry struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset"` // of its data in the bundle
	Size   int64  `json:"size"`   // as it lies there
	SHA256 string `json:"sha256"` // likewise

	Compressed string   `json:"compressed,omitempty"` // as the description says
	Encrypted  bool     `json:"encrypted,omitempty"`  // as the description says
	Unpacked   *Content `json:"unpacked,omitempty"`   // what a device ends up with; absent where that could not be read
	// Installed says what the description does with it. A device passes over a file
	// that it does not name.
	Installed []Installation `json:"installed,omitempty"`
}

// Content is the size and digest of some bytes.
type Content struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Installation is a place in a description that names a file.
type Installation struct {
	Entry   string `json:"entry"` // "software.stable.copy1.images[0]"
	Type    string `json:"type,omitempty"`
	Device  string `json:"device,omitempty"`
	Volume  string `json:"volume,omitempty"`
	MTDName string `json:"mtdname,omitempty"`
	Path    string `json:"path,omitempty"`
	// Directly says that it is installed while the bundle is read.
	Directly bool `json:"installed_directly,omitempty"`
}

// bundle goes through a bundle. A description that only a key opens is no problem
// where none is given.
func (in *inspector) bundle(ins *Inspection, r io.Reader, depth int) {
	contents := map[*swufile.Payload]*Inspection{}
	f, err := swufile.Read(in.ctx, ins.Name, r, swufile.Options{
		Keys: in.opt.Keys, Budget: in.budget,
		Visit: func(p *swufile.Payload, content *payload.Opened) error {
			contents[p] = in.look(p.Name, content, depth+1)
			return nil
		},
	})
	if err != nil {
		ins.problemf("%s", strings.TrimPrefix(err.Error(), ins.Name+": "))
		return
	}
	ins.Problems = append(ins.Problems, f.Problems...)
	in.head(ins, f)
	ins.Bundle = &Bundle{Entries: heads(f), Missing: append([]string{}, f.Missing()...)}
	for _, p := range f.Payloads {
		ins.Bundle.Entries = append(ins.Bundle.Entries, entryOf(p))
		if p.Problem != nil && !errors.Is(p.Problem, payload.ErrSealed) && !errors.Is(p.Problem, payload.ErrBudget) {
			ins.problemf("%s: %v", p.Name, p.Problem)
			continue
		}
		if inner := contents[p]; p.Unpacked != nil && inner.Kind != KindData {
			inner.Size, inner.SHA256 = p.Unpacked.Size, hex.EncodeToString(p.Unpacked.SHA256[:])
			ins.Contents = append(ins.Contents, inner)
		}
	}
	slices.SortStableFunc(ins.Bundle.Entries, func(a, b BundleEntry) int { return cmp.Compare(a.Offset, b.Offset) })
	ins.Problems = append(ins.Problems, f.Mismatches()...)
}

// head looks at description and signature.
func (in *inspector) head(ins *Inspection, f *swufile.File) {
	ins.Envelope = f.Envelope
	var message []byte
	if f.Doc != nil {
		in.describe(ins, f.Doc)
		message = f.Source
	} else {
		unreadable(ins, f)
	}
	if f.Signature != nil {
		ins.Signature = in.signers(ins, f.Signature.Data, message)
	}
}

// unreadable says what is wrong with a description that cannot be read: nothing
// where it is for others to read.
func unreadable(ins *Inspection, f *swufile.File) {
	sealed, isSealed := errors.AsType[*swufile.SealedError](f.Unreadable)
	_, isShut := errors.AsType[*swufile.OpenError](f.Unreadable)
	switch {
	case isSealed && sealed.Envelope != nil:
	case isSealed || isShut:
		ins.problemf("%v", f.Unreadable)
	default:
		ins.problemLines(fmt.Sprintf("sw-description cannot be read as %s: ", swdesc.Detect(f.Source)), f.Unreadable)
	}
}

// heads are the entries of description and signature.
func heads(f *swufile.File) []BundleEntry {
	entries := []BundleEntry{}
	for _, part := range []*swufile.Part{f.Description, f.Signature} {
		if part != nil && part.Name != "" {
			entries = append(entries, BundleEntry{Name: part.Name, Offset: part.Offset, Size: part.Size, SHA256: digestOf(part.Data)})
		}
	}
	return entries
}

func entryOf(p *swufile.Payload) BundleEntry {
	entry := BundleEntry{Name: p.Name, Offset: p.Offset, Size: p.Size, SHA256: p.SHA256()}
	if len(p.Entries) > 0 {
		entry.Compressed, entry.Encrypted = string(p.Entries[0].Compressed), p.Entries[0].Encrypted
	}
	if p.Unpacked != nil {
		entry.Unpacked = &Content{p.Unpacked.Size, hex.EncodeToString(p.Unpacked.SHA256[:])}
	}
	for _, e := range p.Entries {
		text := func(name string) string {
			value, _, _ := e.Group.GetString(name)
			return value
		}
		entry.Installed = append(entry.Installed, Installation{
			Entry: e.Path, Type: e.Type, Device: text("device"), Volume: text("volume"), MTDName: text("mtdname"),
			Path: text("path"), Directly: e.InstalledDirectly,
		})
	}
	return entry
}
