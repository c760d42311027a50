package diff

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	opened "github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
)

// bundle is a bundle that was read to its end.
type bundle struct {
	*swufile.File
	contents map[*swufile.Payload]*content // of payloads that could be opened
	puffed   map[*swufile.Payload]bool     // too much comes out of them
}

// readBundle reads a bundle. What comes out of both that are compared is bounded
// together.
func readBundle(ctx context.Context, in Input, o Options, budget *opened.Budget) (*bundle, error) {
	b := &bundle{contents: map[*swufile.Payload]*content{}, puffed: map[*swufile.Payload]bool{}}
	rd := newReader(o)
	var err error
	b.File, err = swufile.Read(ctx, in.Name, in.reader(), swufile.Options{
		Keys: o.Keys, Budget: budget,
		Visit: func(p *swufile.Payload, from *opened.Opened) error {
			c, err := rd.payload(ctx, from, p.Size)
			if err == nil {
				b.contents[p] = c
			}
			b.puffed[p] = err == errPuffed // what else cannot be read says so in the Finding
			return nil
		},
	})
	return b, err
}

// Bundles says what is different between two bundles that were read, without looking
// into their payloads.
func Bundles(old, new *swufile.File) *Difference {
	d := &Difference{Kind: KindBundle, Old: File{Name: old.Name}, New: File{Name: new.Name}}
	d.bundles(&bundle{File: old}, &bundle{File: new})
	return d
}

// bundles compares two bundles.
func (d *Difference) bundles(old, new *bundle) {
	versions, renamed := [2]string{}, map[string]string{}
	if old.Doc != nil && new.Doc != nil {
		versions = [2]string{versionOf(old.Doc), versionOf(new.Doc)}
		d.Description = Descriptions(old.Doc, new.Doc)
		renamed = d.Description.renamed()
	} else {
		d.sealed("old", old.File)
		d.sealed("new", new.File)
		d.archive("sw-description", digestOf(old.Source), digestOf(new.Source))
	}
	d.archive("encryption of sw-description", sealing(old.File), sealing(new.File))
	d.Signature = compareSignatures(signatureOf(old.File), signatureOf(new.File))
	d.problems(old.File, new.File)
	d.payloads(pairPayloads(old.payloads(), new.payloads(), renamed, versions))
	d.Different = d.Different || d.Description != nil && d.Description.Matters() || matter(d.Signature) || matter(d.Archive)
	d.dropEmpty()
}

// renamed tells by the new name of a file which name it had.
func (d *Description) renamed() map[string]string {
	names := map[string]string{}
	for _, e := range d.Entries {
		if e.Was != "" {
			names[e.Name] = e.Was
		}
	}
	return names
}

// sealed notes that a description could not be read.
func (d *Difference) sealed(which string, f *swufile.File) {
	if f.Doc == nil {
		d.Notes = append(d.Notes, fmt.Sprintf("%s: sw-description %v", which, f.Unreadable))
	}
}

func (d *Difference) archive(name, was, is string) {
	if c, different := change(name, was, is); different {
		d.Archive = append(d.Archive, c)
	}
}

// digestOf tells descriptions apart that cannot be read.
func digestOf(source []byte) string {
	return fmt.Sprintf("%d bytes, sha256 %x", len(source), sha256First(string(source)))
}

// sealing says how a description is encrypted, "" where it is not.
func sealing(f *swufile.File) string {
	switch {
	case f.Envelope != nil:
		recipients := slices.Sorted(slices.Values(f.Envelope.Recipients))
		return f.Envelope.Cipher + " for " + list(recipients, func(r string) string { return r })
	case swufile.IsEncrypted(f.Description.Data):
		return "with one key for all"
	}
	return ""
}

func signatureOf(f *swufile.File) signature {
	if f.Signature == nil {
		return signature{}
	}
	return signature{present: true, data: f.Signature.Data, cms: f.CMS}
}

// problems compares what is wrong with the bundles.
func (d *Difference) problems(old, new *swufile.File) {
	was, is := problemsOf(old), problemsOf(new)
	for _, problem := range is {
		if !slices.Contains(was, problem) {
			d.Archive = append(d.Archive, Change{Mark: Added, Name: "problem", New: problem})
		}
	}
	for _, problem := range was {
		if !slices.Contains(is, problem) {
			d.Archive = append(d.Archive, Change{Mark: Removed, Name: "problem", Old: problem})
		}
	}
}

// mostProblems is how many problems of a bundle are compared.
const mostProblems = 100

func problemsOf(f *swufile.File) []string {
	all := slices.Concat(f.Problems, f.Mismatches())
	return all[:min(len(all), mostProblems)]
}

// payloads are those of the bundle, in its order.
func (b *bundle) payloads() []*payload {
	var all []*payload
	for i, p := range b.Payloads {
		all = append(all, &payload{name: p.Name, at: i, content: b.contents[p], puffed: b.puffed[p], Stored: Stored{
			Size: p.Stored.Size, SHA256: p.SHA256(), Encrypted: p.Packing.Encrypted,
			Compressed: string(p.Packing.Compress), Unnamed: b.Doc != nil && len(p.Entries) == 0,
		}})
		all[i].finish(p)
	}
	return all
}

// finish notes what came out of the payload.
func (p *payload) finish(from *swufile.Payload) {
	if from.Unpacked != nil {
		p.FinalSize, p.FinalSHA256 = from.Unpacked.Size, hex.EncodeToString(from.Unpacked.SHA256[:])
	}
	if from.Problem != nil {
		p.Problem = from.Problem.Error()
	}
}

// compareBundles compares two bundles and what their payloads hold.
func (d *Difference) compareBundles(ctx context.Context, old, new Input, o Options) error {
	budget := opened.NewBudget()
	was, err := readBundle(ctx, old, o, budget)
	if err != nil {
		return err
	}
	is, err := readBundle(ctx, new, o, budget)
	if err != nil {
		return err
	}
	d.bundles(was, is)
	return d.downloads(ctx, new, o, budget)
}

// downloads tells for each payload that was changed what a delta of it would be. The
// new bundle is read once more, where it is worth it.
func (d *Difference) downloads(ctx context.Context, new Input, o Options, budget *opened.Budget) error {
	waiting := map[int]*Payload{} // by their place in the archive
	for i := range d.Payloads {
		p := &d.Payloads[i]
		if p.Content == nil {
			continue
		}
		switch was, is := p.pair.old.content, p.pair.new.content; {
		case was.header != nil && is.header != nil:
			p.Content.told(downloadOfFile(was.header, is.header))
		case was.index != nil && is.index != nil:
			waiting[p.pair.new.at] = p
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	at := -1
	_, err := swufile.Read(ctx, new.Name, new.reader(), swufile.Options{
		Keys: o.Keys, Budget: budget,
		Visit: func(stored *swufile.Payload, from *opened.Opened) error {
			at++
			if p := waiting[at]; p != nil {
				p.Content.told(download(ctx, from, p.pair.old.content.index, p.pair.new.content.index, stored.Size))
			}
			return nil
		},
	})
	return err
}

// told keeps what a delta would be, or why that cannot be said.
func (d *Content) told(download *Download, err error) {
	d.Download = download
	if err != nil {
		d.Notes = append(d.Notes, err.Error())
	}
}

// Lines says what is different between two bundles in lines of plain text, for somebody
// who is asked to sign the new one: details and signatures are left out.
func (d *Difference) Lines() []string {
	var lines []string
	for i := range d.Payloads {
		if p := &d.Payloads[i]; !p.Detail {
			lines = append(lines, p.line())
		}
	}
	if d.Description != nil {
		lines = append(lines, d.Description.Lines()...)
	}
	for _, c := range d.Archive {
		lines = append(lines, c.Line())
	}
	return lines
}

func (p *Payload) line() string {
	name := "payload " + p.Name
	if p.Was != "" {
		name += ", which was " + p.Was
	}
	switch {
	case p.Mark == Added:
		return fmt.Sprintf("%s: new, %d bytes", name, p.New.Size)
	case p.Mark == Removed:
		return name + ": gone"
	case *p.Old == *p.New:
		return name + ": the same content"
	case p.Repacked:
		return fmt.Sprintf("%s: the same content packed otherwise, %d bytes after %d", name, p.New.Size, p.Old.Size)
	}
	return fmt.Sprintf("%s: other content, %d bytes after %d", name, p.New.Size, p.Old.Size)
}
