package swufile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/template/swdesc"
)

const (
	// maxKept bounds the description and the signature, each in bytes, which are
	// kept in memory. A description that is encrypted for 1000 devices has 0.35 MB
	// more.
	maxKept = 16 << 20
	// maxText bounds a description in clear, in bytes: parsed it takes up to 110
	// times as much memory. A description with 1000 entries has 0.3 MB.
	maxText = 3 << 19
)

// Options say how a bundle is read. The zero Options look at everything that is
// not encrypted.
type Options struct {
	// Keys open what is encrypted; nil opens nothing.
	Keys *Keys
	// Clear is the description in clear, for whoever has it without a key.
	Clear []byte
	// Raw takes payloads as they lie in the bundle, neither decrypted nor
	// decompressed.
	Raw bool
	// Visit is called for each payload as it comes by, with what a device ends up
	// with. Entries and Packing of the Payload are known, and the size of its
	// Header; the rest when Read is done. Content that is not read is read after
	// the call. An error ends the walk.
	Visit func(p *Payload, content *payload.Opened) error
	// Budget bounds what comes out of all payloads together; nil is a fresh one.
	Budget *payload.Budget
	// Trusts is asked in front of the first payload whether the description is by
	// somebody who is trusted: then as much may come out as it says. Nil trusts
	// nobody.
	Trusts func(*File) bool
}

// Open reads the bundle at path. See Read.
func Open(ctx context.Context, path string, o Options) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return Read(ctx, path, file, o)
}

// Read reads the bundle in r to its end. The error, which calls the bundle name, is
// for what cannot be read at all, or a *LargeError.
func Read(ctx context.Context, name string, r io.Reader, o Options) (*File, error) {
	if o.Budget == nil {
		o.Budget = payload.NewBudget()
	}
	w := &walk{file: &File{Name: name, entries: map[string][]Entry{}}, options: o, archive: swu.NewReader(r)}
	w.archive.Report = func(problem *swu.FormatError) { w.file.Problems = append(w.file.Problems, problem.Error()) }
	if err := w.all(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return w.file, nil
}

// walk is one way through a bundle.
type walk struct {
	file    *File
	options Options
	archive *swu.Reader
}

func (w *walk) all(ctx context.Context) error {
	for {
		entry, err := w.archive.Next()
		if err == io.EOF {
			w.noDescription()
			return nil
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err == nil {
			err = w.entry(ctx, entry)
		}
		if err != nil {
			return err
		}
	}
}

// entry reads one entry. Of a description or a signature that is there twice a
// device takes the first.
func (w *walk) entry(ctx context.Context, entry *swu.Entry) error {
	switch {
	case entry.Name == swu.Description && w.file.Description == nil:
		return w.description(entry)
	case entry.Name == swu.Signature && w.file.Signature == nil:
		return w.signature(entry)
	}
	return w.payload(ctx, entry)
}

// LargeError says that a description or a signature is larger than any device takes.
type LargeError struct {
	Name      string
	Size, Max int64 // in bytes
}

// Error says how large it is.
func (e *LargeError) Error() string {
	return fmt.Sprintf("%s has %d bytes, and %d are read at most", e.Name, e.Size, e.Max)
}

// keep reads what is kept in memory.
func (w *walk) keep(entry *swu.Entry) (*Part, error) {
	if entry.Size > maxKept {
		return nil, &LargeError{entry.Name, entry.Size, maxKept}
	}
	data, err := io.ReadAll(w.archive)
	if err != nil {
		return nil, err
	}
	var sum swu.Sum
	sum.Write(data)
	return &Part{swu.Header{Name: entry.Name, Size: entry.Size, Sum: sum.Sum32()}, entry.Data, data}, nil
}

func (w *walk) description(entry *swu.Entry) (err error) {
	f := w.file
	if f.Description, err = w.keep(entry); err != nil {
		return err
	}
	f.Source = f.Description.Data
	if IsEncrypted(f.Source) {
		if f.Unreadable = f.unseal(w.options); f.Unreadable != nil {
			return nil
		}
	}
	if len(f.Source) > maxText {
		f.Unreadable = &LargeError{swu.Description, int64(len(f.Source)), maxText}
		return nil
	}
	if f.Doc, f.Unreadable = swdesc.ParseAny(f.Source); f.Unreadable != nil {
		f.Doc = nil
		return nil
	}
	for group, filename := range Groups(f.Doc) {
		if name, ok := filename.Value().(*swdesc.String); ok {
			f.entries[name.Value()] = append(f.entries[name.Value()], entryOf(group))
		}
	}
	return nil
}

// noDescription gives a bundle without one an empty one: the archive has been found
// at fault for that already.
func (w *walk) noDescription() {
	if f := w.file; f.Description == nil {
		f.Description, f.Unreadable = &Part{}, errors.New("there is none")
	}
}

func (w *walk) signature(entry *swu.Entry) (err error) {
	f := w.file
	if f.Signature, err = w.keep(entry); err != nil {
		return err
	}
	// A raw signature may begin with any byte, that of a CMS too.
	if cms, err := sign.ParseCMS(f.Signature.Data); err == nil {
		f.CMS = cms
	}
	return nil
}

func (w *walk) payload(ctx context.Context, entry *swu.Entry) error {
	p := &Payload{Header: swu.Header{Name: entry.Name, Size: entry.Size}, Offset: entry.Data, Summed: entry.Magic == crcMagic}
	p.Entries = w.file.entries[entry.Name]
	if len(w.file.Payloads) == 0 && w.options.Trusts != nil && w.options.Trusts(w.file) {
		w.options.Budget.Allow(w.file.declared())
	}
	w.file.Payloads = append(w.file.Payloads, p)
	var sum swu.Sum
	stored := w.open(p, io.TeeReader(w.archive, &sum))
	content := payload.Open(ctx, stored, p.Packing, w.options.Budget)
	var visited error
	if w.options.Visit != nil {
		visited = w.options.Visit(p, content)
	}
	var err error
	p.Finding, err = content.Finish()
	if p.Sum = sum.Sum32(); p.Unclear != nil {
		p.Problem = p.Unclear
	}
	if visited != nil {
		return visited
	}
	return err
}

// maxDeclared bounds what is believed of one payload, in bytes: the largest flash
// of a device.
const maxDeclared = 1 << 40

// declared is how large all payloads together are, as the description says, when a
// device has opened them.
func (f *File) declared() (total int64) {
	for _, entries := range f.entries {
		var most int64
		for _, e := range entries {
			most = max(most, e.DecompressedSize, e.DecryptedSize)
		}
		total += min(most, maxDeclared)
	}
	return min(total, maxDeclared)
}

// crcMagic is that of entries with a sum.
const crcMagic = "070702"
