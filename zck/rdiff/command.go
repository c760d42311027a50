package rdiff

import (
	"encoding/binary"
	"math/bits"
)

// deltaMagic begins every delta.
const deltaMagic = 0x72730236

// The opcodes of a delta.
const (
	opEnd     = 0x00
	opLiteral = 0x40 // the last literal whose opcode is its length
	opCopy    = 0x45 // the first of 16 copies
	opLast    = 0x54
)

// maxHead is the longest command without a literal's data: opcode, offset and
// length.
const maxHead = 1 + 8 + 8

// Kind is what a command does.
type Kind int

// The kinds of commands.
const (
	Literal Kind = iota + 1 // writes bytes that the delta holds
	Copy                    // writes bytes of the base
)

// String returns librsync's word for k.
func (k Kind) String() string {
	switch k {
	case Literal:
		return "literal"
	case Copy:
		return "copy"
	}
	return "unknown"
}

// Command is one command of a delta as a Reader finds it.
type Command struct {
	Kind   Kind
	Length int64 // bytes of the result it makes, at least 1
	Base   int64 // Copy: offset of its first byte in the base
	Result int64 // offset of its first byte in the result
	Offset int64 // of the opcode in the delta
	Opcode byte  // as the delta spells it; several can mean the same
}

// appendLiteral appends the head of a literal of n bytes, 0 < n, in the fewest
// bytes.
func appendLiteral(p []byte, n int64) []byte {
	if n <= opLiteral {
		return append(p, byte(n))
	}
	log := widthLog(n)
	return appendParam(append(p, opLiteral+1+byte(log)), n, log)
}

// appendCopy appends a copy of n bytes at off of the base in the fewest bytes.
func appendCopy(p []byte, off, n int64) []byte {
	i, j := widthLog(off), widthLog(n)
	p = append(p, opCopy+byte(4*i+j))
	return appendParam(appendParam(p, off, i), n, j)
}

// widthLog is the smallest log for which v fits in 1<<log bytes.
func widthLog(v int64) int {
	return bits.Len(uint(max(bits.Len64(uint64(v))-1, 0) / 8))
}

// appendParam appends v in 1<<log bytes.
func appendParam(p []byte, v int64, log int) []byte {
	var full [8]byte
	binary.BigEndian.PutUint64(full[:], uint64(v))
	return append(p, full[8-1<<log:]...)
}
