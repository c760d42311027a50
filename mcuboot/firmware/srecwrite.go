package firmware

import (
	"encoding/binary"
	"fmt"
	"io"
)

// WriteSREC writes the memory as Motorola S-records: an empty header, data in
// records of 16 bytes counted from the begin of each segment, and the start
// address, 0 where there is none. All records have the shortest addresses that
// the whole file can do with, as those of GNU objcopy: S1 and S9 up to 0xffff,
// S2 and S8 up to 0xffffff, otherwise S3 and S7. Lines end in LF. A start address
// in CS and IP is written as a linear one. The error is that of w.
func (m *Memory) WriteSREC(w io.Writer) error {
	start := m.Start.Linear()
	_, last, _ := m.Bounds()
	width := addressWidth(max(last, start))
	out := appendSREC(nil, 0, 2, 0, nil)
	for _, s := range m.Segments() {
		for pos := 0; pos < len(s.Data); pos += recordSize {
			data := s.Data[pos:min(pos+recordSize, len(s.Data))]
			out = appendSREC(out, width-1, width, s.Addr+uint32(pos), data)
		}
	}
	out = appendSREC(out, 11-width, width, start, nil)
	_, err := w.Write(out)
	return err
}

// addressWidth is the number of bytes that an S-record needs for addr.
func addressWidth(addr uint32) int {
	switch {
	case addr <= 0xffff:
		return 2
	case addr <= 0xffffff:
		return 3
	}
	return 4
}

func appendSREC(out []byte, kind, width int, addr uint32, data []byte) []byte {
	var raw [recordSize + 6]byte
	address := binary.BigEndian.AppendUint32(nil, addr)
	b := append(raw[:0], byte(width+len(data)+1))
	b = append(b, address[4-width:]...)
	b = append(b, data...)
	return appendLine(out, fmt.Sprintf("S%d", kind), append(b, ^sum(b)))
}
