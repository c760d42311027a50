package zck

import "io"

// Summary is what a header says of its file as a whole. Sizes are in bytes.
type Summary struct {
	HeaderSize   int64  // of the header: where the body begins
	HeaderDigest Digest // of the header, see Header.Digest
	BodySize     int64  // of what follows the header in a complete file
	Size         int64  // of the image
	Chunks       int    // without the dictionary
}

// Summarize reads the header that r begins with, as ReadHeader does and with the
// same errors, and keeps nothing of its chunks: memory does not grow with them.
func Summarize(r io.Reader) (Summary, error) {
	var t totals
	h, digest, err := readHeader(r, func(h *Header, c Chunk) { t.add(h, &c) })
	if err != nil {
		return Summary{}, err
	}
	return h.summary(t, digest), nil
}

// Summary sums up h. Its HeaderDigest is "" where Marshal returns an error.
func (h *Header) Summary() Summary { return h.summary(h.totals(), h.Digest()) }

func (h *Header) summary(t totals, digest Digest) Summary {
	return Summary{
		HeaderSize:   h.headerLen(t),
		HeaderDigest: digest,
		BodySize:     h.Dictionary.Stored + t.stored,
		Size:         t.size,
		Chunks:       t.chunks,
	}
}

// totals are sums over chunks. The dictionary does not count.
type totals struct {
	chunks  int
	entries int64 // bytes of their entries in the index
	stored  int64 // bytes in the body
	size    int64 // raw bytes
}

// add counts a chunk of h.
func (t *totals) add(h *Header, c *Chunk) {
	t.chunks++
	t.entries += int64(h.entryLen(c))
	t.stored += c.Stored
	t.size += c.Size
}

func (h *Header) totals() (t totals) {
	for i := range h.Chunks {
		t.add(h, &h.Chunks[i])
	}
	return t
}
