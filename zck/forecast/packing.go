package forecast

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/internal/frame"
)

// packing compresses chunks to know their sizes.
type packing struct {
	image  io.ReaderAt
	index  *zck.Header
	chunks []int   // to be compressed
	stored []int64 // their sizes, once they are
	next   atomic.Int64
}

func (p *packing) run(ctx context.Context, opts ImageOptions) error {
	if len(p.chunks) == 0 {
		return nil
	}
	jobs := opts.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	offsets := rawOffsets(p.index)
	group, ctx := errgroup.WithContext(ctx)
	for range min(jobs, len(p.chunks)) {
		group.Go(func() error { return p.work(ctx, opts.Level, offsets) })
	}
	return group.Wait()
}

// rawOffsets are where the chunks begin in the image.
func rawOffsets(h *zck.Header) []int64 {
	all := make([]int64, len(h.Chunks))
	var at int64
	for i := range h.Chunks {
		all[i] = at
		at += h.Chunks[i].Size
	}
	return all
}

// work compresses one chunk after the other until all are done.
func (p *packing) work(ctx context.Context, level zck.Level, offsets []int64) error {
	compress, err := newCompressor(level)
	if err != nil {
		return err
	}
	var raw, stored []byte
	for {
		i := int(p.next.Add(1)) - 1
		if i >= len(p.chunks) {
			return nil
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		number := p.chunks[i]
		if raw, err = readChunk(p.image, raw, offsets[number], p.index.Chunks[number].Size); err != nil {
			return fmt.Errorf("forecast: chunk %d: %w", number+1, err)
		}
		stored = compress(stored[:0], raw)
		p.stored[i] = int64(len(stored))
	}
}

func readChunk(image io.ReaderAt, buf []byte, offset, size int64) ([]byte, error) {
	if int64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	n, err := image.ReadAt(buf, offset)
	switch {
	case int64(n) == size:
		return buf, nil
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

// ratio is that of stored to raw bytes in what was compressed.
func (p *packing) ratio() float64 {
	var stored, raw int64
	for i, number := range p.chunks {
		stored += p.stored[i]
		raw += p.index.Chunks[number].Size
	}
	if raw == 0 {
		return guess
	}
	return float64(stored) / float64(raw)
}

// newCompressor returns a function whose output, appended to dst, has the size of
// what zck.Create stores at the level; a test compares them.
func newCompressor(level zck.Level) (func(dst, raw []byte) []byte, error) {
	switch level {
	case zck.LevelFastest:
		return library(zstd.SpeedFastest)
	case zck.LevelFast:
		return compact(frame.Fast, zstd.SpeedDefault)
	case zck.LevelBest:
		return library(zstd.SpeedBestCompression)
	default:
		return compact(frame.Better, zstd.SpeedBetterCompression)
	}
}

// compact compresses chunks as zck.Create does. Larger ones are in an index that
// zck.Index did not make.
func compact(effort frame.Effort, level zstd.EncoderLevel) (func(dst, raw []byte) []byte, error) {
	large, err := library(level)
	if err != nil {
		return nil, err
	}
	e := frame.New(effort)
	return func(dst, raw []byte) []byte {
		if len(raw) > frame.MaxSize {
			return large(dst, raw)
		}
		return e.Append(dst, raw)
	}, nil
}

func library(level zstd.EncoderLevel) (func(dst, raw []byte) []byte, error) {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(level),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(zck.ChunkMax),
		zstd.WithLowerEncoderMem(true),
	)
	if err != nil {
		return nil, err
	}
	return func(dst, raw []byte) []byte { return e.EncodeAll(raw, dst) }, nil
}
