package zck

import (
	"context"
	"hash"
	"io"
)

// Unpack writes the image in the zchunk file that is all of src to dst, and
// returns the file's header. Every digest and every size is checked, and chunks
// are written after that only; without uncompressed digests there is also one
// of the whole body, so that what is written is to be trusted where the error
// is nil. Errors are of type *FormatError, or those of src, dst and ctx. For
// jobs see Options.
func Unpack(ctx context.Context, dst io.Writer, src io.Reader, jobs int) (*Header, error) {
	h, err := ReadHeader(src)
	if err != nil {
		return nil, err
	}
	if h.Detached {
		return nil, errDetached
	}
	if err := newUnpacking(h, src).run(ctx, dst, jobs); err != nil {
		return nil, err
	}
	return h, nil
}

// Verify checks the zchunk file that is all of src, as Unpack does.
func Verify(ctx context.Context, src io.Reader, jobs int) (*Header, error) {
	return Unpack(ctx, io.Discard, src, jobs)
}

// batchSize is how much a worker is given, in raw bytes. A larger chunk is
// alone in its batch.
const batchSize = 1 << 20

// batch is some chunks that follow each other.
type batch struct {
	first  place
	chunks []Chunk
	stored []byte
	raw    []byte
}

// unpacking is the body of a file while it is read.
type unpacking struct {
	header *Header
	src    io.Reader
	at     place     // the next chunk
	sum    hash.Hash // of the body; nil where it has no digest
}

func newUnpacking(h *Header, src io.Reader) *unpacking {
	u := &unpacking{header: h, src: src, at: place{0, h.Len()}}
	if !h.Uncompressed {
		u.sum = h.Hash.new()
	}
	return u
}

// run reads the body.
func (u *unpacking) run(ctx context.Context, dst io.Writer, n int) error {
	dictionary, err := u.dictionary()
	if err != nil {
		return err
	}
	var workers []func(*batch) error
	for range jobs(n) {
		o, err := newOpener(u.header, dictionary)
		if err != nil {
			return err
		}
		defer o.close()
		workers = append(workers, o.openBatch)
	}
	batches := make([]*batch, len(workers)+2)
	for i := range batches {
		batches[i] = &batch{}
	}
	l := newLine(ctx, batches, workers, func(b *batch) error {
		_, err := dst.Write(b.raw)
		return err
	})
	if err := u.feed(l); err != nil {
		l.stop()
		return err
	}
	if err := l.finish(); err != nil {
		return err
	}
	return u.end()
}

// dictionary reads and decodes the dictionary, if there is one.
func (u *unpacking) dictionary() ([]byte, error) {
	stored := make([]byte, u.header.Dictionary.Stored)
	if err := u.read(stored); err != nil {
		return nil, err
	}
	return openDictionary(u.header, stored)
}

// read reads what is stored of the next chunk.
func (u *unpacking) read(stored []byte) error {
	n, err := io.ReadFull(u.src, stored)
	if err != nil {
		return readError(err, u.at, n)
	}
	if u.sum != nil {
		u.sum.Write(stored)
	}
	u.at.number++
	u.at.offset += int64(n)
	return nil
}

// feed gives the chunks to the workers.
func (u *unpacking) feed(l *line[*batch]) error {
	for left := u.header.Chunks; len(left) > 0; {
		b, err := l.take()
		if err != nil {
			return err
		}
		b.chunks, left = firstBatch(left)
		b.first, b.stored = u.at, b.stored[:0]
		for i := range b.chunks {
			if err := u.readInto(b, int(b.chunks[i].Stored)); err != nil {
				return err
			}
		}
		l.put(b)
	}
	return nil
}

func (u *unpacking) readInto(b *batch, n int) error {
	begin := len(b.stored)
	if cap(b.stored)-begin < n {
		b.stored = append(make([]byte, 0, max(begin+n, batchSize)), b.stored...)
	}
	b.stored = b.stored[:begin+n]
	return u.read(b.stored[begin:])
}

// firstBatch divides chunks into those of a batch and the rest.
func firstBatch(chunks []Chunk) (batch, rest []Chunk) {
	n, size := 1, chunks[0].Size
	for n < len(chunks) && size+chunks[n].Size <= batchSize {
		size += chunks[n].Size
		n++
	}
	return chunks[:n], chunks[n:]
}

// openBatch fills in the raw bytes of a batch.
func (o *opener) openBatch(b *batch) (err error) {
	room := openSlack
	for i := range b.chunks {
		room += int(b.chunks[i].Size)
	}
	if cap(b.raw) < room {
		b.raw = make([]byte, 0, max(room, batchSize+openSlack))
	}
	b.raw = b.raw[:0]
	at, stored := b.first, b.stored
	for i := range b.chunks {
		c := &b.chunks[i]
		if b.raw, err = o.open(b.raw, at, c, stored[:c.Stored]); err != nil {
			return err
		}
		stored = stored[c.Stored:]
		at = place{at.number + 1, at.offset + c.Stored}
	}
	return nil
}

// end looks at what stands behind the last chunk, and at the body's digest.
func (u *unpacking) end() error {
	var extra [1]byte
	switch n, err := io.ReadFull(u.src, extra[:]); {
	case n > 0:
		return wrong(u.at.offset, "body", "bytes behind the last chunk")
	case err != io.EOF:
		return err
	}
	if u.sum == nil {
		return nil
	}
	if got := u.header.Hash.digest(u.sum); got != u.header.DataDigest {
		return wrong(u.dataDigestOffset(), "data digest", "%s, the body has %s", u.header.DataDigest, got)
	}
	return nil
}

// dataDigestOffset is where the preface begins.
func (u *unpacking) dataDigestOffset() int64 {
	return u.header.Len() - int64(u.header.restLen(u.header.totals()))
}
