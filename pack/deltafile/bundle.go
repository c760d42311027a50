package deltafile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/zck"
)

// maxDescription is the largest description that is read, in bytes.
const maxDescription = 16 << 20

// held is an entry of a bundle that holds an image, or the header of one.
type held struct {
	name       string
	handler    string
	compressed payload.Compression
	encrypted  bool
	data       *io.SectionReader
}

// openBundle opens the image in a bundle that is called entry, or the only one.
func (r *Release) openBundle(ctx context.Context, in *io.SectionReader, entry string) error {
	all, err := images(ctx, in)
	if err != nil {
		return err
	}
	image, err := choose(all, entry)
	if err != nil {
		return err
	}
	if err := r.openHeld(image); err != nil {
		return fmt.Errorf("%s: %w", image.name, err)
	}
	return nil
}

// choose picks the entry that is meant.
func choose(all []*held, entry string) (*held, error) {
	var names []string
	for _, h := range all {
		if h.name == entry {
			return h, nil
		}
		names = append(names, h.name)
	}
	switch {
	case len(all) == 0:
		return nil, errors.New("the bundle holds no image")
	case entry != "":
		return nil, fmt.Errorf("the bundle holds no image %q: there are %s", entry, strings.Join(names, ", "))
	case len(all) > 1:
		return nil, fmt.Errorf("the bundle holds %d images: FILE#NAME says which, and NAME is one of %s", len(all), strings.Join(names, ", "))
	}
	return all[0], nil
}

// images reads a bundle to its end and returns the images that it has.
func images(ctx context.Context, in *io.SectionReader) ([]*held, error) {
	r := swu.NewReader(io.NewSectionReader(in, 0, in.Size()))
	var described []*held
	for {
		entry, err := r.Next()
		if err == io.EOF {
			return slices.DeleteFunc(described, func(h *held) bool { return h.data == nil }), nil
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err == nil && entry.Name == swu.Description {
			described, err = readDescription(r, entry)
		}
		if err != nil {
			return nil, err
		}
		for _, h := range described {
			if h.name == entry.Name {
				h.data = io.NewSectionReader(in, entry.Data, entry.Size)
			}
		}
	}
}

// readDescription returns the images that a description names.
func readDescription(r io.Reader, entry *swu.Entry) ([]*held, error) {
	if entry.Size > maxDescription {
		return nil, fmt.Errorf("%s has %d bytes, and %d are read at most", entry.Name, entry.Size, maxDescription)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	doc, err := swdesc.ParseAny(text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read, or is encrypted: %w", entry.Name, err)
	}
	var all []*held
	for group := range doc.Groups() {
		h, ok := describedBy(group)
		if ok && !slices.ContainsFunc(all, func(other *held) bool { return other.name == h.name }) {
			all = append(all, h)
		}
	}
	return all, nil
}

// describedBy reads an entry of images, or one that the delta handler installs.
func describedBy(group *swdesc.Group) (*held, bool) {
	h := &held{}
	var named bool
	h.name, named, _ = group.GetString("filename")
	h.handler, _, _ = group.GetString("type")
	h.encrypted, _, _ = group.GetBool("encrypted")
	if setting := group.Get("compressed"); setting != nil {
		switch value := setting.Value().(type) {
		case *swdesc.String:
			h.compressed = payload.Compression(value.Value())
		case *swdesc.Bool:
			if value.Value() {
				h.compressed = payload.Zlib
			}
		}
	}
	return h, named && (h.handler == "delta" || strings.Contains(group.Path(), ".images["))
}

// openHeld opens what an entry holds.
func (r *Release) openHeld(h *held) error {
	switch {
	case h.encrypted:
		return errors.New("it is encrypted")
	case strings.HasPrefix(h.handler, "rdiff"):
		return errors.New("it is a patch, and the image is not there")
	case h.handler == "delta":
		return r.openHeader(h)
	case h.compressed == "" || h.compressed == payload.None:
		id, err := firstBytes(h.data)
		if err != nil {
			return err
		}
		return r.openPlain(h.data, id)
	}
	if err := new(payload.Compression).UnmarshalText([]byte(h.compressed)); err != nil {
		return err
	}
	r.Kind = Image
	r.unpack = func(ctx context.Context, w io.Writer, _ int) error {
		return decompress(ctx, w, h.compressed, h.data)
	}
	return nil
}

// openHeader reads the header that a bundle has for the delta handler.
func (r *Release) openHeader(h *held) error {
	in, err := payload.NewDecompressor(h.compressed, io.NewSectionReader(h.data, 0, h.data.Size()))
	if err != nil {
		return fmt.Errorf("%s: %w", h.compressed, err)
	}
	defer in.Close()
	header, err := zck.ReadHeader(bufio.NewReader(in))
	if err != nil {
		return err
	}
	r.Kind, r.header = Header, header
	return nil
}
