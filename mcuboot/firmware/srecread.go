package firmware

import "bytes"

// srecReader reads one file of S-records.
type srecReader struct {
	recordFile
	count   int // data records so far
	start   uint32
	endLine int
	buf     [256]byte
}

// srecWidth is the number of address bytes of each type of S-record, 0 for S4,
// which is reserved.
var srecWidth = [10]int{2, 2, 3, 4, 0, 2, 3, 4, 3, 2}

// ParseSREC reads a file of Motorola S-records, which errors call name. Lines
// end in LF or CR LF; empty lines are allowed, digits may be in either case,
// and data may come in any order and in addresses of any width. The header
// record is not kept. A start address of 0 counts as none, because every file
// has one. An error is of the form "name:line: ...": a wrong checksum, length,
// type or count of records, anything behind the last record (S7, S8 or S9) or
// none of these, an address that is given twice or beyond 32 bits.
func ParseSREC(name string, src []byte) (*Memory, error) {
	r := &srecReader{recordFile: recordFile{name: name, data: make([]byte, 0, len(src)/2)}}
	for line := range bytes.Lines(src) {
		r.line++
		if line = withoutLineEnd(line); len(line) == 0 {
			continue
		}
		if err := r.readLine(line); err != nil {
			return nil, err
		}
	}
	if r.endLine == 0 {
		return nil, r.errorAt(r.line, "no record S7, S8 or S9 at the end: the file is cut off")
	}
	m, err := r.memory()
	if err != nil {
		return nil, err
	}
	m.Start = linearStart(r.start)
	return m, nil
}

func (r *srecReader) readLine(line []byte) error {
	if r.endLine != 0 {
		return r.errorf("something follows the last record, in line %d", r.endLine)
	}
	if line[0] != 'S' || len(line) < 2 {
		return r.errorf("a record starts with 'S' and a digit, not with %q", line[:min(2, len(line))])
	}
	kind := int(line[1]) - '0'
	if kind < 0 || kind > 9 || srecWidth[kind] == 0 {
		return r.errorf("record type %q is unknown: S0 to S9, but not S4, are allowed", line[:2])
	}
	raw, err := r.digits(r.buf[:], line[2:], 3)
	if err != nil {
		return err
	}
	width := srecWidth[kind]
	if err := r.checkRecord(raw, width); err != nil {
		return err
	}
	return r.record(kind, bigEndian(raw[1:1+width]), raw[1+width:len(raw)-1])
}

func bigEndian(b []byte) (v uint32) {
	for _, c := range b {
		v = v<<8 | uint32(c)
	}
	return v
}

func (r *srecReader) checkRecord(raw []byte, width int) error {
	if shortest := width + 2; len(raw) < shortest {
		return r.errorf("record of %d bytes, the shortest of this type has %d", len(raw), shortest)
	}
	if has := len(raw) - 1; int(raw[0]) != has {
		return r.errorf("record says that %d bytes follow, and %d do", raw[0], has)
	}
	is := raw[len(raw)-1]
	if want := ^sum(raw[:len(raw)-1]); is != want {
		return r.errorf("checksum is 0x%02X, and should be 0x%02X", is, want)
	}
	return nil
}

func (r *srecReader) record(kind int, addr uint32, data []byte) error {
	switch kind {
	case 0:
		return nil
	case 1, 2, 3:
		r.count++
		return r.add(uint64(addr), data)
	}
	if len(data) != 0 {
		return r.errorf("record S%d has %d data bytes, none are allowed", kind, len(data))
	}
	if kind == 5 || kind == 6 {
		return r.checkCount(addr)
	}
	r.start, r.endLine = addr, r.line
	return nil
}

func (r *srecReader) checkCount(want uint32) error {
	if uint64(want) != uint64(r.count) {
		return r.errorf("record says that there are %d data records, and %d are before it", want, r.count)
	}
	return nil
}
