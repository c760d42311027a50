package firmware

import "fmt"

// StartKind tells how a file gives its start address.
type StartKind uint8

// The kinds of start addresses. S-record and ELF files have linear ones.
const (
	NoStart      StartKind = iota // the file gives none
	StartSegment                  // CS and IP of an 8086: Intel HEX record 03
	StartLinear                   // a 32-bit address: Intel HEX record 05
)

// Start is the address a processor starts at. Controllers do not look at it,
// they have their vector table; debuggers do.
type Start struct {
	Kind  StartKind
	Value uint32 // the address, or CS<<16 | IP
}

// String formats s as "0x8001" or, for CS and IP, as "0x1000:0x20".
func (s Start) String() string {
	switch s.Kind {
	case StartSegment:
		return fmt.Sprintf("%#x:%#x", s.Value>>16, s.Value&0xffff)
	case StartLinear:
		return fmt.Sprintf("%#x", s.Value)
	}
	return "none"
}

// Linear is the start address as a number; an 8086 counts segments in units of
// 16 bytes.
func (s Start) Linear() uint32 {
	if s.Kind == StartSegment {
		return s.Value>>16*16 + s.Value&0xffff
	}
	return s.Value
}

func (s Start) merge(other Start) (Start, error) {
	switch {
	case other == Start{} || s == other:
		return s, nil
	case s == Start{}:
		return other, nil
	}
	return s, fmt.Errorf("start addresses %v and %v differ", s, other)
}

// linearStart is the start of formats that always give an address and mean by 0
// that there is none.
func linearStart(addr uint32) Start {
	if addr == 0 {
		return Start{}
	}
	return Start{Kind: StartLinear, Value: addr}
}
