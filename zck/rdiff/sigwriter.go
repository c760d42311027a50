package rdiff

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// sumBatch is about how many bytes of the base one goroutine sums up at a time.
const sumBatch = 1 << 20

// WriteSignature writes the signature of base, which is size bytes long or of
// UnknownSize, to dst: the bytes that `rdiff signature` 2.3.2 writes with the
// same options. A base of another size than announced is an error.
//
// Memory: about 3 MiB per job, or three times the block length where that is
// more.
func WriteSignature(ctx context.Context, dst io.Writer, base io.Reader, size int64, opts SignatureOptions) error {
	opts, err := opts.resolve(size)
	if err != nil {
		return err
	}
	if _, err := dst.Write(opts.header()); err != nil {
		return err
	}
	batches := batchReader{r: base, size: max(sumBatch/opts.BlockLength, 1) * opts.BlockLength}
	next := func() (func() ([]byte, error), error) {
		batch, err := batches.next()
		return func() ([]byte, error) { return opts.sums(batch), nil }, err
	}
	err = inOrder(ctx, jobCount(opts.Jobs), next, func(sums []byte) error {
		_, err := dst.Write(sums)
		return err
	})
	if err == nil && size >= 0 && batches.total != size {
		return fmt.Errorf("rdiff: the base has %d bytes where %d were announced", batches.total, size)
	}
	return err
}

// batchReader cuts a reader in batches.
type batchReader struct {
	r     io.Reader
	size  int
	total int64 // read so far
}

// next returns the next batch; only the last one is short, and none is empty.
func (b *batchReader) next() ([]byte, error) {
	batch := make([]byte, b.size)
	n, err := io.ReadFull(b.r, batch)
	b.total += int64(n)
	if err == io.ErrUnexpectedEOF {
		err = nil
	}
	return batch[:n], err
}

// sums returns the weak and strong sums of the blocks of p.
func (o SignatureOptions) sums(p []byte) []byte {
	out := make([]byte, 0, (len(p)/o.BlockLength+1)*(weakLength+o.StrongLength)+o.Magic.MaxStrong())
	weak := newWeakSum(o.Magic)
	for len(p) > 0 {
		block := p[:min(o.BlockLength, len(p))]
		p = p[len(block):]
		weak.reset()
		weak.update(block)
		out = binary.BigEndian.AppendUint32(out, weak.digest())
		end := len(out) + o.StrongLength
		out = o.Magic.appendStrong(out, block)[:end]
	}
	return out
}
