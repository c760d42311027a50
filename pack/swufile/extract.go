package swufile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/internal/outdir"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
)

// ExtractOptions say what is taken out of a bundle.
type ExtractOptions struct {
	// Names are those of payloads, of the description and of the signature. None
	// stands for all.
	Names []string
	// Raw takes everything as it lies in the bundle: encrypted, compressed, damaged.
	Raw bool
	// Keys open what is encrypted; nil opens nothing.
	Keys *Keys
	// Force replaces files that are there.
	Force bool
	// Large takes out what decompresses to any size.
	Large bool
}

// Extracted is a file that was taken out.
type Extracted struct {
	Name   string `json:"name"` // in the bundle and in the folder
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// DamageError says that what should be taken out of a bundle is damaged.
type DamageError struct {
	File     string
	Problems []string // at least one, a line each
}

// Error lists the problems, one a line.
func (e *DamageError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = e.File + ": " + problem
	}
	return strings.Join(lines, "\n")
}

// Hint says how they are taken out nevertheless.
func (*DamageError) Hint() string { return "--raw takes things as they lie in the bundle" }

// Extract takes files out of the bundle in r and writes them to the folder dir, which
// is made if it is not there; nothing is ever written anywhere else. Payloads come
// decrypted and decompressed, the description decrypted, each under its name in the
// bundle, unless raw.
//
// All or nothing is written. A file that is there is an error unless forced, and so
// is a name that the bundle has not. Unless raw, the archive must be without fault,
// and each payload whole and the one that the description means; else the error is
// a *DamageError.
func Extract(ctx context.Context, name string, r io.Reader, dir string, o ExtractOptions) ([]Extracted, error) {
	out, err := outdir.Open(dir, o.Force)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	x := &extraction{ExtractOptions: o, dir: out}
	budget := payload.NewBudget()
	if o.Large {
		budget.Allow(maxDeclared)
	}
	f, err := Read(ctx, name, r, Options{Keys: o.Keys, Raw: o.Raw, Visit: x.visit, Budget: budget})
	if x.failed != nil {
		return nil, x.failed // about the folder, not the bundle
	}
	if err != nil {
		return nil, err
	}
	if err := x.missing(f); err != nil {
		return nil, err
	}
	if problems := x.problems(f); len(problems) > 0 && !o.Raw {
		return nil, &DamageError{name, problems}
	}
	if err := x.parts(f); err != nil {
		return nil, err
	}
	return x.list(), out.Commit()
}

// extraction is one run of Extract.
type extraction struct {
	ExtractOptions
	dir    *outdir.Dir
	taken  []*Payload
	text   []Extracted // description and signature
	failed error       // why something could not be written
}

func (x *extraction) wants(name string) bool {
	return len(x.Names) == 0 || slices.Contains(x.Names, name)
}

// visit writes a payload while it comes by. Whether it is good is known later.
func (x *extraction) visit(p *Payload, content *payload.Opened) error {
	if !x.wants(p.Name) {
		return nil
	}
	if err := swu.CheckName(p.Name); err != nil {
		return err
	}
	x.taken = append(x.taken, p)
	x.failed = x.write(p.Name, content)
	return x.failed
}

func (x *extraction) write(name string, content io.Reader) error {
	file, err := x.dir.Create(name)
	if err != nil {
		return err
	}
	w := &writer{w: file}
	io.Copy(w, content) // what is wrong with the payload is in its Finding
	return errors.Join(w.err, file.Close())
}

// writer keeps its errors apart from those of what is copied.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.err = err
	return n, err
}

// missing wants everything that is named to be there.
func (x *extraction) missing(f *File) error {
	var there []string
	for _, part := range []*Part{f.Description, f.Signature} {
		if part != nil && part.Name != "" {
			there = append(there, part.Name)
		}
	}
	for _, p := range f.Payloads {
		there = append(there, p.Name)
	}
	var list diag.List
	for _, name := range x.Names {
		if !slices.Contains(there, name) {
			list.AddHint(diag.Pos{File: f.Name}, diag.DidYouMean(name, there), "holds no %q", name)
		}
	}
	return list.Err()
}

// problems say why what was taken is not what a device would end up with.
func (x *extraction) problems(f *File) []string {
	problems := slices.Clone(f.Problems)
	if f.Unreadable != nil && (len(x.taken) > 0 || x.wants(swu.Description)) {
		return append(problems, fmt.Sprintf("sw-description: %v", f.Unreadable))
	}
	for _, p := range x.taken {
		if p.Problem != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", p.Name, p.Problem))
		}
		for _, e := range p.Entries {
			if e.SHA256 != "" && e.SHA256 != p.SHA256() {
				problems = append(problems, fmt.Sprintf("%s: sha256 is %s, but the description says %s", p.Name, p.SHA256(), e.SHA256))
				break
			}
		}
	}
	return problems
}

// parts writes description and signature.
func (x *extraction) parts(f *File) error {
	for _, part := range []*Part{f.Description, f.Signature} {
		if part == nil || part.Name == "" || !x.wants(part.Name) {
			continue
		}
		data := part.Data
		if part == f.Description && !x.Raw {
			data = f.Source
		}
		if err := x.write(part.Name, bytes.NewReader(data)); err != nil {
			return err
		}
		digest := sha256.Sum256(data)
		x.text = append(x.text, Extracted{part.Name, int64(len(data)), hex.EncodeToString(digest[:])})
	}
	return nil
}

// list says what was taken.
func (x *extraction) list() []Extracted {
	list := append([]Extracted{}, x.text...)
	for _, p := range x.taken {
		u := p.Finding.Unpacked // also where it was taken raw
		list = append(list, Extracted{p.Name, u.Size, hex.EncodeToString(u.SHA256[:])})
	}
	return list
}
