package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
)

// attributes is what fwpack fills into an entry of the sw-description.
type attributes struct {
	sha256     string
	compressed string // "" where fwpack does not compress
	ivt        string // "" where the payload is not encrypted
	property   string // "decompressed-size" or "decrypted-size", "" for neither
	size       int64  // its value: the bytes that the device ends up with
}

// describe returns the sw-description with all entries filled in. Before the
// payloads have been processed their digests are zero, and the result has the
// length that it will have, and nothing else, in common with the final one.
func (j *bundleJob) describe() ([]byte, error) {
	byName := map[string]attributes{}
	for _, entry := range j.plan.Entries {
		byName[entry.Name] = j.build.payloads[entry.Payload].attributes()
	}
	return fill(j.plan.Description, j.plan.Format, byName)
}

// checkDigests compares the digests that the author wrote with those of the
// processed payloads.
func (j *bundleJob) checkDigests() error {
	var problems diag.List
	for _, entry := range j.plan.Entries {
		job := j.build.payloads[entry.Payload]
		if got := job.attributes().sha256; entry.SHA256 != "" && entry.SHA256 != got {
			problems.AddHint(entry.SHA256Pos, "leave it out, it is filled in", "sha256 is not that of artifact %q, which is %s", job.plan.Artifact, got)
		}
	}
	return problems.Err()
}

func (j *payloadJob) attributes() attributes {
	a := attributes{sha256: hex.EncodeToString(j.result.SHA256[:]), size: j.plan.Size}
	if j.plan.compressed() {
		a.compressed, a.property = string(j.plan.Compress.Method), "decompressed-size"
	}
	if encrypt := j.spec.Encrypt; encrypt != nil {
		a.ivt = hex.EncodeToString(encrypt.IV[:])
		if a.compressed == "" && j.plan.Precompressed == "" {
			a.property = "decrypted-size"
		}
	}
	return a
}

// fill writes the attributes into every entry that names a payload. All else
// in the description stays byte for byte.
func fill(description []byte, format swdesc.Format, byName map[string]attributes) ([]byte, error) {
	doc, err := swdesc.ParseAs(description, format)
	if err != nil {
		return nil, err
	}
	for group, filename := range payloadGroups(doc) {
		name, ok := filename.Value().(*swdesc.String)
		if !ok {
			continue
		}
		attributes, ok := byName[name.Value()]
		if !ok {
			return nil, fmt.Errorf("internal error: %s names %q, which was not planned", group.Path(), name.Value())
		}
		if err := attributes.apply(group); err != nil {
			return nil, fmt.Errorf("filling in %s: %w", group.Path(), err)
		}
	}
	return doc.Bytes(), nil
}

// apply adds what is missing. What the author wrote was found to be true when
// the bundle was planned, and stays as it is written.
func (a attributes) apply(group *swdesc.Group) error {
	if err := setMissing(group, "sha256", a.sha256); err != nil {
		return err
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
	if a.property == "" {
		return nil
	}
	properties, err := group.EnsureGroup("properties")
	if err != nil {
		return err
	}
	return setMissing(properties, a.property, strconv.FormatInt(a.size, 10))
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
