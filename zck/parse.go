package zck

import (
	"bytes"
	"io"
	"strconv"
)

// Parse reads a header that is all of data: a detached one without dictionary,
// or one that was cut from the begin of a file.
func Parse(data []byte) (*Header, error) {
	r := bytes.NewReader(data)
	h, err := ReadHeader(r)
	if err != nil {
		return nil, err
	}
	if r.Len() > 0 {
		return nil, wrong(int64(len(data)-r.Len()), "body", "%d bytes behind the header", r.Len())
	}
	return h, nil
}

// ReadHeader reads the header that r begins with and leaves r at the body. It
// takes only what Marshal writes: every length is exact, every integer as short
// as can be, the digest right. It needs memory for the chunks that are there,
// whatever number is announced. Errors are of type *FormatError, or r's.
func ReadHeader(r io.Reader) (*Header, error) {
	h, _, err := readHeader(r, func(h *Header, c Chunk) { h.Chunks = append(h.Chunks, c) })
	return h, err
}

// readHeader reads a header and gives its chunks away. It returns the header's
// digest, too.
func readHeader(r io.Reader, take func(*Header, Chunk)) (*Header, Digest, error) {
	h, d := &Header{}, newDecoder(r)
	digest, at := d.lead(h)
	d.preface(h)
	d.index(h, take)
	if n := d.compint("signature count", 1<<31); n != 0 {
		d.fail("signature count", "%d, but no signature is defined", n)
	}
	if d.err == nil && d.left > 0 {
		d.begin()
		d.fail("header size", "%d bytes too many", d.left)
	}
	d.compare(h, digest, at)
	if d.err != nil {
		return nil, "", d.err
	}
	return h, digest, nil
}

// lead reads the lead and returns the digest that stands in it, and where. From
// then on d has an end.
func (d *decoder) lead(h *Header) (digest Digest, at int64) {
	id := string(d.bytes("id", idLen))
	if h.Detached = id == detachedID; !h.Detached && id != fileID {
		d.fail("id", "%q; a file begins with %q, a detached header with %q", id, fileID, detachedID)
	}
	h.Hash = d.hash("checksum type")
	size := d.compint("header size", restLimit)
	digest = d.digest("header digest", h.Hash)
	if d.err == nil {
		d.limit(size)
		d.sum = h.newSum()
		d.sum.Write(h.appendSums(nil, size))
	}
	return digest, d.at
}

func (d *decoder) preface(h *Header) {
	h.DataDigest = d.digest("data digest", h.Hash)
	flags := d.flags()
	h.Compression = d.compression()
	if flags&flagElements != 0 {
		h.Elements = d.elements()
	}
	h.Uncompressed = flags&flagUncompressed != 0
	if h.Uncompressed && isZero(h.DataDigest) {
		h.DataDigest = ""
	}
}

func (d *decoder) flags() int64 {
	flags := d.compint("flags", 1<<62)
	switch {
	case flags&flagStreams != 0:
		d.fail("flags", "%#x has streams, which no release of zchunk reads", flags)
	case flags&^(flagElements|flagUncompressed) != 0:
		d.fail("flags", "%#x; optional elements (0x2) and uncompressed digests (0x4) are known", flags)
	}
	return flags
}

func (d *decoder) compression() Compression {
	id := d.compint("compression type", 1<<31)
	for c, known := range compressionIDs {
		if id == int64(known) {
			return Compression(c)
		}
	}
	d.fail("compression type", "%d; 0 (none) and 2 (zstd) are known", id)
	return 0
}

func (d *decoder) elements() (all []Element) {
	count := d.compint("optional element count", elementsLimit)
	if count == 0 {
		d.fail("optional element count", "0, but the flags announce some")
	}
	left := int64(elementsLimit)
	for range count {
		e := Element{ID: uint64(d.compint("optional element id", 1<<63-1))}
		left = max(left-1, 0)
		size := d.compint("optional element length", left)
		if d.err != nil {
			return nil
		}
		e.Data = d.bytes("optional element", int(size))
		left -= size
		all = append(all, e)
	}
	return all
}

func (d *decoder) index(h *Header, take func(*Header, Chunk)) {
	size := d.compint("index size", restLimit)
	end := d.left - size
	h.ChunkHash = d.hash("chunk checksum type")
	count := d.compint("chunk count", MaxChunks+1)
	if count == 0 {
		d.fail("chunk count", "0; the dictionary counts, too, even when there is none")
	}
	d.dictionary(h)
	for i := int64(1); i < count && d.err == nil; i++ {
		take(h, d.chunk(h, i))
	}
	d.begin()
	if d.left != end {
		d.fail("index size", "%d bytes, but the index has %d", size, size+end-d.left)
	}
}

// dictionary reads entry 0 of the index.
func (d *decoder) dictionary(h *Header) {
	at := d.off
	c := d.entry(h, "chunk 0")
	h.Dictionary = c
	if err := h.checkDictionary(); err != nil {
		d.failAt(at, "chunk 0", "%v", err)
	}
	if c.Stored == 0 {
		h.Dictionary = Chunk{}
	}
}

// chunk reads another entry.
func (d *decoder) chunk(h *Header, i int64) Chunk {
	at, field := d.off, "chunk "+strconv.FormatInt(i, 10)
	c := d.entry(h, field)
	if err := h.checkSizes(&c); err != nil {
		d.failAt(at, field, "%v", err)
	}
	return c
}

func (d *decoder) entry(h *Header, field string) (c Chunk) {
	c.Digest = d.digest(field, h.ChunkHash)
	if h.Uncompressed {
		c.RawDigest = d.digest(field, h.ChunkHash)
	}
	c.Stored = d.compint(field, 1<<62)
	c.Size = d.compint(field, 1<<62)
	return c
}

// compare compares the digest of what was read with the one in the lead, which
// stands at at.
func (d *decoder) compare(h *Header, want Digest, at int64) {
	if d.err != nil {
		return
	}
	if got := h.Hash.digest(d.sum); got != want {
		d.failAt(at, "header digest", "%s, but the header has %s", want, got)
	}
}

func isZero(d Digest) bool {
	return len(bytes.Trim([]byte(d), "\x00")) == 0
}
