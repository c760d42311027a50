package frame

import "math/bits"

// field is one of the three parts of a sequence, which are coded apart.
type field struct {
	log      int     // the largest accuracy of a table, in bits
	symbols  int     // how many codes there are
	standard []int16 // the predefined distribution (RFC 8878, section 3.1.1.3.2.2)
	standLog int     // its accuracy
}

var literalField = field{9, 36, []int16{
	4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
	-1, -1, -1, -1,
}, 6}

var matchField = field{9, 53, []int16{
	1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
}, 6}

var offsetField = field{8, 29, []int16{
	1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
}, 5}

// The widths in bits of what follows a code (RFC 8878, section 3.1.1.3.2.1.1).
var (
	literalExtra = [36]uint8{16: 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	matchExtra   = [53]uint8{32: 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
)

// Codes of small values; larger ones have one for each power of two.
var (
	literalCodes = codesOf(literalExtra[:], make([]uint8, 64))
	matchCodes   = codesOf(matchExtra[:], make([]uint8, 128))
)

func codesOf(extra, codes []uint8) []uint8 {
	value := 0
	for code, width := range extra {
		for range 1 << width {
			if value < len(codes) {
				codes[value] = uint8(code)
			}
			value++
		}
	}
	return codes
}

// literalCode returns the code of a number of literals.
func literalCode(n uint32) uint8 {
	if n < 64 {
		return literalCodes[n]
	}
	return uint8(bits.Len32(n) + 18)
}

// matchCode returns the code of the length of a match, less the 3 that all have.
func matchCode(n uint32) uint8 {
	if n < 128 {
		return matchCodes[n]
	}
	return uint8(bits.Len32(n) + 35)
}
