package zck

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/zck/internal/frame"
)

// Windows of zstd in bytes. A chunk of the chunker needs no more than ChunkMax;
// joined chunks, and those behind a dictionary, look back farther.
const (
	window     = ChunkMax
	wideWindow = 1 << 20
)

// dictionaryMagic begins a dictionary in zstd's format (RFC 8878, section 5).
// Others are taken as plain data that comes before each chunk.
const dictionaryMagic = "\x37\xa4\x30\xec"

// packer turns the chunks of a block into what is stored of them.
type packer struct {
	opts    *Options
	bases   known
	zstd    *zstd.Encoder  // nil without compression
	compact *frame.Encoder // of chunks without a dictionary up to frame.MaxSize; nil for levels without it
	sums    []byte         // scratch
}

func newPacker(opts *Options, bases known) (*packer, error) {
	p := &packer{opts: opts, bases: bases}
	if opts.Compression == None {
		return p, nil
	}
	var err error
	p.zstd, err = newEncoder(opts)
	if effort, is := compactEffort(opts.Level); is && len(opts.Dictionary) == 0 {
		p.compact = frame.New(effort)
	}
	return p, err
}

// compactEffort returns the effort of a level, if it is one of package frame.
func compactEffort(l Level) (frame.Effort, bool) {
	switch l {
	case LevelBetter:
		return frame.Better, true
	case LevelFast:
		return frame.Fast, true
	default:
		return frame.Effort{}, false
	}
}

func newEncoder(opts *Options) (*zstd.Encoder, error) {
	size := window
	if len(opts.Bases) > 0 || len(opts.Dictionary) > 0 {
		size = wideWindow
	}
	options := []zstd.EOption{
		zstd.WithEncoderLevel(encoderLevel(opts.Level)),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(size),
		zstd.WithLowerEncoderMem(true),
	}
	switch dict := opts.Dictionary; {
	case bytes.HasPrefix(dict, []byte(dictionaryMagic)):
		options = append(options, zstd.WithEncoderDict(dict))
	case len(dict) > 0:
		options = append(options, zstd.WithEncoderDictRaw(0, dict))
	}
	e, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return nil, fmt.Errorf("zck: zstd: %w", err)
	}
	return e, nil
}

func encoderLevel(l Level) zstd.EncoderLevel {
	switch l {
	case LevelFastest:
		return zstd.SpeedFastest
	case LevelFast:
		return zstd.SpeedDefault
	case LevelBest:
		return zstd.SpeedBestCompression
	default:
		return zstd.SpeedBetterCompression
	}
}

// pack fills in what is stored of a block and its entries of the index.
func (p *packer) pack(b *block) error {
	if len(p.opts.Bases) > 0 {
		p.join(b)
	}
	b.stored, b.chunks = b.stored[:0], b.chunks[:0]
	switch {
	case p.zstd == nil:
		b.plain = b.raw[:b.begun]
	case cap(b.stored) < b.begun:
		b.stored = make([]byte, 0, b.begun+b.begun/16) // what cannot be compressed grows a little
	}
	raw := b.raw
	for _, size := range b.cuts {
		b.chunks = append(b.chunks, p.chunk(b, raw[:size]))
		raw = raw[size:]
	}
	return nil
}

// chunk stores one chunk and returns its entry.
func (p *packer) chunk(b *block, raw []byte) Chunk {
	stored := raw
	if p.zstd != nil {
		begin := len(b.stored)
		b.stored = p.compress(b.stored, raw)
		stored = b.stored[begin:]
	}
	c := Chunk{Stored: int64(len(stored)), Size: int64(len(raw))}
	p.digest(&c, stored, raw)
	return c
}

// compress appends the frame of a chunk.
func (p *packer) compress(dst, raw []byte) []byte {
	if p.compact != nil && len(raw) <= frame.MaxSize {
		return p.compact.Append(dst, raw)
	}
	return p.zstd.EncodeAll(raw, dst)
}

// digest fills in the digests of c.
func (p *packer) digest(c *Chunk, stored, raw []byte) {
	hash := p.opts.ChunkHash
	p.sums = hash.append(p.sums[:0], stored)
	if !p.opts.StoredOnly && p.zstd != nil {
		p.sums = hash.append(p.sums, raw)
	}
	both := Digest(p.sums) // one allocation for two digests
	c.Digest = both[:hash.Size()]
	switch {
	case p.opts.StoredOnly:
	case p.zstd == nil:
		c.RawDigest = c.Digest
	default:
		c.RawDigest = both[hash.Size():]
	}
}

// join joins the chunks of a block that follow each other and that no base has.
func (p *packer) join(b *block) {
	cuts, raw := b.cuts[:0], b.raw
	joining := false
	for _, size := range b.cuts {
		p.sums = p.opts.ChunkHash.append(p.sums[:0], raw[:size])
		raw = raw[size:]
		missing := !p.bases.has(Digest(p.sums))
		if last := len(cuts) - 1; joining && missing && cuts[last]+size <= joinLimit {
			cuts[last] += size
		} else {
			cuts = append(cuts, size)
		}
		joining = missing
	}
	b.cuts = cuts
}
