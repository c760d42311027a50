package frame

import (
	"bytes"
	"encoding/binary"
)

// MaxSize is the largest chunk in bytes: a block of zstd holds no more
// (RFC 8878, section 3.1.1.2.4), and a frame of this package has one block.
const MaxSize = 128 << 10

// magic begins a frame (RFC 8878, section 3.1.1).
const magic = 0xfd2fb528

// The types of a block that this package writes (RFC 8878, section 3.1.1.2.2).
const (
	rawBlock = iota
	oneByteBlock
	compressedBlock
)

// blockHeader is the size of the header of a block in bytes.
const blockHeader = 3

// Encoder compresses chunks. It is used by one goroutine at a time, and what it
// makes of a chunk does not depend on the chunks before.
type Encoder struct {
	finder    finder
	parsed    parsed
	literals  literals
	sequences sequences
}

// Effort says how hard an Encoder works.
type Effort struct {
	patience int  // up to which length a match is compared with one that begins later
	haste    uint // the step grows by one with each power of two of literals
}

// The efforts, by what they cost.
var (
	Fast   = Effort{0, 5}
	Better = Effort{16, 7}
)

// New returns an Encoder. It needs about 1 MiB.
func New(effort Effort) *Encoder {
	e := &Encoder{}
	e.finder.effort = effort
	e.literals.reset()
	return e
}

// Append appends the frame of a chunk of at most MaxSize bytes to dst.
func (e *Encoder) Append(dst, chunk []byte) []byte {
	if len(chunk) > MaxSize {
		panic("internal error: a chunk is larger than a block of zstd")
	}
	dst = appendFrameHeader(dst, len(chunk))
	if len(chunk) > 1 && bytes.Equal(chunk[1:], chunk[:len(chunk)-1]) {
		return append(appendBlockHeader(dst, oneByteBlock, len(chunk)), chunk[0])
	}
	header := len(dst)
	dst = appendBlockHeader(dst, compressedBlock, 0)
	dst = e.appendBlock(dst, chunk)
	if size := len(dst) - header - blockHeader; size < len(chunk) {
		appendBlockHeader(dst[:header], compressedBlock, size)
		return dst
	}
	dst = appendBlockHeader(dst[:header], rawBlock, len(chunk))
	return append(dst, chunk...)
}

// appendBlock appends the content of a compressed block (RFC 8878, section
// 3.1.1.2.3).
func (e *Encoder) appendBlock(dst, chunk []byte) []byte {
	e.finder.parse(chunk, &e.parsed)
	dst = e.literals.append(dst, e.parsed.literals)
	return e.sequences.append(dst, e.parsed.sequences)
}

// appendFrameHeader appends the header of a frame in a single segment, which
// has neither checksum nor dictionary (RFC 8878, section 3.1.1.1). libzstd
// writes the same for a content whose size it knows.
func appendFrameHeader(dst []byte, size int) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, magic)
	switch {
	case size < 256:
		return append(dst, 0x20, byte(size))
	case size < 256+1<<16:
		return binary.LittleEndian.AppendUint16(append(dst, 0x60), uint16(size-256))
	}
	return binary.LittleEndian.AppendUint32(append(dst, 0xa0), uint32(size))
}

// appendBlockHeader appends the header of the last block of a frame.
func appendBlockHeader(dst []byte, kind, size int) []byte {
	bits := 1 | kind<<1 | size<<3
	return append(dst, byte(bits), byte(bits>>8), byte(bits>>16))
}
