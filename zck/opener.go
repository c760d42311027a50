package zck

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

// opener turns stored chunks into raw ones and checks both. It is used by one
// goroutine at a time.
type opener struct {
	header *Header
	zstd   *zstd.Decoder // nil without compression
	sums   []byte        // scratch
}

// newOpener returns an opener of the chunks behind a dictionary, if there is
// one.
func newOpener(h *Header, dictionary []byte) (*opener, error) {
	o := &opener{header: h}
	if h.Compression == None {
		return o, nil
	}
	// A chunk may decode to what fits in the buffer given for it, whatever
	// its frame announces.
	options := []zstd.DOption{
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxMemory(ChunkLimit + openSlack),
	}
	switch {
	case bytes.HasPrefix(dictionary, []byte(dictionaryMagic)):
		options = append(options, zstd.WithDecoderDicts(dictionary))
	case len(dictionary) > 0:
		options = append(options, zstd.WithDecoderDictRaw(0, dictionary))
	}
	var err error
	if o.zstd, err = zstd.NewReader(nil, options...); err != nil {
		return nil, fmt.Errorf("zck: dictionary: %w", err)
	}
	return o, nil
}

// close ends the decoder.
func (o *opener) close() {
	if o.zstd != nil {
		o.zstd.Close()
	}
}

// openSlack is how much room behind a chunk the decoder likes: it copies faster
// when it may write a little too far.
const openSlack = 1 << 10

// place says which chunk is opened.
type place struct {
	number int   // in the index, where 0 is the dictionary
	offset int64 // of the stored chunk in the file
}

func (p place) wrong(format string, args ...any) error {
	return wrong(p.offset, "chunk "+strconv.Itoa(p.number), format, args...)
}

// open appends the raw bytes of a chunk to dst, which has room for them and for
// openSlack more.
func (o *opener) open(dst []byte, at place, c *Chunk, stored []byte) ([]byte, error) {
	if err := o.compare(at, "digest", c.Digest, stored); err != nil {
		return nil, err
	}
	begin := len(dst)
	dst, err := o.decode(dst, stored)
	if err != nil {
		return nil, at.wrong("zstd: %v", err)
	}
	raw := dst[begin:]
	if int64(len(raw)) != c.Size {
		return nil, at.wrong("decodes to %d bytes, the index has %d", len(raw), c.Size)
	}
	// The uncompressed digest of a dictionary is one of nothing in files of
	// libzck up to 1.5.
	if o.header.Uncompressed && at.number > 0 {
		err = o.compare(at, "uncompressed digest", c.RawDigest, raw)
	}
	return dst, err
}

func (o *opener) decode(dst, stored []byte) ([]byte, error) {
	if o.zstd == nil {
		return append(dst, stored...), nil
	}
	return o.zstd.DecodeAll(stored, dst)
}

func (o *opener) compare(at place, name string, want Digest, data []byte) error {
	o.sums = o.header.ChunkHash.append(o.sums[:0], data)
	if string(o.sums) != string(want) {
		return at.wrong("%s %s, the index has %s", name, Digest(o.sums), want)
	}
	return nil
}

// openDictionary returns the raw dictionary, or nothing if h has none. Its
// stored bytes stand behind the header.
func openDictionary(h *Header, stored []byte) ([]byte, error) {
	if h.Dictionary.Size == 0 {
		return nil, nil
	}
	o, err := newOpener(h, nil)
	if err != nil {
		return nil, err
	}
	defer o.close()
	return o.open(make([]byte, 0, h.Dictionary.Size+openSlack), place{0, h.Len()}, &h.Dictionary, stored)
}
