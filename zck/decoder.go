package zck

import (
	"bufio"
	"hash"
	"io"
	"math"
)

// decoder reads the fields of a header. After the first error, which it keeps,
// it reads nothing more and returns zeros.
type decoder struct {
	src  io.Reader
	r    io.ByteReader
	off  int64     // of the next byte in the file
	at   int64     // where the field that was read last begins
	left int64     // bytes up to the end that the header size announces
	sum  hash.Hash // of what is read; nil in the lead
	err  error
}

func newDecoder(src io.Reader) *decoder {
	return &decoder{src: src, r: oneByOne{src}, left: math.MaxInt64}
}

// oneByOne reads no byte more than it is asked for.
type oneByOne struct{ r io.Reader }

// ReadByte reads one byte.
func (o oneByOne) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(o.r, b[:])
	return b[0], err
}

// limit says that the header ends in n bytes, up to which it may be read in
// larger pieces.
func (d *decoder) limit(n int64) {
	d.left = n
	d.r = bufio.NewReaderSize(io.LimitReader(d.src, n), 16<<10)
}

// begin makes the next byte the place of the errors to come.
func (d *decoder) begin() { d.at = d.off }

// fail tells what is wrong with the field that was read last.
func (d *decoder) fail(field, format string, args ...any) {
	d.failAt(d.at, field, format, args...)
}

func (d *decoder) failAt(offset int64, field, format string, args ...any) {
	if d.err == nil {
		d.err = wrong(offset, field, format, args...)
	}
}

// byte reads a byte of field.
func (d *decoder) byte(field string) byte {
	if d.err != nil {
		return 0
	}
	if d.left == 0 {
		d.failAt(d.off, field, "behind the end that the header size announces")
		return 0
	}
	b, err := d.r.ReadByte()
	if err != nil {
		d.broken(field, err)
		return 0
	}
	d.off++
	d.left--
	return b
}

// broken keeps an error of the reader.
func (d *decoder) broken(field string, err error) {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		d.err = err
		return
	}
	d.failAt(d.off, field, "the file ends")
}

// bytes reads n bytes of field. The caller has bounded n.
func (d *decoder) bytes(field string, n int) []byte {
	d.begin()
	data := make([]byte, n)
	for i := range data {
		data[i] = d.byte(field)
	}
	d.add(data)
	return data
}

// add adds data to the sum.
func (d *decoder) add(data []byte) {
	if d.sum != nil {
		d.sum.Write(data)
	}
}

func (d *decoder) digest(field string, h Hash) Digest {
	return Digest(d.bytes(field, h.Size()))
}

func (d *decoder) hash(field string) Hash {
	id := d.compint(field, math.MaxInt32)
	h, known := hashOfID(id)
	if !known {
		d.fail(field, "%d; 0 to 3 are known", id)
	}
	return h
}

// compint reads an integer of field, of which at most limit is allowed.
func (d *decoder) compint(field string, limit int64) int64 {
	d.begin()
	var data [compintMax]byte
	n := 0
	for v := uint64(0); n < compintMax; n++ {
		data[n] = d.byte(field)
		group := uint64(data[n] & 0x7f)
		if n == compintMax-1 && group > 1 {
			break
		}
		v |= group << (7 * n)
		if data[n]&0x80 != 0 || d.err != nil {
			d.add(data[:n+1])
			return d.checked(field, v, limit, n > 0 && group == 0)
		}
	}
	d.fail(field, "an integer of more than 64 bits")
	return 0
}

// checked returns an integer that was read, if it is allowed.
func (d *decoder) checked(field string, v uint64, limit int64, padded bool) int64 {
	switch {
	case padded:
		d.fail(field, "an integer in more bytes than it needs")
	case v > uint64(limit):
		d.fail(field, "%d, at most %d is allowed", v, limit)
	}
	if d.err != nil {
		return 0
	}
	return int64(v)
}
