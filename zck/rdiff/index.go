package rdiff

import (
	"bytes"
	"context"
	"io"
	"math/bits"
	"sync"
)

const (
	// anchorSpacing is the distance between the places of the base that the
	// index knows. A match of anchorSpacing + anchorLength bytes holds a whole
	// anchor and is always found.
	anchorSpacing = 256
	// maxAnchors bounds the index; the anchors of a larger base are farther
	// apart. It is what 1 GiB has.
	maxAnchors = 1 << 22
	// maxEqual is how many anchors with the same bytes are kept, the first ones
	// of the base.
	maxEqual = 4
	// filterBits is the least number of bits in the filter for each anchor.
	filterBits = 8
)

// index finds places of the base by the bytes, an anchor, that stand there.
type index struct {
	spacing int64    // between anchors
	table   []uint64 // upper half: tag of an anchor's hash; lower: its number + 1; 0 is free
	filter  []uint64 // a bit for each hash that may be in table
	shift   uint     // of a hash to its bit in the filter
	runs    [256]run // longest runs of one byte value
	last    run      // the run at the end of what is indexed
	buffers sync.Pool
}

// run is a range of the base that is filled with one byte value, as far as
// anchors tell: it begins at one and ends spacing bytes behind another.
type run struct {
	value byte
	first int64 // number of its first anchor
	count int64 // anchors
}

// newIndex reads the base and indexes it.
func newIndex(ctx context.Context, base Source, jobs int) (*index, error) {
	x := emptyIndex(base.Size())
	segment := max(segmentSize, x.spacing)
	begin := int64(0)
	next := func() (func() ([]anchor, error), error) {
		at := begin
		begin += segment
		if base.Size()-at < anchorLength {
			return nil, io.EOF
		}
		return func() ([]anchor, error) { return x.anchors(base, at, segment) }, nil
	}
	number := int64(0)
	err := inOrder(ctx, jobs, next, func(anchors []anchor) error {
		for _, a := range anchors {
			x.add(a, number)
			number++
		}
		return nil
	})
	x.addRuns()
	return x, err
}

// emptyIndex makes room for the anchors of a base of size bytes.
func emptyIndex(size int64) *index {
	x := &index{spacing: anchorSpacing}
	for size/x.spacing > maxAnchors {
		x.spacing *= 2
	}
	anchors := size/x.spacing + 1
	x.table = make([]uint64, anchors*4/3+int64(len(x.runs))+1)
	logBits := max(uint(bits.Len64(uint64(anchors*filterBits))), 6)
	x.filter = make([]uint64, 1<<(logBits-6))
	x.shift = 64 - logBits
	return x
}

// anchor is what the index needs to know of anchorLength bytes.
type anchor struct {
	hash    uint64
	uniform bool // all its bytes are the same
	filled  bool // and so are those up to the next anchor
	value   byte
}

// anchors reads a segment of the base and returns its anchors.
func (x *index) anchors(base Source, at, segment int64) ([]anchor, error) {
	buf, ok := x.buffers.Get().(*[]byte)
	if !ok {
		buf = new(make([]byte, min(segment, base.Size())))
	}
	defer x.buffers.Put(buf)
	p := (*buf)[:min(segment, base.Size()-at)]
	if err := readFull(base, "the base", p, at); err != nil {
		return nil, err
	}
	list := make([]anchor, 0, int64(len(p))/x.spacing+1)
	for len(p) >= anchorLength {
		block := p[:min(x.spacing, int64(len(p)))]
		p = p[len(block):]
		a := anchor{value: block[0], uniform: uniform(block[:anchorLength])}
		if a.uniform {
			a.filled = int64(len(block)) == x.spacing && uniform(block)
		} else {
			a.hash = mix(rollHash(block[:anchorLength]))
		}
		list = append(list, a)
	}
	return list, nil
}

// uniform reports whether all bytes of p are the same.
func uniform(p []byte) bool {
	return bytes.Equal(p[1:], p[:len(p)-1])
}

// mix spreads the bits of a rolling hash, whose low ones depend on each other.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= spread
	return h ^ h>>29
}

// add enters anchor a with its number. Those of one byte value are only counted:
// there are too many of them, and only the longest run is of use.
func (x *index) add(a anchor, number int64) {
	if !a.uniform {
		x.insert(a.hash, number)
		return
	}
	if !a.filled {
		return
	}
	if x.last.value != a.value || x.last.first+x.last.count != number {
		x.last = run{value: a.value, first: number}
	}
	x.last.count++
	if x.last.count > x.runs[a.value].count {
		x.runs[a.value] = x.last
	}
}

// addRuns enters the longest runs.
func (x *index) addRuns() {
	for value, r := range x.runs {
		if r.count > 0 {
			x.insert(mix(rollHash(bytes.Repeat([]byte{byte(value)}, anchorLength))), r.first)
		}
	}
}

// insert enters the anchor of that number, unless its hash is there too often.
func (x *index) insert(hash uint64, number int64) {
	slot, tag := x.slot(hash)
	for equal := 0; x.table[slot] != 0; slot = x.after(slot) {
		if x.table[slot]>>32 != tag {
			continue
		}
		if equal++; equal == maxEqual {
			return
		}
	}
	x.table[slot] = tag<<32 | uint64(number+1)
	bit := hash >> x.shift
	x.filter[bit>>6] |= 1 << (bit & 63)
}

// has reports whether an anchor with that hash may be there.
func (x *index) has(hash uint64) bool {
	bit := hash >> x.shift
	return x.filter[bit>>6]>>(bit&63)&1 != 0
}

// find appends the offsets in the base of anchors with that hash.
func (x *index) find(list []int64, hash uint64) []int64 {
	slot, tag := x.slot(hash)
	for ; x.table[slot] != 0; slot = x.after(slot) {
		if entry := x.table[slot]; entry>>32 == tag {
			list = append(list, int64(uint32(entry)-1)*x.spacing)
		}
	}
	return list
}

// slot returns where a hash is looked for first, and what it is told by there.
func (x *index) slot(hash uint64) (slot int, tag uint64) {
	hi, _ := bits.Mul64(hash, uint64(len(x.table)))
	return int(hi), hash & (1<<32 - 1)
}

func (x *index) after(slot int) int {
	if slot++; slot < len(x.table) {
		return slot
	}
	return 0
}
