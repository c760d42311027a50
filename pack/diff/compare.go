package diff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/zck"
)

// Input is a file that is compared. It is read several times.
type Input struct {
	Name string
	io.ReaderAt
	Size int64 // in bytes
}

func (in Input) reader() *io.SectionReader { return io.NewSectionReader(in, 0, in.Size) }

// Options say how files are compared.
type Options struct {
	Keys *swufile.Keys // of what is encrypted; nil for none
	Jobs int           // as for zck.Index
}

// KindError says that two files are not of one kind.
type KindError struct {
	Old, New         string // names
	OldKind, NewKind Kind
}

// Error names both kinds.
func (e *KindError) Error() string {
	return fmt.Sprintf("%s is %s, and %s is %s: two of one kind can be compared", e.Old, e.OldKind.some(), e.New, e.NewKind.some())
}

// some is the kind with its article.
func (k Kind) some() string {
	switch k {
	case KindBundle, KindImage:
		return "an " + k.String()
	case KindData:
		return k.String()
	}
	return "a " + k.String()
}

// side is one of the two files.
type side struct {
	Input
	File
	kind  Kind
	image *image           // of an image
	doc   *swdesc.Document // of a description
}

// Compare says what is different between two files. Files of two kinds are a
// *KindError; one that is damaged is an *imagefile.DamageError, *zck.FormatError or
// *swu.FormatError, or has what was found among the notes.
func Compare(ctx context.Context, old, new Input, o Options) (*Difference, error) {
	a, err := open(ctx, old, o)
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, new, o)
	if err != nil {
		return nil, err
	}
	if a.kind != b.kind {
		return nil, &KindError{a.Input.Name, b.Input.Name, a.kind, b.kind}
	}
	d := &Difference{Kind: b.kind, Old: a.File, New: b.File}
	if a.SHA256 == b.SHA256 {
		return d, nil
	}
	switch b.kind {
	case KindBundle:
		err = d.compareBundles(ctx, old, new, o)
	case KindDescription:
		d.descriptions(a.doc, b.doc)
	case KindImage, KindZchunk, KindData:
		err = d.contents(ctx, a, b, o)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

func open(ctx context.Context, in Input, o Options) (*side, error) {
	s := &side{Input: in}
	sum := sha256.New()
	size, err := io.Copy(sum, &stoppable{ctx, in.reader()})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	s.File = File{in.Name, size, hex.EncodeToString(sum.Sum(nil))}
	return s, s.recognise(o)
}

// archiveMagic begins every archive that SWUpdate reads: 070701 and 070702.
const archiveMagic = "07070"

// maxDescription is the largest description that is read, in bytes.
const maxDescription = 16 << 20

// recognise finds out what the file is. What begins like an image and is damaged is an
// error; what only might be one is data then.
func (s *side) recognise(o Options) error {
	head := make([]byte, min(s.Input.Size, imagefile.HeadSize))
	if _, err := io.ReadFull(s.reader(), head); err != nil {
		return fmt.Errorf("%s: %w", s.Input.Name, err)
	}
	s.kind = KindData
	switch {
	case len(head) >= len(archiveMagic) && string(head[:len(archiveMagic)]) == archiveMagic:
		s.kind = KindBundle
	case isZchunk(head):
		s.kind = KindZchunk
	case imagefile.Recognise(head):
		img, err := readImage(s.Input.Name, s.reader(), o.Keys)
		if err != nil && isImage(head) {
			return err
		}
		if s.image = img; err == nil {
			s.kind = KindImage
		}
	case s.Input.Size <= maxDescription:
		return s.tryDescription()
	}
	return nil
}

// tryDescription takes the file for a description if it can be read as one.
func (s *side) tryDescription() error {
	src, err := io.ReadAll(s.reader())
	if err != nil {
		return fmt.Errorf("%s: %w", s.Input.Name, err)
	}
	doc, err := swdesc.ParseAny(src)
	if err == nil && doc.Find("software") != nil {
		s.kind, s.doc = KindDescription, doc
	}
	return nil
}

// descriptions compares descriptions without their payloads, of which the digests are
// all that is known.
func (d *Difference) descriptions(old, new *swdesc.Document) {
	d.Description = Descriptions(old, new)
	for _, e := range d.Description.Entries {
		for i := range e.Settings {
			if e.Mark == Changed && e.Settings[i].Name == "sha256" {
				e.Settings[i].Detail = false
			}
		}
	}
	d.Different = d.Description.Matters()
	d.dropEmpty()
}

// dropEmpty leaves a description out in which nothing is different.
func (d *Difference) dropEmpty() {
	if d.Description != nil && d.Description.Empty() {
		d.Description = nil
	}
}

// contents compares files that are content themselves.
func (d *Difference) contents(ctx context.Context, old, new *side, o Options) error {
	was, err := old.content(ctx, o)
	if err != nil {
		return err
	}
	is, err := new.content(ctx, o)
	if err != nil {
		return err
	}
	d.Content = compareContents(was, is)
	d.Different = d.Content.matters()
	switch {
	case d.Kind == KindZchunk:
		d.Content.Download, err = downloadOfFile(was.header, is.header)
	case was.index != nil && is.index != nil:
		d.Content.Download, err = download(ctx, new.reader(), was.index, is.index, is.blocks.size)
	}
	if err != nil {
		d.Content.Notes = append(d.Content.Notes, err.Error())
	}
	if d.Kind == KindData {
		d.Content.files(old, new, was, is)
	}
	return context.Cause(ctx)
}

// content reads the whole file. What it is has been found out.
func (s *side) content(ctx context.Context, o Options) (*content, error) {
	rd := newReader(o)
	c, err := rd.read(ctx, s.reader())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Input.Name, err)
	}
	if s.kind == KindImage {
		c.image, c.index, c.notes = s.image, nil, nil
	}
	if s.kind == KindZchunk && c.header == nil {
		_, err := zck.ReadHeader(s.reader())
		return nil, fmt.Errorf("%s: %w", s.Input.Name, err)
	}
	return c, nil
}
