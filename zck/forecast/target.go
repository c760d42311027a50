package forecast

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/fwpack/fwpack/zck"
)

// Target is the new release: the header of its zchunk file, as it is or as it
// will be.
type Target struct {
	Header      *zck.Header
	HeaderExact bool // the header has this size
	Exact       bool // the chunks that somebody misses have these stored sizes
}

// FileTarget is the Target where there is a zchunk file, of which h is the header.
func FileTarget(h *zck.Header) Target { return Target{Header: h, HeaderExact: true, Exact: true} }

// ImageOptions say how NewTarget works.
type ImageOptions struct {
	Level  zck.Level // of the file that would be made
	Jobs   int       // chunks compressed at a time; 0 is one for each processor
	Sample bool      // compress some of the missing chunks only, and estimate the others
}

// sampleSize is how many chunks a sample has.
const sampleSize = 64

// guess is the share of its raw size that a chunk is taken to have where nothing
// was compressed.
const guess = 0.4

// NewTarget returns the Target of an image, of which index is what zck.Index says.
// The chunks that are missing on devices with one of the bases, nil for one with
// nothing, are read and compressed as zck.Create does; the stored sizes of the
// others are guessed from those, which may cost the header's size a few bytes.
func NewTarget(ctx context.Context, image io.ReaderAt, index *zck.Header, bases []Base, client Client, opts ImageOptions) (Target, error) {
	t := Target{Header: storedAs(index, guess), Exact: true}
	missing, err := t.missing(bases, client)
	if err != nil {
		return Target{}, err
	}
	known := missing
	if opts.Sample && len(missing) > sampleSize {
		known, t.Exact = sample(missing), false
	}
	p := &packing{image: image, index: index, chunks: known, stored: make([]int64, len(known))}
	if err := p.run(ctx, opts); err != nil {
		return Target{}, err
	}
	t.Header = storedAs(index, p.ratio())
	for i, number := range known {
		t.Header.Chunks[number].Stored = p.stored[i]
	}
	t.HeaderExact = len(known) == len(index.Chunks)
	return t, nil
}

// missing are the chunks that devices with one of the bases miss, in order.
func (t *Target) missing(bases []Base, client Client) ([]int, error) {
	var all []int
	for _, base := range bases {
		d, err := zck.Missing(t.Header, base.Header, client.zck())
		if err != nil {
			return nil, fmt.Errorf("forecast: %s: %w", base.Name, err)
		}
		all = append(all, d.Chunks...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// sample takes some of the chunks, from everywhere.
func sample(chunks []int) []int {
	some := make([]int, sampleSize)
	for i := range some {
		some[i] = chunks[i*len(chunks)/sampleSize]
	}
	return some
}

// storedAs is the header of a file whose chunks have ratio times their raw sizes.
func storedAs(index *zck.Header, ratio float64) *zck.Header {
	h := *index
	h.Compression = zck.Zstd
	h.Chunks = slices.Clone(index.Chunks)
	for i := range h.Chunks {
		c := &h.Chunks[i]
		c.Stored = max(1, int64(ratio*float64(c.Size)))
	}
	return &h
}
