package swu

import (
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/cpio"
)

// Writer writes a bundle: WriteHeader begins an entry, Write supplies exactly
// Header.Size bytes of data, or Skip passes over data that is in place
// already, and Close ends the bundle. The order of entries, their names, sizes
// and sums are enforced.
//
// After an error every later call returns the same error, Close included: the
// bundle is then incomplete and to be thrown away.
type Writer struct {
	w       io.Writer
	order   order
	current Header
	left    int64 // bytes of the current entry still to come
	sum     Sum   // of the current entry's bytes so far
	offset  int64 // bytes since the begin of the bundle
	buf     []byte
	err     error
}

var (
	errClosed = errors.New("swu: the bundle is closed")
	zeros     [blockSize]byte // never written to
)

// NewWriter returns a Writer whose bundle begins at w's current position.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w}
}

// WriteHeader begins the entry h. The data of the entry before must be complete.
func (w *Writer) WriteHeader(h Header) error {
	if w.err != nil {
		return w.err
	}
	if err := w.finishEntry(); err != nil {
		return w.fail(err)
	}
	if err := w.order.check(h.Name); err != nil {
		return w.fail(fmt.Errorf("swu: %w", err))
	}
	if h.Size < 0 || h.Size > MaxSize {
		return w.fail(fmt.Errorf("swu: %q: size %d, allowed are 0 to %d bytes", h.Name, h.Size, int64(MaxSize)))
	}
	return w.fail(w.beginEntry(h))
}

// Write supplies data of the current entry. More bytes than the header
// announced are an error, and so are bytes with another sum.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if err := w.checkRoom(int64(len(p))); err != nil {
		return 0, w.fail(err)
	}
	n, err := w.write(p)
	w.left -= int64(n)
	w.sum.Write(p[:n])
	if err != nil {
		return n, w.fail(fmt.Errorf("swu: %q: %w", w.current.Name, err))
	}
	return n, nil
}

// Skip passes over the whole data of the current entry, which is in its place
// already: it was written there while it was compressed and hashed. The
// underlying writer must be an io.Seeker at the place where that data begins
// and reach at least to its end. The sum is taken from the header.
func (w *Writer) Skip() error {
	if w.err != nil {
		return w.err
	}
	if err := w.checkRoom(0); err != nil {
		return w.fail(err)
	}
	if w.left != w.current.Size {
		return w.fail(fmt.Errorf("swu: %q: skip after a write", w.current.Name))
	}
	if err := w.seekPast(w.left); err != nil {
		return w.fail(fmt.Errorf("swu: %q: skip: %w", w.current.Name, err))
	}
	w.offset += w.left
	w.left = 0
	w.sum = Sum{sum: w.current.Sum}
	return nil
}

// Close ends the bundle with the trailer and NUL bytes up to a multiple of 512.
// It does not close the underlying writer, and cuts off nothing that a file
// holds behind the bundle already.
func (w *Writer) Close() error {
	if w.err == errClosed {
		return nil
	}
	if w.err != nil {
		return w.err
	}
	if err := w.finishEntry(); err != nil {
		return w.fail(err)
	}
	if w.offset == 0 {
		return w.fail(fmt.Errorf("swu: bundle without %q", Description))
	}
	if err := w.writeTrailer(); err != nil {
		return w.fail(err)
	}
	w.err = errClosed
	return nil
}

// fail makes err, if any, the answer to every later call.
func (w *Writer) fail(err error) error {
	w.err = err
	return err
}

// write passes p on and keeps count of the bundle's length.
func (w *Writer) write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	w.offset += int64(n)
	return n, err
}

// checkRoom tells whether the current entry takes n more bytes.
func (w *Writer) checkRoom(n int64) error {
	switch h := w.current; {
	case h.Name == "":
		return errors.New("swu: data without a header")
	case n > w.left:
		return fmt.Errorf("swu: %q: more than %d bytes of data", h.Name, h.Size)
	}
	return nil
}

// beginEntry writes the header of h.
func (w *Writer) beginEntry(h Header) error {
	w.order.add(h.Name)
	head, err := cpio.AppendHeader(w.buf[:0], cpio.Header{
		Name:  h.Name,
		Inode: uint32(w.order.count),
		Size:  h.Size,
		Sum:   h.Sum,
	})
	if err != nil {
		return err
	}
	w.buf = head
	if _, err := w.write(head); err != nil {
		return fmt.Errorf("swu: %q: %w", h.Name, err)
	}
	w.current, w.left, w.sum = h, h.Size, Sum{}
	return nil
}

// finishEntry checks the current entry's data and pads it.
func (w *Writer) finishEntry() error {
	h := w.current
	if w.left > 0 {
		return fmt.Errorf("swu: %q: %d of %d bytes of data are missing", h.Name, w.left, h.Size)
	}
	if sum := w.sum.Sum32(); sum != h.Sum {
		return fmt.Errorf("swu: %q: sum of the data is %08x, the header says %08x", h.Name, sum, h.Sum)
	}
	w.current, w.sum = Header{}, Sum{}
	if _, err := w.write(zeros[:cpio.Padding(h.Size)]); err != nil {
		return fmt.Errorf("swu: %q: %w", h.Name, err)
	}
	return nil
}

// writeTrailer ends the archive.
func (w *Writer) writeTrailer() error {
	end, err := cpio.AppendTrailer(w.buf[:0])
	if err != nil {
		return err
	}
	fill := -(w.offset + int64(len(end))) & (blockSize - 1)
	if _, err := w.write(append(end, zeros[:fill]...)); err != nil {
		return fmt.Errorf("swu: %w", err)
	}
	return nil
}

// seekPast moves the underlying writer n bytes forward, over bytes that exist.
func (w *Writer) seekPast(n int64) error {
	seeker, ok := w.w.(io.Seeker)
	if !ok {
		return errors.New("the output cannot seek")
	}
	here, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if end-here < n {
		return fmt.Errorf("%d bytes of data are in place, the header says %d", max(end-here, 0), n)
	}
	_, err = seeker.Seek(here+n, io.SeekStart)
	return err
}
