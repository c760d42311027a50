package zck

import (
	"fmt"
	"strconv"
)

// DefaultMaxRanges is how many ranges SWUpdate's delta handler asks for in one
// request, since release 2026.05, where the property max-ranges does not say.
// From 2021.11 to 2025.12 it was 150.
const DefaultMaxRanges = 10

// PayloadLimit is what SWUpdate's handler has for the URL and the list of
// ranges of one request, in bytes. An update with a longer one fails.
const PayloadLimit = 32766

// Client says how a device downloads. The zero Client is SWUpdate 2026.05
// without the property max-ranges.
type Client struct {
	MaxRanges int // of one request; 0 is DefaultMaxRanges
	URLLen    int // length of the URL in bytes

	// DropsLast is set for SWUpdate before 2024.05, which never finds the
	// last chunk of what is installed.
	DropsLast bool
}

// Range is a run of chunks that a device asks for at once.
type Range struct {
	First, Chunks  int   // chunks of Header.Chunks
	Offset, Length int64 // bytes of the file
}

// Request is one HTTP request of a device.
type Request struct {
	Ranges  []Range
	Payload int // bytes of the URL and of the list of ranges
}

// Download is what a device downloads of a file's body.
type Download struct {
	Chunks     []int // the missing ones of Header.Chunks, in order
	Bytes      int64 // stored bytes of the missing chunks
	Duplicates int   // missing chunks that are fetched once more, because the image has them repeatedly
	Repeated   int64 // stored bytes of the duplicates
	Requests   []Request
}

// Ranges is the number of ranges in all requests.
func (d *Download) Ranges() (n int) {
	for i := range d.Requests {
		n += len(d.Requests[i].Ranges)
	}
	return n
}

// TooLong returns the first request that does not fit in PayloadLimit, and
// whether there is one. The update fails then; a smaller MaxRanges helps.
func (d *Download) TooLong() (request int, is bool) {
	for i := range d.Requests {
		if d.Requests[i].Payload >= PayloadLimit {
			return i, true
		}
	}
	return 0, false
}

// Missing tells what a device downloads of the file with header target, if the
// image installed is the one of which source is the header: one that Index made,
// or that of another file with uncompressed digests and without joined chunks.
// A nil source stands for nothing installed. Like SWUpdate, Missing compares the
// digests of raw chunks, never those of stored ones. Where target has no
// uncompressed digests the device finds nothing.
func Missing(target, source *Header, client Client) (*Download, error) {
	if client.MaxRanges < 0 || client.URLLen < 0 {
		return nil, fmt.Errorf("zck: client: max-ranges %d and a URL of %d bytes", client.MaxRanges, client.URLLen)
	}
	has, err := reusable(target, source, client.DropsLast)
	if err != nil {
		return nil, err
	}
	d := &Download{}
	seen := known{}
	for i := range target.Chunks {
		c := &target.Chunks[i]
		if target.Uncompressed && has.has(c.RawDigest) {
			continue
		}
		d.miss(i, c, seen)
	}
	d.Requests = requests(target, d.Chunks, client)
	return d, nil
}

// reusable returns the chunks of source that a device finds.
func reusable(target, source *Header, dropsLast bool) (known, error) {
	if source == nil {
		return known{}, nil
	}
	if err := checkComparable(source, target.ChunkHash); err != nil {
		return nil, fmt.Errorf("zck: source: %w", err)
	}
	found := *source
	if n := len(found.Chunks); dropsLast && n > 0 {
		found.Chunks = found.Chunks[:n-1]
	}
	return knownOf([]*Header{&found}), nil
}

// miss counts a missing chunk.
func (d *Download) miss(i int, c *Chunk, seen known) {
	d.Chunks = append(d.Chunks, i)
	d.Bytes += c.Stored
	if seen.has(c.Digest) {
		d.Duplicates++
		d.Repeated += c.Stored
	}
	seen[c.Digest] = struct{}{}
}

// requests divides the missing chunks as SWUpdate's handler does: chunks that
// follow each other are one range, and a request is full as soon as it has its
// last range, which therefore is a single chunk.
func requests(h *Header, missing []int, client Client) (all []Request) {
	limit := client.MaxRanges
	if limit == 0 {
		limit = DefaultMaxRanges
	}
	at := h.Offsets()
	var current Request
	for _, i := range missing {
		current.add(i, at[i], h.Chunks[i].Stored)
		if len(current.Ranges) == limit {
			all = append(all, current.closed(client))
			current = Request{}
		}
	}
	if len(current.Ranges) > 0 {
		all = append(all, current.closed(client))
	}
	return all
}

// add adds a chunk.
func (r *Request) add(i int, offset, stored int64) {
	if n := len(r.Ranges); n > 0 {
		if last := &r.Ranges[n-1]; last.Offset+last.Length == offset {
			last.Chunks++
			last.Length += stored
			return
		}
	}
	r.Ranges = append(r.Ranges, Range{i, 1, offset, stored})
}

// closed returns r with the length of its payload: the URL, and ranges as
// "0-99,200-299".
func (r Request) closed(client Client) Request {
	r.Payload = client.URLLen
	var text []byte
	for _, g := range r.Ranges {
		text = strconv.AppendInt(text[:0], g.Offset, 10)
		text = append(text, '-')
		text = strconv.AppendInt(text, g.Offset+g.Length-1, 10)
		r.Payload += len(text) + 1 // a comma, or the zero byte at the end
	}
	return r
}
