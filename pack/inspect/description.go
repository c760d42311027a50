package inspect

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"sync"

	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/envelope"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Description is what a sw-description says.
type Description struct {
	Format  string `json:"format"` // libconfig or json
	Version string `json:"version"`
	Text    string `json:"description,omitempty"` // what it says in words
	// HardwareCompatibility is that of all boards.
	HardwareCompatibility []string `json:"hardware_compatibility"`
	Software              *Scope   `json:"software"`
}

// maxDescription bounds a description in bytes. 5 MB is the largest that was seen to
// work on a device.
const maxDescription = 8 << 20

// text looks at what may be a description or a file with an AES key.
func (in *inspector) text(ins *Inspection, r io.Reader, depth int) {
	ins.Kind = KindData
	if depth > 0 {
		in.innerText(ins, r, depth)
		return
	}
	data, err := io.ReadAll(io.LimitReader(r, maxDescription+1))
	if err != nil || in.aesKey(ins, data) {
		clear(data)
		return
	}
	if looksDescribing(data) {
		in.description(ins, data)
	}
}

// innerText reads no more of a payload than its begin, unless that is the begin of
// a description.
func (in *inspector) innerText(ins *Inspection, r io.Reader, depth int) {
	begin := make([]byte, headSize)
	n, _ := io.ReadFull(r, begin) // an error of reading the file comes again
	if !looksDescribing(begin[:n]) {
		return
	}
	data := in.hold(ins, io.MultiReader(bytes.NewReader(begin[:n]), r), maxDescription, depth)
	if data != nil {
		in.description(ins, data)
	}
}

// beginsDescription matches what a description begins with, behind white space and
// comments.
var beginsDescription = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\A(?:\s|#[^\n]*\n|//[^\n]*\n|/\*(?s:.*?)\*/)*(?:software\s*[=:]\s*\{|\{\s*"software"\s*:)`)
})

func looksDescribing(text []byte) bool { return beginsDescription().Match(text) }

func (in *inspector) description(ins *Inspection, text []byte) {
	ins.Kind = KindDescription
	doc, err := swdesc.ParseAny(text)
	if err != nil {
		ins.problemLines("cannot be read as "+swdesc.Detect(text).String()+": ", err)
		return
	}
	in.describe(ins, doc)
}

// describe notes what a description says.
func (in *inspector) describe(ins *Inspection, doc *swdesc.Document) {
	d := &Description{Format: doc.Format.String(), HardwareCompatibility: []string{}}
	s := &scopes{doc: doc, left: maxListed}
	d.Software = s.software()
	d.Version, d.Text = s.text("version"), s.text("description")
	for group := range doc.Groups() {
		for _, revision := range s.strings(group, "hardware-compatibility") {
			if !slices.Contains(d.HardwareCompatibility, revision) {
				d.HardwareCompatibility = append(d.HardwareCompatibility, revision)
			}
		}
	}
	if s.left <= 0 {
		ins.problemf("more than %d boards, selections and entries: the others are not listed", maxListed)
	}
	ins.Description = d
}

// envelope looks at a description that is encrypted for its readers.
func (in *inspector) envelope(ins *Inspection, der []byte) {
	ins.Kind = KindEnvelope
	ins.Envelope = &swufile.Envelope{Recipients: []string{}}
	recipients, err := envelope.Recipients(der)
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	ins.Envelope.Cipher, _ = envelope.Cipher(der) // it has just been parsed
	for i := range recipients {
		ins.Envelope.Recipients = append(ins.Envelope.Recipients, recipients[i].String()+" ("+recipients[i].Kind+")")
	}
	if in.opt.Keys == nil {
		return
	}
	text, err := in.opt.Keys.OpenDescription(der)
	if err != nil {
		ins.problemf("%v", err)
		return
	}
	ins.Envelope.Opened = true
	in.description(ins, text)
	ins.Kind = KindEnvelope
}
