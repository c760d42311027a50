package filemap

import "encoding/binary"

func le16(b []byte, at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }
func le32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
func le64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// divideUp divides and rounds up. Neither is negative.
func divideUp(n, by int64) int64 {
	q := n / by
	if n%by > 0 {
		q++
	}
	return q
}
