package firmware

import (
	"fmt"
	"math"
)

// DefaultLimit is the largest image, in bytes, that is made where the caller
// gives no limit: more than the flash of any controller MCUboot runs on.
const DefaultLimit = 64 << 20

// Bytes flattens the memory into an image that starts at address base and ends
// with the last byte held; holes are filled. imgtool takes the lowest address as
// base and fills with 0xff. Data below base is an error, and so is an image of
// more than limit bytes (0 or less: DefaultLimit), as a record far away makes
// one: the error names the largest hole. An empty memory is an empty image.
func (m *Memory) Bytes(base uint32, fill byte, limit int64) ([]byte, error) {
	first, last, ok := m.Bounds()
	if !ok {
		return nil, nil
	}
	if first < base {
		return nil, fmt.Errorf("%v is below the base address %#x", m.pieces[0], base)
	}
	if limit <= 0 {
		limit = DefaultLimit
	}
	size := int64(last) - int64(base) + 1
	// A 32-bit machine cannot hold more than math.MaxInt.
	if limit = min(limit, math.MaxInt); size > limit {
		return nil, m.tooLarge(base, size, limit)
	}
	return m.flatten(base, fill, int(size)), nil
}

func (m *Memory) flatten(base uint32, fill byte, size int) []byte {
	image := make([]byte, size)
	pos := 0
	for _, p := range m.pieces {
		start := int(p.Addr - base)
		fillWith(image[pos:start], fill)
		pos = start + copy(image[start:], p.Data)
	}
	return image
}

func fillWith(b []byte, fill byte) {
	for i := range b {
		b[i] = fill
	}
}

func (m *Memory) tooLarge(base uint32, size, limit int64) error {
	msg := fmt.Sprintf("an image from %#x to %#x has %d bytes, %d are allowed", base, int64(base)+size-1, size, limit)
	start, length, next := m.largestHole(base)
	if length == 0 {
		return fmt.Errorf("%s", msg)
	}
	return fmt.Errorf("%s: nothing is at %#x-%#x, before %v", msg, start, start+length-1, next)
}

// largestHole finds the longest run of addresses from base on that hold nothing,
// and the piece behind it.
func (m *Memory) largestHole(base uint32) (start, length uint64, next piece) {
	pos := uint64(base)
	for _, p := range m.pieces {
		if hole := uint64(p.Addr) - pos; hole > length {
			start, length, next = pos, hole, p
		}
		pos = uint64(p.Last()) + 1
	}
	return start, length, next
}
