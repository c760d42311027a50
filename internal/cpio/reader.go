package cpio

import (
	"errors"
	"fmt"
	"io"
)

const (
	// skipBuffer is how much of an unwanted entry is read at a time, in bytes.
	skipBuffer = 64 << 10
	// maxTail is how many NUL bytes may follow the trailer. GNU cpio pads to
	// 512, or to 5120 with -B; SWUpdate 2026.05 warns of more than 512.
	maxTail = 64 << 10
)

// Entry is one file of an archive as a Reader finds it.
type Entry struct {
	Magic  string // MagicNewc or MagicCRC
	Name   string
	Size   int64  // bytes of data
	Sum    uint32 // the check field, which means nothing in a MagicNewc entry
	Offset int64  // of the magic, in bytes from where reading began
	Data   int64  // of the first byte of data, likewise
}

// Reader reads an archive from its beginning to its end: Next goes to an
// entry, Read gives its data. It is strict where GNU cpio guesses, and never
// allocates by what a header claims. Every error is final and says where.
type Reader struct {
	// Tolerate is asked about each flaw that leaves the rest readable: a wrong
	// sum, the mode of a folder or a link, padding that is not NUL, bytes after
	// the archive's end. Reading goes
	// on where it returns nil, and ends with its error otherwise. A nil
	// Tolerate tolerates nothing.
	Tolerate func(*FormatError) error

	r      io.Reader
	offset int64
	entry  Entry
	left   int64  // bytes of data still to be read
	sum    uint32 // of those that were
	summed bool   // the sum was compared
	err    error
	buf    []byte
}

// NewReader returns a Reader of the archive that begins where r stands. The
// archive must be the rest of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: r, summed: true}
}

// Next goes to the next entry, past what is unread of the current one, whose
// sum is checked all the same. It returns io.EOF after the trailer and the
// padding behind it, and only then.
func (r *Reader) Next() (Entry, error) {
	if r.err != nil {
		return Entry{}, r.err
	}
	entry, err := r.next()
	if err != nil {
		r.err = err
		r.left = 0
		return Entry{}, err
	}
	r.entry, r.left, r.sum, r.summed = entry, entry.Size, 0, false
	return entry, nil
}

// Read reads data of the current entry, and returns io.EOF at its end. A wrong
// sum shows only there: what was read before is not to be relied on.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		if r.err = r.checkSum(); r.err != nil {
			return 0, r.err
		}
		return 0, io.EOF
	}
	n, err := r.readData(p)
	r.err = err
	return n, err
}

// next does Next's work without remembering errors.
func (r *Reader) next() (Entry, error) {
	if err := r.finishData(); err != nil {
		return Entry{}, err
	}
	entry, err := r.readHeader()
	if err != nil {
		return Entry{}, err
	}
	if entry.Name != TrailerName {
		return entry, nil
	}
	if entry.Size != 0 {
		return Entry{}, errorAt(entry.Offset, "filesize", "the trailer claims %d bytes of data", entry.Size)
	}
	r.entry, r.sum, r.summed = entry, 0, false
	if err := r.checkSum(); err != nil {
		return Entry{}, err
	}
	if err := r.readTail(); err != nil {
		return Entry{}, err
	}
	return Entry{}, io.EOF
}

// readData reads up to the end of the current entry's data.
func (r *Reader) readData(p []byte) (int, error) {
	n, err := r.r.Read(p[:min(int64(len(p)), r.left)])
	r.offset += int64(n)
	r.left -= int64(n)
	if r.entry.Magic == MagicCRC {
		r.sum = AddSum(r.sum, p[:n])
	}
	if r.left == 0 {
		return n, r.checkSum()
	}
	if err != nil {
		return n, r.readError("data", err)
	}
	return n, nil
}

// checkSum compares the sum of the data with the header's, once.
func (r *Reader) checkSum() error {
	if r.summed {
		return nil
	}
	r.summed = true
	if e := r.entry; e.Magic == MagicCRC && e.Sum != r.sum {
		return r.flaw(errorAt(e.Offset, "check", "%q: the data adds up to %08x, the header says %08x", e.Name, r.sum, e.Sum))
	}
	return nil
}

// finishData reads what is left of the current entry's data, and its padding.
func (r *Reader) finishData() error {
	if r.left > 0 && r.buf == nil {
		r.buf = make([]byte, skipBuffer)
	}
	for r.left > 0 {
		if _, err := r.readData(r.buf); err != nil {
			return err
		}
	}
	if err := r.checkSum(); err != nil {
		return err
	}
	var padding [alignment]byte
	p := padding[:Padding(r.entry.Size)]
	start := r.offset
	if err := r.readFull(p, "padding"); err != nil {
		return err
	}
	return r.wantZeros(p, start, "padding")
}

// readTail reads what follows the trailer up to the end of the file.
func (r *Reader) readTail() error {
	tail := io.LimitReader(r.r, maxTail+1)
	buf := make([]byte, 4096)
	for start := r.offset; ; {
		at := r.offset
		n, err := tail.Read(buf)
		r.offset += int64(n)
		if i := firstNonZero(buf[:n]); i >= 0 {
			return r.flaw(errorAt(at+int64(i), "end", "data after the trailer"))
		}
		if r.offset-start > maxTail {
			return r.flaw(errorAt(start, "end", "more than %d bytes of padding after the trailer", maxTail))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return r.readError("end", err)
		}
	}
}

// readFull fills p, which belongs to field.
func (r *Reader) readFull(p []byte, field string) error {
	n, err := io.ReadFull(r.r, p)
	r.offset += int64(n)
	if err != nil {
		return r.readError(field, err)
	}
	return nil
}

// readError says that r.offset could not be passed. An end of the file is the
// archive's flaw, anything else the file's.
func (r *Reader) readError(field string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errorAt(r.offset, field, "the file ends here, before the trailer")
	}
	return fmt.Errorf("cpio: offset %#x: %s: %w", r.offset, field, err)
}

// wantZeros reports the first byte of p, read at offset, that is not NUL.
func (r *Reader) wantZeros(p []byte, offset int64, field string) error {
	if i := firstNonZero(p); i >= 0 {
		return r.flaw(errorAt(offset+int64(i), field, "byte %#02x, it must be NUL", p[i]))
	}
	return nil
}

// flaw asks whether reading may go on in spite of err.
func (r *Reader) flaw(err *FormatError) error {
	if r.Tolerate == nil {
		return err
	}
	return r.Tolerate(err)
}

func firstNonZero(p []byte) int {
	for i, b := range p {
		if b != 0 {
			return i
		}
	}
	return -1
}
