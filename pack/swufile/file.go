package swufile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// File is a bundle that was read to its end.
type File struct {
	Name string

	Description *Part
	Signature   *Part     // nil where there is none
	CMS         *sign.CMS // the signature, where it is one; nil for a raw one
	Envelope    *Envelope // for whom the description is encrypted; nil where it is not, or with one key for all

	// Source is the description in clear, which is what a signature is over; the
	// description as it is stored where that is not known.
	Source []byte
	Doc    *swdesc.Document // nil where the description cannot be read
	// Unreadable says why Doc is nil: *SealedError, *OpenError, swdesc.SyntaxErrors,
	// *LargeError for more than 1.5 MiB, or that there is no description.
	Unreadable error

	Payloads []*Payload // in the order of the file
	// Problems are what is wrong with the archive: its order, names and sums. Each
	// has its place.
	Problems []string

	entries map[string][]Entry // what the description says, by name of the payload
}

// Part is the description or the signature as it lies in a bundle.
type Part struct {
	swu.Header
	Offset int64 // of Data in the bundle
	Data   []byte
}

// Payload is any other file of a bundle.
type Payload struct {
	swu.Header       // Sum is that of the data, whatever the bundle says
	Offset     int64 // of the data in the bundle
	// Summed says that the bundle has the sum of the data. A wrong one is among
	// the problems of the File.
	Summed bool
	// Entries are those that name the payload, in the order of the description. A
	// device passes over a payload that none names.
	Entries []Entry
	Packing payload.Packing // as the entries say, and the key where it is at hand
	// Unclear says why the entries do not tell how the payload is to be opened, as
	// where they contradict each other. It then is the Problem, too.
	Unclear error
	payload.Finding
}

// SHA256 is the digest of the payload as it lies in the bundle, in hex.
func (p *Payload) SHA256() string { return hex.EncodeToString(p.Stored.SHA256[:]) }

// Missing returns the names of payloads that the description names and the bundle
// does not hold, sorted.
func (f *File) Missing() []string {
	present := map[string]bool{}
	for _, p := range f.Payloads {
		present[p.Name] = true
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(f.entries)) {
		if !present[name] {
			missing = append(missing, name)
		}
	}
	return missing
}

// Mismatches says which payloads are other than described, or not there: in no
// device they can be installed.
func (f *File) Mismatches() []string {
	var problems []string
	for _, p := range f.Payloads {
		for i, e := range p.Entries {
			told := slices.ContainsFunc(p.Entries[:i], func(other Entry) bool { return other.SHA256 == e.SHA256 })
			if e.SHA256 != "" && e.SHA256 != p.SHA256() && !told {
				problems = append(problems, fmt.Sprintf("%s: sha256 is %s, but the description says %s", p.Name, p.SHA256(), e.SHA256))
			}
		}
	}
	for _, name := range f.Missing() {
		problems = append(problems, name+": the description names it, but it is not in the bundle")
	}
	return problems
}

// Archive is what the checks of a description know of the bundle around it.
func (f *File) Archive() *swupdate.Archive {
	a := &swupdate.Archive{Signature: f.signature(), Problems: slices.Clone(f.Problems)}
	for _, p := range f.Payloads {
		a.Entries = append(a.Entries, swupdate.Entry{Name: p.Name, Size: p.Size, SHA256: p.SHA256(), Unpacked: p.unpacked()})
	}
	return a
}

// signature counts what a client may object to.
func (f *File) signature() *swupdate.Signature {
	switch {
	case f.Signature == nil:
		return nil
	case f.CMS == nil:
		return &swupdate.Signature{Scheme: "raw"}
	}
	return &swupdate.Signature{
		Scheme: string(sign.SchemeCMS), Signers: len(f.CMS.Signers),
		Intermediates: max(0, len(f.CMS.Certificates)-len(f.CMS.Signers)),
	}
}

// unpacked is nil for what is not compressed, or cannot be looked into.
func (p *Payload) unpacked() *swupdate.Unpacked {
	if !decompresses(p.Packing.Compress) || errors.Is(p.Problem, payload.ErrSealed) || errors.Is(p.Problem, payload.ErrBudget) || p.Unpacked == nil && p.Problem == nil {
		return nil
	}
	u := &swupdate.Unpacked{Members: p.Members, Trailing: p.Trailing}
	if p.Unpacked != nil {
		u.Size = p.Unpacked.Size
	}
	if p.Problem != nil {
		u.Problem = p.Problem.Error()
	}
	return u
}

// decompresses tells whether a method is one that there is.
func decompresses(method payload.Compression) bool {
	return method != payload.None && new(payload.Compression).UnmarshalText([]byte(method)) == nil && method != "none"
}
