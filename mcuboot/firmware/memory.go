package firmware

import (
	"fmt"
	"slices"
	"sort"
)

// addressSpace is the number of addresses: those of a 32-bit controller.
const addressSpace = 1 << 32

// Segment is a run of bytes in memory. It never reaches beyond the 32-bit
// address space.
type Segment struct {
	Addr uint32 // address of the first byte
	Data []byte // never empty
}

// Last is the address of the last byte.
func (s Segment) Last() uint32 { return s.Addr + uint32(len(s.Data)-1) }

// Memory is a sparse image of the memory of a controller: bytes at 32-bit
// addresses, with holes between them. A hole costs nothing, however large. The
// zero Memory is empty and ready. It keeps the slices it is given: whoever adds
// data must not change them later.
type Memory struct {
	// Start is where the processor starts according to the file; zero where
	// the file does not say.
	Start Start

	pieces []piece // by address, without overlap
}

// piece is a Segment of which it is known where it came from.
type piece struct {
	Segment
	from string
}

func (p piece) String() string {
	if p.from == "" {
		return fmt.Sprintf("%#x-%#x", p.Addr, p.Last())
	}
	return fmt.Sprintf("%#x-%#x of %s", p.Addr, p.Last(), p.from)
}

// Add puts data at addr. Errors call its origin by the name from, which may be
// empty. Data that ends beyond the 32-bit address space, or at whose addresses
// something is already, is an error that names both places; the Memory is then
// as before. No data is no change.
func (m *Memory) Add(addr uint32, data []byte, from string) error {
	if len(data) == 0 {
		return nil
	}
	if end := uint64(addr) + uint64(len(data)); end > addressSpace {
		return fmt.Errorf("%d bytes at %#x%s end beyond the 32-bit address space", len(data), addr, of(from))
	}
	return m.insert(piece{Segment{addr, data}, from})
}

func of(from string) string {
	if from == "" {
		return ""
	}
	return " of " + from
}

func (m *Memory) insert(p piece) error {
	i := m.search(p.Addr)
	if i < len(m.pieces) && m.pieces[i].Addr <= p.Last() {
		return fmt.Errorf("%v overlaps %v", p, m.pieces[i])
	}
	m.pieces = slices.Insert(m.pieces, i, p)
	return nil
}

// search returns the index of the first piece that ends at addr or above it.
func (m *Memory) search(addr uint32) int {
	return sort.Search(len(m.pieces), func(i int) bool { return m.pieces[i].Last() >= addr })
}

// Segments returns what the memory holds as the fewest possible segments: by
// address, with a hole between every two. The data must not be changed.
func (m *Memory) Segments() []Segment {
	var all []Segment
	for i := 0; i < len(m.pieces); {
		n := m.adjacent(i)
		all = append(all, join(m.pieces[i:i+n]))
		i += n
	}
	return all
}

// adjacent counts the pieces from index i on that have no hole between them.
func (m *Memory) adjacent(i int) int {
	n := 1
	for i+n < len(m.pieces) && m.pieces[i+n].Addr == m.pieces[i+n-1].Last()+1 {
		n++
	}
	return n
}

func join(pieces []piece) Segment {
	if len(pieces) == 1 {
		return pieces[0].Segment
	}
	s := Segment{Addr: pieces[0].Addr}
	for _, p := range pieces {
		s.Data = append(s.Data, p.Data...)
	}
	return s
}

// Bounds returns the lowest and the highest address that hold a byte; ok is
// false where the memory is empty.
func (m *Memory) Bounds() (first, last uint32, ok bool) {
	if len(m.pieces) == 0 {
		return 0, 0, false
	}
	return m.pieces[0].Addr, m.pieces[len(m.pieces)-1].Last(), true
}

// Size is the number of bytes held, holes not counted.
func (m *Memory) Size() int64 {
	var n int64
	for _, p := range m.pieces {
		n += int64(len(p.Data))
	}
	return n
}

// Slice returns what m holds from address first to address last, both included,
// at the same addresses and without a start address.
func (m *Memory) Slice(first, last uint32) *Memory {
	part := &Memory{}
	for _, p := range m.pieces[m.search(first):] {
		if p.Addr > last {
			break
		}
		low, high := max(p.Addr, first), min(p.Last(), last)
		if low > high {
			break
		}
		data := p.Data[low-p.Addr : uint64(high-p.Addr)+1]
		part.pieces = append(part.pieces, piece{Segment{low, data}, p.from})
	}
	return part
}

// Merge adds everything other holds to m, such as a signed image to its
// bootloader. Overlap is an error, even of equal bytes, and so are two
// different start addresses: set the Start of one to Start{} to prefer the
// other. After an error m is as before.
func (m *Memory) Merge(other *Memory) error {
	start, err := m.Start.merge(other.Start)
	if err != nil {
		return err
	}
	merged := Memory{Start: start, pieces: slices.Concat(m.pieces, other.pieces)}
	sort.SliceStable(merged.pieces, func(i, j int) bool { return merged.pieces[i].Addr < merged.pieces[j].Addr })
	for i := 1; i < len(merged.pieces); i++ {
		if low, high := merged.pieces[i-1], merged.pieces[i]; high.Addr <= low.Last() {
			return fmt.Errorf("%v overlaps %v", high, low)
		}
	}
	*m = merged
	return nil
}
