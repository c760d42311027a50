package zck

import (
	"context"
	"fmt"
	"hash"
	"io"
)

// Sizes of blocks, the pieces of the input that workers are given. Chunks are
// joined inside a block only, so that the same chunks are joined whatever the
// number of workers is; therefore blocks are large then.
const (
	blockSize     = 1 << 20
	joinBlockSize = 4 << 20
	joinLimit     = 1 << 20 // the largest chunk that is joined
)

// block is a piece of the input that ends where a chunk ends, and what becomes
// of it.
type block struct {
	raw     []byte // its first fill bytes are input
	fill    int
	scanned int    // bytes the chunker has seen
	begun   int    // where the chunk begins that has not ended; the rest is in cuts
	cuts    []int  // sizes of the chunks
	stored  []byte // what is stored of the chunks, with compression
	plain   []byte // the same without compression
	chunks  []Chunk
}

// body returns what is stored of the block.
func (b *block) body() []byte {
	if b.plain != nil {
		return b.plain
	}
	return b.stored
}

// reset makes b a block that begins with data.
func (b *block) reset(data []byte) {
	b.fill = copy(b.raw, data)
	b.scanned, b.begun, b.cuts, b.plain = b.fill, 0, b.cuts[:0], nil
}

// cut ends a chunk at what is scanned.
func (b *block) cut() {
	b.cuts = append(b.cuts, b.scanned-b.begun)
	b.begun = b.scanned
}

// builder makes a header of what is written to it. The body and the chunks it
// passes on.
type builder struct {
	header  *Header
	totals  totals
	body    io.Writer
	keep    func(*Header, []Chunk) error
	size    int       // of blocks
	sum     hash.Hash // of the body; nil with uncompressed digests
	chunker Chunker
	block   *block
	line    *line[*block]
	err     error
}

// newBuilder starts the workers. Chunks are kept by keep, which is given the header
// that they belong to.
func newBuilder(ctx context.Context, opts *Options, body io.Writer, keep func(*Header, []Chunk) error) (*builder, error) {
	b := &builder{header: opts.header(), body: body, keep: keep, size: blockSize}
	if len(opts.Bases) > 0 {
		b.size = joinBlockSize
	}
	if opts.StoredOnly {
		b.sum = opts.Hash.new()
	}
	workers, err := packers(opts)
	if err != nil {
		return nil, err
	}
	if err := b.dictionary(opts); err != nil {
		return nil, err
	}
	blocks := make([]*block, len(workers)+2)
	for i := range blocks {
		blocks[i] = &block{}
	}
	b.line = newLine(ctx, blocks, workers, b.deliver)
	b.block, b.err = b.take()
	return b, nil
}

// take returns a block to fill.
func (b *builder) take() (*block, error) {
	next, err := b.line.take()
	if err == nil && next.raw == nil {
		next.raw = make([]byte, b.size)
	}
	return next, err
}

func packers(opts *Options) (workers []func(*block) error, err error) {
	bases := knownOf(opts.Bases)
	for range jobs(opts.Jobs) {
		p, err := newPacker(opts, bases)
		if err != nil {
			return nil, err
		}
		workers = append(workers, p.pack)
	}
	return workers, nil
}

// dictionary stores the dictionary, as a chunk that is compressed without one.
func (b *builder) dictionary(opts *Options) error {
	if len(opts.Dictionary) == 0 {
		return nil
	}
	p, err := newPacker(&Options{Level: opts.Level, ChunkHash: opts.ChunkHash, StoredOnly: true}, nil)
	if err != nil {
		return err
	}
	var alone block
	b.header.Dictionary = p.chunk(&alone, opts.Dictionary)
	if !opts.StoredOnly {
		// libzck up to 1.5 stores this digest of nothing.
		b.header.Dictionary.RawDigest = opts.ChunkHash.of(nil)
	}
	return b.store(alone.stored)
}

// store writes to the body.
func (b *builder) store(data []byte) error {
	if b.sum != nil {
		b.sum.Write(data)
	}
	if _, err := b.body.Write(data); err != nil {
		return fmt.Errorf("zck: body: %w", err)
	}
	return nil
}

// deliver takes the blocks in order.
func (b *builder) deliver(done *block) error {
	for i := range done.chunks {
		b.totals.add(b.header, &done.chunks[i])
	}
	if b.totals.chunks > MaxChunks {
		return fmt.Errorf("zck: more than %d chunks", MaxChunks)
	}
	if err := b.keep(b.header, done.chunks); err != nil {
		return err
	}
	return b.store(done.body())
}

// Write takes input.
func (b *builder) Write(p []byte) (n int, err error) {
	for n < len(p) && b.err == nil {
		added := copy(b.block.raw[b.block.fill:], p[n:])
		n += added
		b.add(added)
	}
	return n, b.err
}

// ReadFrom takes input up to its end.
func (b *builder) ReadFrom(r io.Reader) (n int64, err error) {
	for b.err == nil {
		added, err := r.Read(b.block.raw[b.block.fill:])
		n += int64(added)
		b.add(added)
		if err == io.EOF {
			return n, b.err
		}
		if err != nil {
			b.fail(err)
		}
	}
	return n, b.err
}

// add counts n bytes of input to the block, and hands on a block that is full.
func (b *builder) add(n int) {
	if b.block.fill += n; b.block.fill < len(b.block.raw) {
		return
	}
	b.scan()
	next, err := b.take()
	if err != nil {
		b.fail(err)
		return
	}
	next.reset(b.block.raw[b.block.begun:])
	b.line.put(b.block)
	b.block = next
}

// scan finds the chunks in the block.
func (b *builder) scan() {
	for at := b.block; at.scanned < at.fill; {
		n, end := b.chunker.Feed(at.raw[at.scanned:at.fill])
		if at.scanned += n; end {
			at.cut()
		}
	}
}

// fail keeps the first error.
func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// finish ends the input and completes the header. It ends the workers in any case.
func (b *builder) finish() error {
	if b.err != nil {
		b.line.stop()
		return b.err
	}
	b.scan()
	if b.block.scanned > b.block.begun {
		b.block.cut()
	}
	b.line.put(b.block)
	if err := b.line.finish(); err != nil {
		return err
	}
	if b.sum != nil {
		b.header.DataDigest = b.header.Hash.digest(b.sum)
	}
	return nil
}
