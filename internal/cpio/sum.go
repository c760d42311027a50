package cpio

import "encoding/binary"

const (
	// evenBytes selects every other byte of a word, which leaves room for a
	// carry beside each.
	evenBytes = 0x00ff00ff00ff00ff
	// evenPairs does the same for sums of 16 bits.
	evenPairs = 0x0000ffff0000ffff
	// laneBlock is how many bytes may be added up in lanes of 16 bits: each
	// word of 8 adds at most 255 to a lane, and 256*255 still fits.
	laneBlock = 256 * 8
)

// AddSum returns sum plus every byte of p, modulo 2^32: the check field of a
// 070702 entry, carried on over successive pieces of its data.
func AddSum(sum uint32, p []byte) uint32 {
	for len(p) >= laneBlock {
		sum += sumWords(p[:laneBlock])
		p = p[laneBlock:]
	}
	words := len(p) &^ 7
	sum += sumWords(p[:words])
	for _, b := range p[words:] {
		sum += uint32(b)
	}
	return sum
}

// sumWords adds up at most laneBlock bytes, a multiple of 8, a word at a time
// in four lanes of 16 bits.
func sumWords(p []byte) uint32 {
	var even, odd uint64
	for len(p) >= 32 {
		a := binary.LittleEndian.Uint64(p)
		b := binary.LittleEndian.Uint64(p[8:])
		c := binary.LittleEndian.Uint64(p[16:])
		d := binary.LittleEndian.Uint64(p[24:])
		even += a&evenBytes + b&evenBytes + c&evenBytes + d&evenBytes
		odd += a>>8&evenBytes + b>>8&evenBytes + c>>8&evenBytes + d>>8&evenBytes
		p = p[32:]
	}
	for ; len(p) >= 8; p = p[8:] {
		a := binary.LittleEndian.Uint64(p)
		even += a & evenBytes
		odd += a >> 8 & evenBytes
	}
	return foldLanes(even) + foldLanes(odd)
}

// foldLanes adds the four lanes of 16 bits of v.
func foldLanes(v uint64) uint32 {
	v = v&evenPairs + v>>16&evenPairs
	return uint32(v) + uint32(v>>32)
}
