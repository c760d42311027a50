package rdiff

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// blockTable finds the blocks of a signature by their sums. Of blocks with
// equal sums it knows the first only, as librsync does. The places in its two
// tables depend on a random number, so that nobody can make up a signature
// whose sums get into each other's way; what it finds does not.
type blockTable struct {
	sig    *Signature
	weak   []uint32 // by weak sum: number + 1 of a block that has it, or 0
	whole  []uint32 // by both sums: number + 1 of the block, or 0
	seed   maphash.Seed
	factor uint64 // scatters weak sums
	shift  uint   // of a scattered sum, to a place in a table

	key []byte // scratch
}

// newBlockTable enters all blocks of sig.
func newBlockTable(sig *Signature) *blockTable {
	logSize := uint(bits.Len(uint(sig.Blocks()))) + 1
	seed := maphash.MakeSeed()
	t := &blockTable{
		sig:    sig,
		weak:   make([]uint32, 1<<logSize),
		whole:  make([]uint32, 1<<logSize),
		seed:   seed,
		factor: maphash.String(seed, "") | 1,
		shift:  64 - logSize,
	}
	for i := range sig.Blocks() {
		t.enter(i)
	}
	return t
}

// enter adds block i.
func (t *blockTable) enter(i int) {
	place := t.place(t.sig.block(i))
	if t.whole[place] != 0 {
		return
	}
	t.whole[place] = uint32(i + 1)
	weak, _ := t.sig.Block(i)
	t.weak[t.weakPlace(weak)] = uint32(i + 1)
}

// find returns the number of the block that has the sums of p, or -1.
func (t *blockTable) find(weak uint32, p []byte) int {
	if t.weak[t.weakPlace(weak)] == 0 {
		return -1
	}
	t.key = binary.BigEndian.AppendUint32(t.key[:0], weak)
	t.key = t.sig.Magic.appendStrong(t.key, p)[:t.sig.stride()]
	return int(t.whole[t.place(t.key)]) - 1
}

// weakPlace returns where a weak sum is in the table, or belongs.
func (t *blockTable) weakPlace(weak uint32) int {
	place := int(uint64(weak) * t.factor >> t.shift)
	for t.weak[place] != 0 {
		if w, _ := t.sig.Block(int(t.weak[place] - 1)); w == weak {
			break
		}
		place = t.after(place)
	}
	return place
}

// place returns where both sums of a block are in the table, or belong.
func (t *blockTable) place(sums []byte) int {
	place := int(maphash.Bytes(t.seed, sums) >> t.shift)
	for t.whole[place] != 0 && !bytes.Equal(t.sig.block(int(t.whole[place]-1)), sums) {
		place = t.after(place)
	}
	return place
}

func (t *blockTable) after(place int) int {
	return (place + 1) & (len(t.whole) - 1)
}
