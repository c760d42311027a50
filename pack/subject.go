package pack

import (
	"crypto/aes"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Subject is a sw-description with what is known around it: one that can be
// checked, and of which can be told what a device does with it.
type Subject struct {
	Bundle  string // its name in the project; "" for a file by itself
	File    string // the project, the .swu, or the description
	Doc     *swdesc.Document
	Draft   bool // payloads are not there yet
	Archive *swupdate.Archive
	Target  swupdate.Profile

	places  source
	missing []string // entries whose payload is not there: a size in Doc is a stand-in
	allow   []Allowance
	more    []Finding         // of what the description itself does not tell
	images  map[string]string // of deltas, by entry, where the project has them
}

// Pos is the place of a byte of the description.
func (s *Subject) Pos(offset int) diag.Pos { return s.places.Pos(offset) }

// Check returns what the description breaks, in the order of its text.
func (s *Subject) Check() []Finding {
	var findings []Finding
	for _, found := range lint.Check(lint.Subject{Doc: s.Doc, Draft: s.Draft, Archive: s.Archive}, s.Target) {
		findings = append(findings, s.finding(found))
	}
	return append(findings, s.more...)
}

func (s *Subject) finding(found lint.Finding) Finding {
	rule, _ := lint.Lookup(found.Rule)
	pos := s.Pos(found.Offset)
	return Finding{
		Rule: found.Rule, Name: rule.Name, Severity: found.Severity, Bundle: s.Bundle,
		File: pos.File, Line: pos.Line, Column: pos.Col, Path: found.Path,
		Message: found.Msg, Why: rule.Why, Hint: found.Hint, Allowed: s.allowed(rule),
	}
}

// allowed is the reason for which the project allows a rule to be broken, or "".
func (s *Subject) allowed(rule lint.Rule) string {
	for _, a := range s.allow {
		if a.Rule == rule.ID || a.Rule == rule.Name {
			return a.Reason
		}
	}
	return ""
}

// Predict tells what a device would do. Its Profile is that of the subject.
func (s *Subject) Predict(device predict.Device) predict.Prediction {
	device.Profile = s.Target
	p := predict.Predict(s.Doc, s.Archive, device)
	p.Space.Unpacked = slices.DeleteFunc(p.Space.Unpacked, func(size predict.Size) bool {
		return slices.Contains(s.missing, size.Filename)
	})
	return p
}

// subject is the planned bundle as far as it is known before its payloads are
// processed: stand-ins are in the place of digests and IVs, different ones for
// different payloads.
func (bp *bundlePlanner) subject(doc *swdesc.Document) *Subject {
	s := &Subject{
		Bundle: bp.bundle.Name, File: bp.plan.Template, Doc: doc, Draft: true,
		Target: bp.bundle.Target, places: bp.source, allow: bp.project.Check.Allow, more: bp.deltaFindings(),
		images: bp.deltaImages(),
	}
	if bp.whole() {
		s.Archive = bp.archive()
	}
	if bp.bundle.Cipher != nil {
		s.Target.EncryptedDescription = swupdate.Yes
	}
	for _, entry := range bp.plan.Entries {
		if bp.planner.plan.Payloads[entry.Payload].Size == unknownSize {
			s.missing = append(s.missing, entry.Name)
		}
	}
	if bp.plan.text == nil || !bp.whole() {
		embed(doc, bp.plan.script)
		bp.plan.fill(doc, bp.expected) // what could not be planned has been reported
		return s
	}
	filled, places, err := bp.plan.describe(knowledge{bp.expected, func(string) string { return noDigest }})
	if err != nil {
		bp.add(err)
		return s
	}
	s.Doc, s.places = filled, places
	return s
}

// expected is what an entry will say of a payload, as far as that is known.
func (bp *bundlePlanner) expected(index int) attributes {
	p := bp.planner.plan.Payloads[index]
	if p.Size == unknownSize {
		p.Size = 1 // any, but 0 and less have a meaning
	}
	digest := sha256.Sum256([]byte(p.Artifact + "\x00" + p.File))
	ivt := ""
	if p.Encrypt != "" {
		ivt = hex.EncodeToString(digest[:aes.BlockSize])
	}
	packed := p.packedSize()
	if packed == unknownSize {
		packed = max(1, p.Size)
	}
	a := p.attributes(hex.EncodeToString(digest[:]), ivt, packed)
	if p.Fresh {
		a.aesKey = a.sha256 // as long, and as different for different payloads
	}
	if p.Delta != nil {
		a.addDelta(p.Delta, a.sha256)
		a.image = a.sha256
	}
	return a
}

// archive is the container as far as it is known before it is written.
func (bp *bundlePlanner) archive() *swupdate.Archive {
	archive := &swupdate.Archive{}
	for _, entry := range bp.plan.Entries {
		size := bp.planner.plan.Payloads[entry.Payload].packedSize()
		archive.Entries = append(archive.Entries, swupdate.Entry{Name: entry.Name, Size: size, Extra: entry.Extra})
	}
	if len(bp.plan.Sign) > 0 {
		archive.Signature = bp.plannedSignature()
	}
	return archive
}

func (bp *bundlePlanner) plannedSignature() *swupdate.Signature {
	signature := &swupdate.Signature{Signers: len(bp.plan.Sign)}
	for _, name := range bp.plan.Sign {
		if key := bp.project.Keys[name]; key != nil {
			signature.Scheme = string(key.Scheme)
			signature.Intermediates += len(key.Chain)
		}
	}
	return signature
}
