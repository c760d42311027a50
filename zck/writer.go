package zck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Create writes a zchunk file of src to dst and returns its header. What dst
// has got is complete where the error is nil, and to be thrown away otherwise. A
// source that can seek is read twice where nothing is compressed.
func Create(ctx context.Context, dst io.Writer, src io.Reader, opts Options) (*Header, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	if h, is, err := createPlain(ctx, dst, src, opts); is {
		return h, err
	}
	w, err := NewWriter(ctx, dst, opts)
	if err != nil {
		return nil, err
	}
	w.ReadFrom(src) // Close returns the same error
	if err := w.Close(); err != nil {
		return nil, err
	}
	return w.Header(), nil
}

// Index cuts what r reads and returns the header that SWUpdate's delta handler
// makes of what is installed: chunks that are not compressed, with their
// digests. It is byte for byte the one of zck -u --compression-format none. For
// jobs see Options.
func Index(ctx context.Context, r io.Reader, jobs int) (*Header, error) {
	opts := Options{Compression: None, Jobs: jobs}
	if err := opts.check(); err != nil {
		return nil, err
	}
	b, err := newBuilder(ctx, &opts, io.Discard)
	if err != nil {
		return nil, err
	}
	b.ReadFrom(r) // finish returns the same error
	return b.finish()
}

// Writer makes a zchunk file of what is written to it. The file is written by
// Close, since its header comes first and is known last; until then the body is
// in Options.Spool. A Writer needs memory for the blocks that are being
// compressed, 10 MiB for two jobs, and 120 bytes for each chunk.
type Writer struct {
	ctx    context.Context
	dst    io.Writer
	build  *builder
	spool  spool
	header *Header
	closed bool
}

// NewWriter returns a Writer that writes a file to dst. It must be closed,
// whatever happens; when ctx ends, so does its work.
func NewWriter(ctx context.Context, dst io.Writer, opts Options) (*Writer, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	w := &Writer{ctx: ctx, dst: dst, spool: spool{file: opts.Spool}}
	var err error
	if w.build, err = newBuilder(ctx, &opts, &w.spool); err != nil {
		return nil, err
	}
	return w, nil
}

var errClosed = errors.New("zck: the writer is closed")

// Write takes bytes of the image. Errors last.
func (w *Writer) Write(p []byte) (int, error) {
	if w.closed {
		return 0, errClosed
	}
	return w.build.Write(p)
}

// ReadFrom takes all that r reads. It is faster than Write, because nothing is
// copied.
func (w *Writer) ReadFrom(r io.Reader) (int64, error) {
	if w.closed {
		return 0, errClosed
	}
	return w.build.ReadFrom(r)
}

// Close writes the file. It does not close dst, nor the spool.
func (w *Writer) Close() error {
	if w.closed {
		return errClosed
	}
	w.closed = true
	h, err := w.build.finish()
	if err != nil {
		return err
	}
	data, err := h.Marshal()
	if err != nil {
		return err
	}
	if _, err := w.dst.Write(data); err != nil {
		return fmt.Errorf("zck: header: %w", err)
	}
	if err := w.spool.copyTo(w.ctx, w.dst, h.BodySize()); err != nil {
		return fmt.Errorf("zck: body: %w", err)
	}
	w.header = h
	return nil
}

// Header returns the header of the file, after a Close without error.
func (w *Writer) Header() *Header { return w.header }

// spool is the body while the header is not known.
type spool struct {
	file io.ReadWriteSeeker // nil: in memory
	mem  bytes.Buffer
}

// Write adds to the body.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil {
		return s.mem.Write(p)
	}
	return s.file.Write(p)
}

// copyPiece is how much is copied before a look at the context. Between files
// the system copies by itself.
const copyPiece = 64 << 20

// copyTo copies the body, which has size bytes.
func (s *spool) copyTo(ctx context.Context, dst io.Writer, size int64) error {
	if s.file == nil {
		_, err := s.mem.WriteTo(dst)
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return copyBody(ctx, dst, s.file, size)
}

// copyBody copies size bytes.
func copyBody(ctx context.Context, dst io.Writer, src io.Reader, size int64) error {
	for size > 0 {
		n, err := io.CopyN(dst, src, min(size, copyPiece))
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err := errors.Join(err, context.Cause(ctx)); err != nil {
			return err
		}
		size -= n
	}
	return nil
}
