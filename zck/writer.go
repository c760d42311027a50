package zck

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// Create writes a zchunk file of src to dst. What dst has got is complete where
// the error is nil, and to be thrown away otherwise. The header is what the file
// begins with, and ReadHeader reads it there: with an Options.Spool, Create keeps
// nothing in memory that grows with the image. A source that can seek is read
// twice where nothing is compressed.
func Create(ctx context.Context, dst io.Writer, src io.Reader, opts Options) (Summary, error) {
	if err := opts.check(); err != nil {
		return Summary{}, err
	}
	if s, is, err := createPlain(ctx, dst, src, opts); is {
		return s, err
	}
	w, err := NewWriter(ctx, dst, opts)
	if err != nil {
		return Summary{}, err
	}
	w.ReadFrom(src) // Close returns the same error
	err = w.Close()
	return w.Summary(), err
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
	b, err := newBuilder(ctx, &opts, io.Discard, keepInHeader)
	if err != nil {
		return nil, err
	}
	b.ReadFrom(r) // finish returns the same error
	if err := b.finish(); err != nil {
		return nil, err
	}
	return b.header, nil
}

func keepInHeader(h *Header, chunks []Chunk) error {
	h.Chunks = append(h.Chunks, chunks...)
	return nil
}

// Writer makes a zchunk file of what is written to it. The file is written by
// Close, since its header comes first and is known last; until then the body and
// the index are in Options.Spool. A Writer needs memory for the blocks that are
// being compressed, 10 MiB for two jobs.
type Writer struct {
	ctx     context.Context
	dst     io.Writer
	build   *builder
	spool   spool
	summary Summary
	closed  bool
}

// NewWriter returns a Writer that writes a file to dst. It must be closed,
// whatever happens; when ctx ends, so does its work.
func NewWriter(ctx context.Context, dst io.Writer, opts Options) (*Writer, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	w := &Writer{ctx: ctx, dst: dst, spool: spool{file: opts.Spool}}
	var err error
	if w.build, err = newBuilder(ctx, &opts, &w.spool, w.spool.keep); err != nil {
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
	if err := w.build.finish(); err != nil {
		return err
	}
	summary, err := w.build.writeHeader(w.dst, &w.spool)
	if err != nil {
		return err
	}
	if err := w.spool.writeBody(w.ctx, w.dst); err != nil {
		return fmt.Errorf("zck: body: %w", err)
	}
	w.summary = summary
	return nil
}

// Summary returns what the header of the file says, after a Close without error.
func (w *Writer) Summary() Summary { return w.summary }

// writeHeader writes the header, whose entries are in a spool.
func (b *builder) writeHeader(dst io.Writer, entries *spool) (Summary, error) {
	if err := b.header.checkFields(b.totals.chunks); err != nil {
		return Summary{}, fmt.Errorf("zck: header: %w", err)
	}
	buffered := bufio.NewWriterSize(dst, indexPiece)
	digest, err := b.header.write(buffered, b.totals, entries.writeIndex)
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return Summary{}, fmt.Errorf("zck: header: %w", err)
	}
	return b.header.summary(b.totals, digest), nil
}
