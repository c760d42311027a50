package firmware

import (
	"bytes"
	"encoding/binary"
)

// The types of Intel HEX records.
const (
	hexData           = 0x00
	hexEnd            = 0x01
	hexSegmentAddress = 0x02
	hexSegmentStart   = 0x03
	hexLinearAddress  = 0x04
	hexLinearStart    = 0x05
)

// hexOverhead is what a record has besides data: count, address (2), type and
// checksum.
const hexOverhead = 5

// hexReader reads one Intel HEX file.
type hexReader struct {
	recordFile
	base      uint64 // of the addresses in data records
	segmented bool   // base comes from a record 02
	start     Start
	startLine int
	endLine   int
	buf       [255 + hexOverhead]byte
}

// ParseHex reads an Intel HEX file, which errors call name. Lines end in LF or
// CR LF; empty lines are allowed, digits may be in either case, and data may
// come in any order. An error is of the form "name:line: ...": a wrong
// checksum, length or type, anything behind the end-of-file record or none of
// these, an address that is given twice or beyond 32 bits, a second start
// address. A record that crosses the end of an 8086 segment is refused, because
// readers disagree on where its rest goes. The address in the end-of-file
// record has no meaning and is not looked at.
func ParseHex(name string, src []byte) (*Memory, error) {
	r := &hexReader{recordFile: recordFile{name: name, data: make([]byte, 0, len(src)/2)}}
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
		return nil, r.errorAt(r.line, "no end-of-file record: the file is cut off")
	}
	m, err := r.memory()
	if err != nil {
		return nil, err
	}
	m.Start = r.start
	return m, nil
}

func (r *hexReader) readLine(line []byte) error {
	if r.endLine != 0 {
		return r.errorf("something follows the end-of-file record of line %d", r.endLine)
	}
	if line[0] != ':' {
		return r.errorf("a record starts with ':', not with %q", line[0])
	}
	raw, err := r.digits(r.buf[:], line[1:], 2)
	if err != nil {
		return err
	}
	if err := r.checkRecord(raw); err != nil {
		return err
	}
	return r.record(raw[3], binary.BigEndian.Uint16(raw[1:]), raw[4:len(raw)-1])
}

func (r *hexReader) checkRecord(raw []byte) error {
	if len(raw) < hexOverhead {
		return r.errorf("record of %d bytes, the shortest has %d", len(raw), hexOverhead)
	}
	if has := len(raw) - hexOverhead; int(raw[0]) != has {
		return r.errorf("record says that it has %d data bytes, and has %d", raw[0], has)
	}
	is := raw[len(raw)-1]
	if want := -sum(raw[:len(raw)-1]); is != want {
		return r.errorf("checksum is 0x%02X, and should be 0x%02X", is, want)
	}
	return nil
}

func (r *hexReader) record(kind byte, addr uint16, data []byte) error {
	switch kind {
	case hexData:
		return r.dataRecord(addr, data)
	case hexEnd:
		r.endLine = r.line
		return r.want(kind, 0, 0, data)
	case hexSegmentAddress, hexLinearAddress:
		if err := r.want(kind, addr, 2, data); err != nil {
			return err
		}
		r.setBase(kind, binary.BigEndian.Uint16(data))
		return nil
	case hexSegmentStart, hexLinearStart:
		if err := r.want(kind, addr, 4, data); err != nil {
			return err
		}
		return r.setStart(kind, binary.BigEndian.Uint32(data))
	}
	return r.errorf("record type %02X is unknown: 00 to 05 are allowed", kind)
}

// want checks what records other than data have in common.
func (r *hexReader) want(kind byte, addr uint16, size int, data []byte) error {
	if len(data) != size {
		return r.errorf("record of type %02X has %d data bytes, %d are needed", kind, len(data), size)
	}
	if addr != 0 {
		return r.errorf("record of type %02X has the address %#x, it must be 0", kind, addr)
	}
	return nil
}

func (r *hexReader) dataRecord(addr uint16, data []byte) error {
	if r.segmented && int(addr)+len(data) > 1<<16 {
		return r.errorf("%d bytes at %#x cross the end of the 64 KiB segment at %#x", len(data), addr, r.base)
	}
	return r.add(r.base+uint64(addr), data)
}

func (r *hexReader) setBase(kind byte, value uint16) {
	r.segmented = kind == hexSegmentAddress
	if r.segmented {
		r.base = uint64(value) << 4
		return
	}
	r.base = uint64(value) << 16
}

func (r *hexReader) setStart(kind byte, value uint32) error {
	if r.startLine != 0 {
		return r.errorf("second start address, the first is in line %d", r.startLine)
	}
	r.startLine = r.line
	r.start = Start{Kind: StartLinear, Value: value}
	if kind == hexSegmentStart {
		r.start.Kind = StartSegment
	}
	return nil
}
