package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Inspection is what a bundle says of itself. Nothing in it has been verified
// against a key.
type Inspection struct {
	Kind                  string               `json:"kind"` // "swu"
	Version               string               `json:"version"`
	HardwareCompatibility []string             `json:"hardware_compatibility"`
	Encrypted             *InspectedEnvelope   `json:"encrypted_description,omitempty"`
	Signature             *InspectedSignature  `json:"signature"` // nil where there is none
	Entries               []InspectedEntry     `json:"entries"`
	Problems              []string             `json:"problems"` // what a device would stumble over
	described             map[string]described // by file name
	open                  openFunc             // of an encrypted description; nil where nothing opens it
}

// InspectedEnvelope is how a description is encrypted.
type InspectedEnvelope struct {
	Cipher     string   `json:"cipher"` // "AES-256-CBC" and the like
	Recipients []string `json:"recipients"`
	Opened     bool     `json:"opened"` // the rest is known, as the key is at hand
}

// InspectedSignature is the second entry of a bundle.
type InspectedSignature struct {
	Kind    string            `json:"kind"` // "cms", or "raw" for what only a public key can tell more of
	Signers []InspectedSigner `json:"signers"`
}

// InspectedSigner is one signer as a CMS names it.
type InspectedSigner struct {
	Subject                string `json:"subject"`
	Algorithm              string `json:"algorithm"`
	Digest                 string `json:"digest"`
	Key                    string `json:"key"`
	KeyFingerprint         string `json:"key_fingerprint"`
	CertificateFingerprint string `json:"certificate_fingerprint"`
	SigningTime            string `json:"signing_time,omitempty"` // RFC 3339
}

// InspectedEntry is one entry of the archive.
type InspectedEntry struct {
	Name       string `json:"name"`
	Offset     int64  `json:"offset"` // of the data
	Size       int64  `json:"size"`
	SHA256     string `json:"sha256"`
	Compressed string `json:"compressed,omitempty"` // as the description says
	Encrypted  bool   `json:"encrypted,omitempty"`  // as the description says
}

// described is what a description says of a file.
type described struct {
	sha256     string
	compressed string
	encrypted  bool
}

const (
	// maxInspected bounds the description and the signature in memory. 5 MB is
	// the largest description that was seen to work on a device.
	maxInspected = 16 << 20
	// cmsTag begins every DER sequence, and so every CMS.
	cmsTag = 0x30
)

// Inspect reads the bundle in r to its end. The error is for what cannot be
// read at all; what can be read and is wrong is among the problems.
func Inspect(ctx context.Context, r io.Reader, decrypt Decrypt) (*Inspection, error) {
	open, err := decrypt.open()
	if err != nil {
		return nil, err
	}
	ins := &Inspection{
		Kind: "swu", HardwareCompatibility: []string{}, Entries: []InspectedEntry{}, Problems: []string{},
		described: map[string]described{}, open: open,
	}
	archive := swu.NewReader(r)
	archive.Report = func(problem *swu.FormatError) { ins.problemf("%v", problem) }
	for {
		entry, err := archive.Next()
		if err == io.EOF {
			ins.checkMissing()
			return ins, nil
		}
		if err != nil {
			return nil, err
		}
		if err := ins.entry(ctx, entry, archive); err != nil {
			return nil, err
		}
	}
}

func (ins *Inspection) problemf(format string, args ...any) {
	ins.Problems = append(ins.Problems, fmt.Sprintf(format, args...))
}

func (ins *Inspection) entry(ctx context.Context, entry *swu.Entry, data io.Reader) error {
	hash, head := sha256.New(), &prefix{}
	if err := copyAll(ctx, io.MultiWriter(hash, head), data); err != nil {
		return err
	}
	inspected := InspectedEntry{
		Name: entry.Name, Offset: entry.Data, Size: entry.Size, SHA256: hex.EncodeToString(hash.Sum(nil)),
	}
	switch entry.Name {
	case swu.Description:
		ins.description(head.Bytes())
	case swu.Signature:
		ins.signature(head.Bytes())
	default:
		ins.compare(&inspected)
	}
	ins.Entries = append(ins.Entries, inspected)
	return nil
}

// prefix keeps the first maxInspected bytes written to it.
type prefix struct{ bytes.Buffer }

func (p *prefix) Write(data []byte) (int, error) {
	p.Buffer.Write(data[:min(len(data), maxInspected-p.Len())])
	return len(data), nil
}

// description notes what the description says of the bundle and its files.
func (ins *Inspection) description(src []byte) {
	if ins.Encrypted = sealedFor(src); ins.open != nil && isEncrypted(src) {
		clear, err := ins.open(src)
		if err != nil {
			ins.problemf("sw-description: %v", err)
			return
		}
		src = clear
		if ins.Encrypted != nil {
			ins.Encrypted.Opened = true
		}
	} else if ins.Encrypted != nil {
		return // the rest is for those who can read it
	}
	doc, err := swdesc.ParseAny(src)
	if err != nil {
		ins.problemf("sw-description cannot be read as %s: %v", swdesc.Detect(src), err)
		return
	}
	ins.Version = versionOf(doc)
	ins.HardwareCompatibility = append(ins.HardwareCompatibility, hardwareOf(doc)...)
	for group, filename := range payloadGroups(doc) {
		if name, ok := filename.Value().(*swdesc.String); ok {
			ins.described[name.Value()] = describedBy(group)
		}
	}
}

func describedBy(group *swdesc.Group) described {
	var d described
	d.sha256, _, _ = group.GetString("sha256")
	d.encrypted, _, _ = group.GetBool("encrypted")
	if setting := group.Get("compressed"); setting != nil {
		if method, ok := compressionOf(setting); ok && method != "" {
			d.compressed = string(method)
		}
	}
	return d
}

// compare holds an entry against the description.
func (ins *Inspection) compare(entry *InspectedEntry) {
	d, ok := ins.described[entry.Name]
	if !ok {
		return // a file that no entry names is no problem: a device passes over it
	}
	entry.Compressed, entry.Encrypted = d.compressed, d.encrypted
	if d.sha256 != "" && !strings.EqualFold(d.sha256, entry.SHA256) {
		ins.problemf("%s: sha256 is %s, but the description says %s", entry.Name, entry.SHA256, d.sha256)
	}
}

// checkMissing reports the files that the description names and the archive
// does not hold.
func (ins *Inspection) checkMissing() {
	present := map[string]bool{}
	for _, entry := range ins.Entries {
		present[entry.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(ins.described)) {
		if !present[name] {
			ins.problemf("%s: the description names it, but it is not in the bundle", name)
		}
	}
}

// signature notes who says to have signed.
func (ins *Inspection) signature(data []byte) {
	ins.Signature = &InspectedSignature{Kind: "raw", Signers: []InspectedSigner{}}
	if len(data) == 0 || data[0] != cmsTag {
		return
	}
	cms, err := sign.ParseCMS(data)
	if err != nil {
		return // a raw signature may begin with any byte
	}
	ins.Signature.Kind = "cms"
	for _, signer := range cms.Signers {
		ins.Signature.Signers = append(ins.Signature.Signers, inspectedSigner(signer))
	}
	if cms.Trailing > 0 {
		ins.problemf("%s: %d bytes behind the CMS, which nothing signs", swu.Signature, cms.Trailing)
	}
}

func inspectedSigner(s sign.Signer) InspectedSigner {
	inspected := InspectedSigner{
		Subject: s.Subject, Algorithm: s.Algorithm, Digest: s.Digest, Key: s.Key,
		KeyFingerprint: s.KeyFingerprint, CertificateFingerprint: s.CertificateFingerprint,
	}
	if !s.SigningTime.IsZero() {
		inspected.SigningTime = s.SigningTime.UTC().Format("2006-01-02T15:04:05Z")
	}
	return inspected
}
