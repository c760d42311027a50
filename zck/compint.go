package zck

// zchunk's compressed integers ("compint") have seven bits in a byte, the
// least significant first, and the top bit set on the last byte only: the
// reverse of a LEB128.

// compintMax is the length of the largest compint that libzck takes, in bytes.
const compintMax = 10

// appendCompint appends v in as few bytes as possible.
func appendCompint(dst []byte, v uint64) []byte {
	for v > 0x7f {
		dst = append(dst, byte(v&0x7f))
		v >>= 7
	}
	return append(dst, byte(v)|0x80)
}

// compintLen is the number of bytes that appendCompint appends.
func compintLen(v uint64) int {
	n := 1
	for ; v > 0x7f; v >>= 7 {
		n++
	}
	return n
}
