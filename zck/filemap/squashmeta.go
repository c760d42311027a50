package filemap

import "errors"

const (
	// metaSize is what a block of a table holds before it is compressed.
	metaSize = 8192
	// metaRaw is set in the length of a block that is not compressed.
	metaRaw = 0x8000
)

// metaBlock reads the block of a table at offset at into dst. It returns how
// many bytes there are and where the next block is.
func (x *squashFS) metaBlock(dst *[metaSize]byte, at int64, field string) (n int, next int64, err error) {
	var head [2]byte
	if err := x.read(head[:], at, field); err != nil {
		return 0, 0, err
	}
	length := int(le16(head[:], 0) &^ metaRaw)
	if length == 0 || length > metaSize || int64(length) > x.end-at-2 {
		return 0, 0, wrong(at, field, "a block of %d bytes, 1 to %d are allowed", length, min(metaSize, x.end-at-2))
	}
	next = at + 2 + int64(length)
	if le16(head[:], 0)&metaRaw != 0 {
		return length, next, x.read(dst[:length], at+2, field)
	}
	packed := make([]byte, length)
	if err := x.read(packed, at+2, field); err != nil {
		return 0, 0, err
	}
	n, err = x.unpack.unpack(dst[:], packed)
	if unsupported := (*UnsupportedError)(nil); errors.As(err, &unsupported) {
		return 0, 0, err
	}
	if err != nil || n == 0 {
		return 0, 0, wrong(at, field, "a block does not decompress to 1 to %d bytes: %v", metaSize, err)
	}
	return n, next, nil
}

// metaReader reads a table from front to back.
type metaReader struct {
	x     *squashFS
	field string
	end   int64 // of the table
	at    int64 // the current block
	next  int64 // the block behind it
	block [metaSize]byte
	size  int   // of the block, 0 before the first
	done  int   // bytes of the block that were read
	left  int64 // bytes of blocks that may be read yet
}

// newMetaReader returns a reader of the blocks from begin to end, for no more
// than limit bytes of content.
func (x *squashFS) newMetaReader(field string, begin, end uint64, limit int64) *metaReader {
	return &metaReader{x: x, field: field, at: int64(begin), next: int64(begin), end: int64(end), left: limit}
}

func (r *metaReader) wrong(format string, args ...any) error {
	return wrong(r.at, r.field, format, args...)
}

// fill reads the next block if the current one is used up.
func (r *metaReader) fill() error {
	if r.done < r.size {
		return nil
	}
	if r.next >= r.end {
		return r.wrong("the table ends too early")
	}
	r.at = r.next
	var err error
	r.size, r.next, err = r.x.metaBlock(&r.block, r.at, r.field)
	r.done = 0
	if r.left -= int64(r.size); r.left < 0 && err == nil {
		return r.wrong("the table is too large")
	}
	return err
}

// read fills buf.
func (r *metaReader) read(buf []byte) error {
	for len(buf) > 0 {
		if err := r.fill(); err != nil {
			return err
		}
		n := copy(buf, r.block[r.done:r.size])
		buf = buf[n:]
		r.done += n
	}
	return nil
}

// skip passes over n bytes.
func (r *metaReader) skip(n int64) error {
	var buf [256]byte
	for n > 0 {
		some := min(n, int64(len(buf)))
		if err := r.read(buf[:some]); err != nil {
			return err
		}
		n -= some
	}
	return nil
}

// seek goes to a place in a block. The current block is not read again.
func (r *metaReader) seek(block int64, offset int) error {
	if r.size == 0 || block != r.at {
		r.next, r.size, r.done = block, 0, 0
		if err := r.fill(); err != nil {
			return err
		}
	}
	if offset >= r.size {
		return r.wrong("place %d in a block of %d bytes", offset, r.size)
	}
	r.done = offset
	return nil
}
