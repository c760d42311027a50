package frame

import "github.com/klauspost/compress/huff0"

// The types of a literals section (RFC 8878, section 3.1.1.3.1.1).
const (
	rawLiterals = iota
	oneByteLiterals
	compressedLiterals
)

// literals writes the section of literals of a block.
type literals struct {
	huffman huff0.Scratch
}

func (l *literals) reset() {
	l.huffman.Reuse = huff0.ReusePolicyNone
}

// oneStream is up to which size literals are in one stream of bits. Decoders
// follow the four of larger ones at the same time.
const oneStream = 1 << 10

// fewLiterals are not worth a Huffman table.
const fewLiterals = 32

// append appends the section of data.
func (l *literals) append(dst, data []byte) []byte {
	if len(data) < fewLiterals {
		return append(appendPlainHeader(dst, rawLiterals, len(data)), data...)
	}
	compress := huff0.Compress4X
	if len(data) < oneStream {
		compress = huff0.Compress1X
	}
	out, _, err := compress(data, &l.huffman)
	switch {
	case err == huff0.ErrUseRLE:
		return append(appendPlainHeader(dst, oneByteLiterals, len(data)), data[0])
	case err != nil || len(out) >= len(data):
		return append(appendPlainHeader(dst, rawLiterals, len(data)), data...)
	}
	return append(appendHuffmanHeader(dst, len(data), len(out)), out...)
}

// appendPlainHeader appends the header of literals that are stored as they are,
// or of one byte that is repeated.
func appendPlainHeader(dst []byte, kind, size int) []byte {
	switch {
	case size < 1<<5:
		return append(dst, byte(kind|size<<3))
	case size < 1<<12:
		bits := kind | 1<<2 | size<<4
		return append(dst, byte(bits), byte(bits>>8))
	}
	bits := kind | 3<<2 | size<<4
	return append(dst, byte(bits), byte(bits>>8), byte(bits>>16))
}

// appendHuffmanHeader appends the header of literals that are compressed. Its
// format says how wide the sizes are, and how many streams follow.
func appendHuffmanHeader(dst []byte, size, stored int) []byte {
	format, width := uint64(0), 10
	switch {
	case size >= 1<<14:
		format, width = 3, 18
	case size >= oneStream:
		format, width = 2, 14
	}
	bits := compressedLiterals | format<<2 | uint64(size)<<4 | uint64(stored)<<(4+width)
	for n := 4 + 2*width; n > 0; n -= 8 {
		dst = append(dst, byte(bits))
		bits >>= 8
	}
	return dst
}
