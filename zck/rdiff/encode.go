package rdiff

import (
	"context"
	"io"
	"sync"
)

// segmentSize is how much of an image one goroutine looks at by itself. Matches
// end at its borders; the emitter joins them again. It is part of what decides
// the bytes of a delta.
const segmentSize = 2 << 20

// lastSegment is the longest last segment. A short rest is no segment of its own.
const lastSegment = segmentSize + segmentSize/2

// EncodeOptions says how a delta is made. Its zero value is the recommended
// way.
type EncodeOptions struct {
	// Jobs is how many goroutines work at the same time; 0 means one per
	// processor. It does not change the delta.
	Jobs int
}

// Encode writes a delta that makes image from base. Unlike DeltaFromSignature it
// compares bytes, so that copies begin and end anywhere and are never wrong.
// What it leaves as literals is meant to be compressed, which SWUpdate undoes
// before its rdiff handlers see the delta.
//
// Both sources are read about twice and must not change meanwhile. Memory: an
// index of 13 bytes for every 256 bytes of the base, which is 52 MiB for 1 GiB
// and is not exceeded by larger bases, whose index is coarser; and about 8 MiB
// per job.
func Encode(ctx context.Context, dst io.Writer, base, image Source, opts EncodeOptions) (Stats, error) {
	jobs := jobCount(opts.Jobs)
	index, err := newIndex(ctx, base, jobs)
	if err != nil {
		return Stats{}, err
	}
	e := encoding{index: index, base: base, image: image, out: newEmitter(dst, maxLiteral)}
	if err := inOrder(ctx, jobs, e.next, e.emit); err != nil {
		return e.out.stats, err
	}
	return e.out.close()
}

// encoding is the second pass of Encode, over the new image.
type encoding struct {
	index       *index
	base, image Source
	begin       int64 // of the next segment
	scanners    sync.Pool
	out         *emitter
}

// next returns the work on the next segment.
func (e *encoding) next() (func() (*scanner, error), error) {
	begin := e.begin
	n := e.image.Size() - begin
	if n <= 0 {
		return nil, io.EOF
	}
	if n > lastSegment {
		n = segmentSize
	}
	e.begin += n
	return func() (*scanner, error) {
		s, ok := e.scanners.Get().(*scanner)
		if !ok {
			s = newScanner(e.index, e.base)
		}
		return s, s.run(e.image, begin, int(n))
	}, nil
}

// emit writes the commands of one segment.
func (e *encoding) emit(s *scanner) error {
	at := 0
	for _, m := range s.matches {
		if at < m.begin {
			if err := e.out.addLiteral(s.image[at:m.begin]); err != nil {
				return err
			}
		}
		if err := e.out.addCopy(s.origin+int64(m.begin)+m.shift, int64(m.end-m.begin)); err != nil {
			return err
		}
		at = m.end
	}
	if at < len(s.image) {
		if err := e.out.addLiteral(s.image[at:]); err != nil {
			return err
		}
	}
	e.scanners.Put(s)
	return nil
}
