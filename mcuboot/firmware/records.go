package firmware

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
)

// record is the data of one line of a file of records.
type record struct {
	addr uint32
	size uint32
	pos  int // in recordFile.data
	line int
}

func (r record) last() uint32 { return r.addr + r.size - 1 }

// recordFile collects the lines of a file of records. Lines may come in any
// order and say nothing twice.
type recordFile struct {
	name    string
	line    int // the current one, from 1
	data    []byte
	records []record
}

// errorf is an error in the current line.
func (f *recordFile) errorf(format string, args ...any) error {
	return f.errorAt(f.line, format, args...)
}

func (f *recordFile) errorAt(line int, format string, args ...any) error {
	return diag.Diagnostic{Pos: diag.Pos{File: f.name, Line: line}, Msg: fmt.Sprintf(format, args...)}
}

// add keeps the data of the current line.
func (f *recordFile) add(addr uint64, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if addr+uint64(len(data)) > addressSpace {
		return f.errorf("%d bytes at %#x end beyond the 32-bit address space", len(data), addr)
	}
	f.records = append(f.records, record{uint32(addr), uint32(len(data)), len(f.data), f.line})
	f.data = append(f.data, data...)
	return nil
}

// memory sorts the records and joins those without a hole between them.
func (f *recordFile) memory() (*Memory, error) {
	slices.SortStableFunc(f.records, func(a, b record) int { return cmp.Compare(a.addr, b.addr) })
	if err := f.overlap(); err != nil {
		return nil, err
	}
	m := &Memory{}
	sorted := make([]byte, 0, len(f.data))
	for i, r := range f.records {
		start := len(sorted)
		sorted = append(sorted, f.data[r.pos:r.pos+int(r.size)]...)
		if i > 0 && r.addr == f.records[i-1].last()+1 {
			last := &m.pieces[len(m.pieces)-1]
			last.Data = sorted[start-len(last.Data) : len(sorted) : len(sorted)]
			continue
		}
		m.pieces = append(m.pieces, piece{Segment{r.addr, sorted[start:len(sorted):len(sorted)]}, f.name})
	}
	return m, nil
}

func (f *recordFile) overlap() error {
	for i := 1; i < len(f.records); i++ {
		low, high := f.records[i-1], f.records[i]
		if high.addr > low.last() {
			continue
		}
		if low.line > high.line {
			low, high = high, low
		}
		return f.errorAt(high.line, "%#x-%#x overlaps %#x-%#x of line %d",
			high.addr, high.last(), low.addr, low.last(), low.line)
	}
	return nil
}

// digits decodes the hexadecimal digits of the current line, of which the first
// is in column col, into buf. Their count must be even and fit.
func (f *recordFile) digits(buf, text []byte, col int) ([]byte, error) {
	if len(text) > 2*len(buf) {
		return nil, f.errorf("record of %d hexadecimal digits, a record has at most %d", len(text), 2*len(buf))
	}
	n, err := hex.Decode(buf, text)
	if err == nil {
		return buf[:n], nil
	}
	for i, c := range text {
		if !isDigit(c) {
			pos := diag.Pos{File: f.name, Line: f.line, Col: col + i}
			return nil, diag.Diagnostic{Pos: pos, Msg: fmt.Sprintf("%q is not a hexadecimal digit", c)}
		}
	}
	return nil, f.errorf("record of %d hexadecimal digits, their number must be even", len(text))
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// withoutLineEnd takes LF or CR LF away. The last line needs neither.
func withoutLineEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// sum adds bytes modulo 256, as checksums of records do.
func sum(data []byte) (s byte) {
	for _, b := range data {
		s += b
	}
	return s
}
