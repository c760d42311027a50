package frame

import (
	"math"
	"math/bits"
)

// The modes of a table (RFC 8878, section 3.1.1.3.2.1).
const (
	standardMode = iota
	oneCodeMode
	ownMode
)

const (
	maxLog     = 9
	maxSymbols = 53
)

// transition says how a code changes the state of a table.
type transition struct {
	bits  uint32 // with the state added, the width in the upper half
	state int32  // with the upper bits of the state added, the place of the next
}

// table codes one field of the sequences by finite state entropy (RFC 8878,
// section 4.1).
type table struct {
	field  *field
	counts [64]uint32
	norm   [maxSymbols]int16
	mode   int
	log    int
	states [1 << maxLog]uint16
	codes  [64]transition
	spread [1 << maxLog]uint8
}

// choose takes the cheapest table for what was counted, of n codes, the last of
// which is last, and appends its description.
func (t *table) choose(dst []byte, n int, last uint8) []byte {
	if int(t.counts[last]) == n {
		t.mode, t.log = oneCodeMode, 0
		t.states[0] = 0
		t.codes[last] = transition{}
		return append(dst, last)
	}
	// The last code is the first state and costs nothing.
	if t.counts[last] > 1 {
		t.counts[last]--
		n--
	}
	t.log = t.accuracy(n)
	t.normalize(n)
	begin := len(dst)
	dst = t.describe(dst)
	own := cost(t.counts[:], t.norm[:t.field.symbols], t.log) + 8*(len(dst)-begin)
	if cost(t.counts[:], t.field.standard, t.field.standLog) <= own {
		t.mode, t.log = standardMode, t.field.standLog
		copy(t.norm[:], t.field.standard)
		clear(t.norm[len(t.field.standard):])
		t.build()
		return dst[:begin]
	}
	t.mode = ownMode
	t.build()
	return dst
}

// accuracy returns the log of the size of a table for n codes.
func (t *table) accuracy(n int) int {
	symbols := 0
	for s, count := range t.counts[:t.field.symbols] {
		if count > 0 {
			symbols = s
		}
	}
	least := min(bits.Len(uint(n)), bits.Len(uint(symbols))+1)
	return min(max(min(t.field.log, bits.Len(uint(n-1))-3), least, 5), t.field.log)
}

// normalize makes shares of the counts, which add up to the size of the table.
func (t *table) normalize(n int) {
	size := 1 << t.log
	left, largest := size, 0
	for s, count := range t.counts[:t.field.symbols] {
		t.norm[s] = share(count, size, n)
		left -= max(int(t.norm[s]), -int(t.norm[s]))
		if t.norm[s] > t.norm[largest] {
			largest = s
		}
	}
	for left < 0 {
		give := min(-left, max(1, int(t.norm[largest])/4))
		t.norm[largest] -= int16(give)
		left += give
		for s, p := range t.norm[:t.field.symbols] {
			if p > t.norm[largest] {
				largest = s
			}
		}
	}
	t.norm[largest] += int16(left)
}

// share returns what count of n is worth of size: -1 for less than one.
func share(count uint32, size, n int) int16 {
	if count == 0 {
		return 0
	}
	scaled := uint64(count) * uint64(size) << 16 / uint64(n)
	p := scaled >> 16
	if p == 0 {
		return -1
	}
	// To the next share in proportion, as bits depend on the logarithm.
	if scaled*scaled>>32 >= p*(p+1) {
		p++
	}
	return int16(p)
}

// log2 are logarithms in 1/256 bits.
var log2 = logarithms()

func logarithms() (result [1<<maxLog + 1]uint16) {
	for i := 1; i < len(result); i++ {
		result[i] = uint16(math.Round(256 * math.Log2(float64(i))))
	}
	return result
}

// cost returns about how many bits the counted codes take.
func cost(counts []uint32, norm []int16, log int) int {
	total := 0
	for s, count := range counts {
		if count == 0 {
			continue
		}
		if s >= len(norm) || norm[s] == 0 {
			return math.MaxInt
		}
		total += int(count) * (log<<8 - int(log2[max(norm[s], 1)]))
	}
	return total >> 8
}

// describe appends the shares (RFC 8878, section 4.1.1).
func (t *table) describe(dst []byte) []byte {
	var out [2*maxSymbols + 8]byte
	at := 0
	w := bitWriter{}.add(uint32(t.log-5), 4)
	left := 1<<t.log + 1
	for s := 0; left > 1; {
		p := int(t.norm[s])
		s++
		w = addShare(w, p, left)
		left -= max(p, -p)
		if p == 0 {
			zeros := 0
			for ; t.norm[s] == 0; s++ {
				zeros++
			}
			for ; zeros >= 3; zeros -= 3 {
				w, at = w.add(3, 2).flush(out[:], at)
			}
			w = w.add(uint32(zeros), 2)
		}
		w, at = w.flush(out[:], at)
	}
	return append(dst, w.close(out[:], at)...)
}

// addShare adds the share of a code where so many are left, one more than there
// are for the codes to come.
func addShare(w bitWriter, p, left int) bitWriter {
	width := uint(bits.Len(uint(left)))
	threshold := 1 << (width - 1)
	short := 2*threshold - 1 - left // values below need a bit less
	value := p + 1
	if value >= threshold {
		value += short
	}
	if value < short {
		width--
	}
	return w.add(uint32(value), width)
}

// build makes the states of the shares.
func (t *table) build() {
	size := 1 << t.log
	high := size - 1
	var starts [maxSymbols + 1]uint16
	for s, p := range t.norm[:t.field.symbols] {
		starts[s+1] = starts[s] + uint16(max(p, -p))
		if p == -1 {
			t.spread[high] = uint8(s)
			high--
		}
		t.codes[s] = transitionOf(int(p), int(starts[s]), t.log)
	}
	t.spreadAll(high)
	for at, s := range t.spread[:size] {
		t.states[starts[s]] = uint16(size + at)
		starts[s]++
	}
}

// spreadAll gives each code its places up to high.
func (t *table) spreadAll(high int) {
	size := 1 << t.log
	step, at := size>>1+size>>3+3, 0
	for s, p := range t.norm[:t.field.symbols] {
		for ; p > 0; p-- {
			t.spread[at] = uint8(s)
			for at = (at + step) & (size - 1); at > high; {
				at = (at + step) & (size - 1)
			}
		}
	}
}

func transitionOf(p, start, log int) transition {
	switch p {
	case 0:
		return transition{}
	case 1, -1:
		return transition{uint32(log<<16 - 1<<log), int32(start - 1)}
	}
	width := log - (bits.Len(uint(p-1)) - 1)
	return transition{uint32(width<<16 - p<<width), int32(start - p)}
}

// first returns the state that stands for a code by itself.
func (t *table) first(code uint8) uint32 {
	c := t.codes[code]
	width := (c.bits + 1<<15) >> 16
	return uint32(t.states[int32((width<<16-c.bits)>>width)+c.state])
}

// step adds what leads to the state of a code from the one of the code behind it,
// as decoders read backwards.
func (t *table) step(w bitWriter, state uint32, code uint8) (bitWriter, uint32) {
	c := t.codes[code&63]
	width := (state + c.bits) >> 16
	return w.add(state, uint(width)), uint32(t.states[(int32(state>>width)+c.state)&(1<<maxLog-1)])
}
