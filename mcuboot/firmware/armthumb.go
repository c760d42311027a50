package firmware

import "encoding/binary"

// A BL instruction of ARM-Thumb is two little-endian halfwords, 11110 and 11
// bits, then 11111 and 11 bits: together a distance in halfwords, counted from
// 4 bytes behind the instruction (ARM Architecture Reference Manual, Thumb BL).
// Calls of the same function from different places differ; the branch filter of
// the .xz format (filter id 8) replaces the distance by the address, so that
// they become equal and compress better.
const (
	blMask  = 0xf800
	blFirst = 0xf000
	blLast  = 0xf800
	blBits  = 11
	blAhead = 4
)

// absoluteCalls replaces distances by addresses, in place. The body starts at
// address 0.
func absoluteCalls(code []byte) {
	eachCall(code, func(addr, target uint32) uint32 { return target + addr })
}

// relativeCalls undoes absoluteCalls.
func relativeCalls(code []byte) {
	eachCall(code, func(addr, target uint32) uint32 { return target - addr })
}

// eachCall passes every BL to convert: the address that its distance counts
// from, and its operand, both in bytes. What does not fit into 22 bits of
// halfwords is cut off, both ways.
func eachCall(code []byte, convert func(addr, target uint32) uint32) {
	for i := 0; i+4 <= len(code); i += 2 {
		first := binary.LittleEndian.Uint16(code[i:])
		last := binary.LittleEndian.Uint16(code[i+2:])
		if first&blMask != blFirst || last&blMask != blLast {
			continue
		}
		target := (uint32(first&^blMask)<<blBits | uint32(last&^blMask)) << 1
		target = convert(uint32(i)+blAhead, target) >> 1
		binary.LittleEndian.PutUint16(code[i:], blFirst|uint16(target>>blBits)&^blMask)
		binary.LittleEndian.PutUint16(code[i+2:], blLast|uint16(target)&^blMask)
		i += 2
	}
}
