package zck

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// Reader gives single chunks of a file, in any order. It may be used by several
// goroutines. For a whole file Unpack is faster.
type Reader struct {
	src     io.ReaderAt
	header  *Header
	offsets []int64 // of the chunks in the file
	mu      sync.Mutex
	opener  *opener

	dictionary []byte
}

// NewReader returns a Reader of the file of size bytes that is src. It reads
// the header and the dictionary.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	h, err := ReadHeader(io.NewSectionReader(src, 0, size))
	if err != nil {
		return nil, err
	}
	if h.Detached {
		return nil, errDetached
	}
	if err := checkBody(h, size); err != nil {
		return nil, err
	}
	r := &Reader{src: src, header: h, offsets: h.Offsets()}
	stored, err := r.stored(&h.Dictionary, place{0, h.Len()})
	if err != nil {
		return nil, err
	}
	if r.dictionary, err = openDictionary(h, stored); err != nil {
		return nil, err
	}
	r.opener, err = newOpener(h, r.dictionary)
	if err != nil {
		return nil, err
	}
	return r, nil
}

var errDetached = &FormatError{Field: "id", Msg: fmt.Sprintf("%q is that of a header without its body", detachedID)}

// checkBody compares the size of a file with what its header announces.
func checkBody(h *Header, size int64) error {
	end := h.Len() + h.BodySize()
	if size < end {
		return wrong(size, "body", "the file ends, %d bytes too early", end-size)
	}
	if size > end {
		return wrong(end, "body", "%d bytes behind the last chunk", size-end)
	}
	return nil
}

// Header returns the file's header, which is not to be changed.
func (r *Reader) Header() *Header { return r.header }

// Dictionary returns the raw dictionary, nil where the file has none. It is not
// to be changed.
func (r *Reader) Dictionary() []byte { return r.dictionary }

// Chunk returns the raw bytes of chunk i of Header().Chunks. Its digests and its
// size have been checked.
func (r *Reader) Chunk(i int) ([]byte, error) {
	c, at := &r.header.Chunks[i], place{i + 1, r.offsets[i]}
	stored, err := r.stored(c, at)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opener.open(make([]byte, 0, c.Size+openSlack), at, c, stored)
}

// stored reads what is stored of a chunk.
func (r *Reader) stored(c *Chunk, at place) ([]byte, error) {
	data := make([]byte, c.Stored)
	n, err := r.src.ReadAt(data, at.offset)
	if n == len(data) {
		return data, nil
	}
	return nil, readError(err, at, n)
}

// readError is the error of a body that ended, or of its reader.
func readError(err error, at place, n int) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return wrong(at.offset+int64(n), "chunk "+strconv.Itoa(at.number), "the file ends")
	}
	return err
}
