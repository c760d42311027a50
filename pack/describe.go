package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// attributes is what fwpack fills into an entry of the sw-description.
type attributes struct {
	sha256     string
	compressed string // "" where fwpack does not compress
	ivt        string // "" where the payload is not encrypted
	aesKey     string // "" where the devices have the key
	property   string // "decompressed-size" or "decrypted-size", "" for neither
	size       int64  // its value: the bytes that the device ends up with
	packed     int64  // the bytes that lie in the archive
	tellPacked bool   // they are written as well

	handlers   func(section string) []string // of a delta: the first is the type where there is none
	properties [][2]string                   // of a delta, those with a value
	image      string                        // of a delta: the digest of the new image in hex
}

// addDelta adds what the entry of a delta tells its handler.
func (a *attributes) addDelta(d *Delta, digest string) {
	a.handlers, a.property = d.handlers, ""
	for _, p := range d.properties(digest) {
		if p[1] != "" {
			a.properties = append(a.properties, p)
		}
	}
}

// describe returns the sw-description with all entries filled in. Before the
// payloads have been processed their digests are zero, and the result has the
// length that it will have, and nothing else, in common with the final one. It is
// too long by some digits where the size of a compressed payload is told.
func (j *bundleJob) describe() ([]byte, error) {
	doc, _, err := j.plan.describe(knowledge{
		payload: func(index int) attributes { return j.build.payloads[index].attributes() },
		digest:  func(image string) string { return j.build.imageJobOf(image).digest() },
	})
	if err != nil {
		return nil, err
	}
	return doc.Bytes(), nil
}

// knowledge is what is known of payloads and images, sooner or later.
type knowledge struct {
	payload func(index int) attributes
	digest  func(image string) string // in hex
}

// describe returns the sw-description with all that is known of the payloads,
// and where its bytes come from; that is nil for a declared one, whose places
// are those of the Document that was declared.
func (b *PlannedBundle) describe(known knowledge) (*swdesc.Document, source, error) {
	description, places := b.Description, source(nil)
	if b.text != nil {
		filled, err := b.text.Fill(func(call template.Call) (string, error) {
			if call.Func == template.ImageDigest {
				return known.digest(call.Arg), nil
			}
			planned := b.calls[call.Start]
			return planned.answer(call.Func, known.payload(planned.payload)), nil
		})
		if err != nil {
			return nil, nil, err
		}
		description, places = filled.Bytes(), filled
	}
	doc, err := swdesc.ParseAs(description, b.Format)
	if err != nil {
		return nil, nil, err
	}
	if err := embed(doc, b.script); err != nil {
		return nil, nil, err
	}
	if err := b.guard(doc); err != nil {
		return nil, nil, err
	}
	return doc, places, b.fill(doc, known.payload)
}

// checkDigests compares the digests that the author wrote with those of the
// processed payloads. That of an image is known only when it is signed.
func (j *bundleJob) checkDigests() error {
	var problems diag.List
	for _, entry := range j.plan.Entries {
		job := j.build.payloads[entry.Payload]
		if job.of != nil && job.of.made == nil {
			continue
		}
		if got := job.attributes().sha256; entry.SHA256 != "" && entry.SHA256 != got {
			problems.AddHint(entry.SHA256Pos, "leave it out, it is filled in", "sha256 is not that of artifact %q, which is %s", job.plan.Artifact, got)
		}
	}
	return problems.Err()
}

func (j *payloadJob) attributes() attributes {
	ivt := ""
	if encrypt := j.spec.Encrypt; encrypt != nil {
		ivt = hex.EncodeToString(encrypt.IV[:])
	}
	plan := *j.plan
	if j.of != nil {
		plan.Size = j.imageSize()
	}
	packed, known := j.knownSize()
	if j.result.Size > 0 {
		packed = j.result.Size
	} else if !known {
		packed = plan.Size + plan.Size/64 + 64 // what compression adds at worst
	}
	a := plan.attributes(hex.EncodeToString(j.result.SHA256[:]), ivt, packed)
	if j.plan.Fresh {
		a.aesKey = j.spec.Encrypt.Key.Reveal()
	}
	if j.plan.Delta != nil {
		a.addDelta(j.plan.Delta, j.zckDigest)
		a.image = j.image
	}
	return a
}

// attributes puts together what an entry says of the payload.
func (p *PlannedPayload) attributes(sha256, ivt string, packed int64) attributes {
	a := attributes{sha256: sha256, ivt: ivt, size: p.Size, packed: packed}
	switch {
	case p.compressed():
		a.compressed, a.property = string(p.Compress.Method), "decompressed-size"
	case ivt != "" && p.Precompressed == "":
		a.property = "decrypted-size"
	}
	return a
}

// fill writes the attributes into every entry that names a payload. All else
// in the description stays byte for byte. The error is of the last entry that
// could not be filled in.
func (b *PlannedBundle) fill(doc *swdesc.Document, known func(payload int) attributes) error {
	byName := map[string]attributes{}
	for _, entry := range b.Entries {
		byName[entry.Name] = known(entry.Payload)
	}
	var last error
	for group, filename := range swufile.Groups(doc) {
		name, _ := filename.Value().(*swdesc.String)
		if name == nil {
			continue
		}
		attributes, ok := byName[name.Value()]
		attributes.tellPacked = b.tellsSize(group, attributes.packed)
		if !ok {
			last = fmt.Errorf("internal error: %s names %q, which was not planned", group.Path(), name.Value())
		} else if err := attributes.apply(group); err != nil {
			last = fmt.Errorf("filling in %s: %w", group.Path(), err)
		}
	}
	if err := fillReadbacks(doc, byName); err != nil {
		return err
	}
	return last
}

// tellsSize tells whether an entry gets a size: in a description that fwpack
// writes itself, where clients from 2024.12 on compare it and older ones do not
// look. In partitions it means something else, and JSON has no room for more than
// 31 bits (SWUpdate clamps them).
func (b *PlannedBundle) tellsSize(group *swdesc.Group, size int64) bool {
	return b.text == nil && !strings.Contains(group.Path(), ".partitions[") &&
		(b.Format == swdesc.Libconfig || size <= math.MaxInt32)
}

// apply adds what is missing. What the author wrote was found to be true when
// the bundle was planned, and stays as it is written.
func (a attributes) apply(group *swdesc.Group) error {
	if err := setMissing(group, "sha256", a.sha256); err != nil {
		return err
	}
	if a.tellPacked && group.Get("size") == nil {
		if err := group.SetInt("size", a.packed); err != nil {
			return err
		}
	}
	if err := setMissing(group, "compressed", a.compressed); err != nil {
		return err
	}
	if a.ivt != "" && group.Get("encrypted") == nil {
		if err := group.SetBool("encrypted", true); err != nil {
			return err
		}
	}
	if err := setMissing(group, "ivt", a.ivt); err != nil {
		return err
	}
	if err := setMissing(group, "aes-key", a.aesKey); err != nil {
		return err
	}
	return a.applyProperties(group)
}

// applyProperties adds the properties that are missing, and the handler that they
// are for.
func (a attributes) applyProperties(group *swdesc.Group) error {
	if a.handlers != nil {
		if err := setMissing(group, "type", a.handlers(sectionOf(group))[0]); err != nil {
			return err
		}
	}
	wanted := a.properties
	if a.property != "" {
		wanted = append(wanted, [2]string{a.property, strconv.FormatInt(a.size, 10)})
	}
	if len(wanted) == 0 {
		return nil
	}
	properties, err := group.EnsureGroup("properties")
	if err != nil {
		return err
	}
	for _, p := range wanted {
		if err := setMissing(properties, p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

func setMissing(group *swdesc.Group, name, value string) error {
	if value == "" || group.Get(name) != nil {
		return nil
	}
	return group.SetString(name, value)
}

func hexDigest(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
