package deltafile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/zck"
)

// Kind is what a Release was found to be.
type Kind string

// The kinds of releases.
const (
	Image  Kind = "image"
	File   Kind = "zchunk file"
	Header Kind = "zchunk header"
)

// Release is an image as a person names it: by the image itself, by a zchunk file,
// by the header of one, or by a bundle that holds an image or a header.
type Release struct {
	Name string
	Kind Kind

	header *zck.Header       // nil of an image
	image  *io.SectionReader // nil where it is not at hand as it is
	unpack unpacker          // nil where there is nothing to unpack
	file   *os.File
	spool  *atomicfile.Spool
}

// unpacker writes the raw image.
type unpacker func(ctx context.Context, w io.Writer, jobs int) error

// OpenRelease opens what name is the name of: a file, or FILE.swu#ENTRY where the
// bundle holds more than one image. Files are told apart by their first bytes.
func OpenRelease(ctx context.Context, name string) (*Release, error) {
	path, entry := name, ""
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		if i := strings.LastIndexByte(name, '#'); i > 0 {
			path, entry = name[:i], name[i+1:]
		}
	}
	in, err := openSource(path)
	if err != nil {
		return nil, err
	}
	r := &Release{Name: name, file: in.file}
	if err := r.recognise(ctx, in.SectionReader, entry); err != nil {
		r.Close()
		return nil, inFile(path, err)
	}
	return r, nil
}

// Close gives up what was unpacked.
func (r *Release) Close() error {
	if r.spool != nil {
		r.spool.Close()
	}
	return r.file.Close()
}

// The first bytes of what is recognised.
var (
	zchunkID   = []byte("\x00ZCK1")
	detachedID = []byte("\x00ZHR1")
	bundleID   = []byte("07070")
)

func (r *Release) recognise(ctx context.Context, in *io.SectionReader, entry string) error {
	id, err := firstBytes(in)
	if err != nil {
		return err
	}
	switch {
	case bytes.Equal(id, bundleID):
		return r.openBundle(ctx, in, entry)
	case entry != "":
		return fmt.Errorf("it is no bundle, in which %q could be", entry)
	}
	return r.openPlain(in, id)
}

func firstBytes(in io.ReaderAt) ([]byte, error) {
	id := make([]byte, len(zchunkID))
	n, err := in.ReadAt(id, 0)
	if err == io.EOF {
		err = nil
	}
	return id[:n], err
}

// openPlain takes an image, a zchunk file or a header.
func (r *Release) openPlain(in *io.SectionReader, id []byte) error {
	if !bytes.Equal(id, zchunkID) && !bytes.Equal(id, detachedID) {
		r.Kind, r.image = Image, in
		return nil
	}
	h, err := zck.ReadHeader(io.NewSectionReader(in, 0, in.Size()))
	if err != nil {
		return err
	}
	r.Kind, r.header = File, h
	if h.Detached || in.Size() == h.Len() && len(h.Chunks) > 0 {
		r.Kind = Header
		return nil
	}
	r.unpack = func(ctx context.Context, w io.Writer, jobs int) error {
		_, err := zck.Unpack(ctx, w, io.NewSectionReader(in, 0, in.Size()), jobs)
		return err
	}
	return nil
}

// HasImage tells whether the image itself can be had, and not only digests.
func (r *Release) HasImage() bool { return r.image != nil || r.unpack != nil }

// Zchunk returns the header of the zchunk file that r is or was made from, nil
// where it is an image.
func (r *Release) Zchunk() *zck.Header { return r.header }

// Joined tells whether the chunks of a header are others than a device makes of
// the image: larger ones than it would cut.
func (r *Release) Joined() bool {
	if r.header == nil {
		return false
	}
	for i := range r.header.Chunks {
		if r.header.Chunks[i].Size > zck.ChunkMax {
			return true
		}
	}
	return false
}

// Installed returns what a device finds where the image of r is installed. Where
// the image is there it is cut as the device does; of a header, its own chunks
// have to do.
func (r *Release) Installed(ctx context.Context, jobs int) (*zck.Header, error) {
	var h *zck.Header
	var err error
	switch {
	case r.image != nil:
		h, err = zck.Index(ctx, io.NewSectionReader(r.image, 0, r.image.Size()), jobs)
	case r.unpack != nil:
		h, err = r.indexUnpacked(ctx, jobs)
	case !r.header.Uncompressed && r.header.Compression != zck.None:
		err = errors.New("it has no uncompressed digests: nobody can tell what is in the image")
	default:
		h = r.header
	}
	return h, inFile(r.Name, err)
}

// indexUnpacked cuts the image while it is unpacked.
func (r *Release) indexUnpacked(ctx context.Context, jobs int) (*zck.Header, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from, to := io.Pipe()
	go func() { to.CloseWithError(r.unpack(ctx, to, jobs)) }()
	h, err := zck.Index(ctx, from, jobs)
	from.Close() // ends the other side, if it has not ended
	return h, err
}

// Image returns the raw image, unpacked into the folder scratch if need be.
func (r *Release) Image(ctx context.Context, scratch string, jobs int) (*io.SectionReader, error) {
	if r.image != nil {
		return r.image, nil
	}
	if r.unpack == nil {
		return nil, inFile(r.Name, errors.New("it is a header, and the image is not there"))
	}
	spool, err := atomicfile.Stage(scratch)
	if err != nil {
		return nil, err
	}
	r.spool = spool
	if err := r.unpack(ctx, spool.File, jobs); err != nil {
		return nil, inFile(r.Name, err)
	}
	size, err := spool.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	r.image = io.NewSectionReader(spool, 0, size)
	return r.image, nil
}
