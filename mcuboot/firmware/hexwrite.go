package firmware

import (
	"encoding/binary"
	"encoding/hex"
	"io"
)

// recordSize is the number of data bytes in the records we write, as intelhex,
// and so imgtool, and GNU objcopy have it.
const recordSize = 16

// WriteHex writes the memory as Intel HEX, byte for byte what intelhex 2.3, the
// library of imgtool, writes on a Unix system for the same content: the start
// address first; data in records of 16 bytes, counted from the begin of each
// segment and of each 64 KiB; extended linear addresses as soon as an address of
// the file needs more than 16 bits, then for the first 64 KiB as well; digits in
// upper case; lines that end in LF. The error is that of w.
func (m *Memory) WriteHex(w io.Writer) error {
	h := hexWriter{}
	h.start(m.Start)
	_, last, _ := m.Bounds()
	h.extended = last > 0xffff
	h.upper = -1
	for _, s := range m.Segments() {
		h.segment(s)
	}
	h.record(hexEnd, 0, nil)
	_, err := w.Write(h.out)
	return err
}

// hexWriter holds the text of a HEX file, which is about as large as the memory
// it comes from.
type hexWriter struct {
	out      []byte
	extended bool  // there are extended linear address records
	upper    int64 // the upper 16 bits of addresses at this point, -1 at the begin
}

func (h *hexWriter) start(s Start) {
	switch s.Kind {
	case StartSegment:
		h.record(hexSegmentStart, 0, binary.BigEndian.AppendUint32(nil, s.Value))
	case StartLinear:
		h.record(hexLinearStart, 0, binary.BigEndian.AppendUint32(nil, s.Value))
	}
}

func (h *hexWriter) segment(s Segment) {
	addr, data := s.Addr, s.Data
	for len(data) > 0 {
		h.extend(int64(addr >> 16))
		border := 1<<16 - int(addr&0xffff)
		n := min(recordSize, border, len(data))
		h.record(hexData, uint16(addr), data[:n])
		addr, data = addr+uint32(n), data[n:]
	}
}

// extend writes an extended linear address where the upper bits change.
func (h *hexWriter) extend(upper int64) {
	if h.extended && upper != h.upper {
		h.upper = upper
		h.record(hexLinearAddress, 0, binary.BigEndian.AppendUint16(nil, uint16(upper)))
	}
}

func (h *hexWriter) record(kind byte, addr uint16, data []byte) {
	var raw [recordSize + hexOverhead]byte
	b := append(raw[:0], byte(len(data)), byte(addr>>8), byte(addr), kind)
	b = append(b, data...)
	h.out = appendLine(h.out, ":", append(b, -sum(b)))
}

// appendLine appends a record: its mark, bytes in upper case, LF.
func appendLine(out []byte, mark string, raw []byte) []byte {
	out = append(out, mark...)
	start := len(out)
	out = hex.AppendEncode(out, raw)
	upperCase(out[start:])
	return append(out, '\n')
}

func upperCase(digits []byte) {
	for i, c := range digits {
		if c >= 'a' {
			digits[i] = c - 'a' + 'A'
		}
	}
}
