package frame

import "encoding/binary"

// bitWriter collects bits, the lowest first. Being passed as a value it stays in
// registers.
type bitWriter struct {
	bits uint64
	n    uint
}

// add adds the lowest bits of v.
func (w bitWriter) add(v uint32, width uint) bitWriter {
	return bitWriter{w.bits | uint64(v&(1<<width-1))<<(w.n&63), w.n + width}
}

// flush writes the bytes that are complete to dst, where there is room for eight,
// and returns the rest and the place behind them.
func (w bitWriter) flush(dst []byte, at int) (bitWriter, int) {
	binary.LittleEndian.PutUint64(dst[at:], w.bits)
	return bitWriter{w.bits >> (w.n &^ 7), w.n & 7}, at + int(w.n>>3)
}

// close writes what is left, the last byte filled up with zeros, and returns all
// that was written.
func (w bitWriter) close(dst []byte, at int) []byte {
	w, at = w.flush(dst, at)
	return dst[:at+int(w.n+7)>>3]
}
