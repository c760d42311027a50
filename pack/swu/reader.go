package swu

import (
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/cpio"
)

// Entry is one entry of a bundle as a Reader finds it.
type Entry struct {
	Header
	Magic  string // "070702", or "070701" where Sum means nothing and is not checked
	Offset int64  // of the entry's first byte in the bundle
	Data   int64  // of the first byte of its data
}

// FormatError says what is wrong with a bundle, and where. Errors of the
// underlying reader are none.
type FormatError struct {
	Offset int64  // in bytes from the begin of the bundle
	Field  string // the field of the format that stands there
	Msg    string
}

// Error formats e as "swu: offset 0x6e: field: message".
func (e *FormatError) Error() string {
	return fmt.Sprintf("swu: offset %#x: %s: %s", e.Offset, e.Field, e.Msg)
}

// Reader reads a bundle: Next goes to an entry, Read gives its data. It
// demands what a Writer guarantees, but also takes 070701 entries. The data of
// an entry is to be trusted, as far as a sum goes, when Read returned io.EOF or
// Next the next entry.
//
// A bundle may be hostile: a Reader keeps no more in memory than the names of
// at most MaxEntries entries.
type Reader struct {
	// Report makes the Reader go on where it can: it is told of each problem
	// that leaves the rest readable, such as a wrong sum, a forbidden or
	// repeated name, a wrong order, or bytes behind the end. Where Report is
	// nil the first problem is the error that ends the reading. Anything that
	// is to be installed or trusted needs that.
	Report func(*FormatError)

	r     *cpio.Reader
	order order
	err   error
}

// NewReader returns a Reader of the bundle that begins where r stands and is
// the rest of r.
func NewReader(r io.Reader) *Reader {
	reader := &Reader{r: cpio.NewReader(r)}
	reader.r.Tolerate = reader.tolerate
	return reader
}

// Next goes to the next entry. What is unread of the current one is read and
// its sum checked. It returns io.EOF after a complete bundle, and only then.
func (r *Reader) Next() (*Entry, error) {
	if r.err != nil {
		return nil, r.err
	}
	entry, err := r.next()
	r.err = err
	return entry, err
}

// Read reads data of the current entry, and returns io.EOF at its end.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = public(err)
		return n, r.err
	}
	return n, err
}

// next does Next's work without remembering errors.
func (r *Reader) next() (*Entry, error) {
	e, err := r.r.Next()
	if err == io.EOF && r.order.count == 0 {
		return nil, &FormatError{Field: "name", Msg: fmt.Sprintf("bundle without %q", Description)}
	}
	if err != nil {
		return nil, public(err)
	}
	if err := r.checkOrder(e); err != nil {
		return nil, err
	}
	r.order.add(e.Name)
	return &Entry{
		Header: Header{Name: e.Name, Size: e.Size, Sum: e.Sum},
		Magic:  e.Magic,
		Offset: e.Offset,
		Data:   e.Data,
	}, nil
}

// checkOrder judges the name of e in its place.
func (r *Reader) checkOrder(e cpio.Entry) error {
	err := r.order.check(e.Name)
	if err == nil {
		return nil
	}
	problem := &cpio.FormatError{Offset: e.Offset, Field: "name", Msg: err.Error()}
	if r.order.full() {
		return public(problem)
	}
	return r.tolerate(problem)
}

// tolerate hands a problem to Report, or makes it an error without one.
func (r *Reader) tolerate(problem *cpio.FormatError) error {
	if r.Report == nil {
		return (*FormatError)(problem)
	}
	r.Report((*FormatError)(problem))
	return nil
}

// public turns the codec's error into this package's.
func public(err error) error {
	if problem, ok := errors.AsType[*cpio.FormatError](err); ok {
		return (*FormatError)(problem)
	}
	return err
}
