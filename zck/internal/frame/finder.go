package frame

import (
	"encoding/binary"
	"math/bits"
)

// The sizes of a finder's tables. Both stay in the second cache of a processor,
// unlike the tables of encoders that look back for megabytes.
const (
	longBits  = 15
	shortBits = 15
)

// minMatch is the shortest match that is looked for. With five bytes files of
// programs are 2 % larger.
const minMatch = 4

// reach is how much of a chunk must follow a place that is searched: eight bytes
// are compared there, and eight a byte later.
const reach = 9

// newest is the place of a chunk, counted from the first chunk on, above which
// the tables are emptied. Places are compared as signed numbers.
const newest = 1 << 30

// finder finds what a chunk repeats of itself. Two tables have the last places of
// eight bytes and of four by their hash.
type finder struct {
	effort Effort
	long   [1 << longBits]uint32
	short  [1 << shortBits]uint32
	base   uint32 // of the places of a chunk; what is below is of earlier ones
}

// match is a place that repeats another one.
type match struct{ at, from, length int }

func (m match) offset() int { return m.at - m.from }
func (m match) end() int    { return m.at + m.length }

// parse turns a chunk into sequences.
func (f *finder) parse(chunk []byte, out *parsed) {
	f.begin()
	out.reset()
	limit, done := len(chunk)-reach, 0
	last, before := 1, 1 // offsets
	for at := 1; at < limit; at = done {
		m := f.search(chunk, done, at, last)
		if m.length == 0 {
			break
		}
		if m.offset() != last {
			last, before = m.offset(), last
		}
		out.add(chunk, done, m)
		if done = m.end(); done >= limit {
			break
		}
		f.learn(chunk, m)
		for done < limit && load32(chunk, done-before) == load32(chunk, done) {
			m = match{done, done - before, minMatch + common(chunk, done-before+minMatch, done+minMatch)}
			f.note(load64(chunk, done), done)
			out.add(chunk, done, m)
			last, before = before, last
			done = m.end()
		}
	}
	out.finish(chunk[done:])
	f.base += uint32(len(chunk))
}

// begin makes the entries of earlier chunks invalid.
func (f *finder) begin() {
	if f.base == 0 || f.base > newest {
		clear(f.long[:])
		clear(f.short[:])
		f.base = 1
	}
}

// search goes on from at to the next match and returns it; it has no length where
// there is none. What is before done is part of sequences already, and last is
// the offset of the latest.
func (f *finder) search(chunk []byte, done, at, last int) match {
	for limit := len(chunk) - reach; at < limit; at += 1 + (at-done)>>f.effort.haste {
		value, next := load64(chunk, at), load64(chunk, at+1)
		longEntry, shortEntry := f.note(value, at)
		long, short := f.place(longEntry), f.place(shortEntry)
		if x := load64(chunk, at+1-last) ^ next; uint32(x) == 0 {
			return f.complete(chunk, match{at + 1, at + 1 - last, same(x)})
		}
		m := match{at, long, 8}
		if load64(chunk, long) != value {
			x := load64(chunk, short) ^ value
			if uint32(x) != 0 {
				continue
			}
			m = match{at, short, same(x)}
		}
		m = f.better(chunk, f.complete(chunk, m))
		for m.at > done && m.from > 0 && chunk[m.at-1] == chunk[m.from-1] {
			m.at, m.from, m.length = m.at-1, m.from-1, m.length+1
		}
		return m
	}
	return match{}
}

// note enters a place, at which value stands, into the tables. It returns the
// entries that were there by the same hashes.
func (f *finder) note(value uint64, at int) (long, short uint32) {
	l, s, entry := &f.long[hashLong(value)], &f.short[hashShort(value)], f.base+uint32(at)
	long, short = *l, *s
	*l, *s = entry, entry
	return long, short
}

// place returns the place in the chunk of an entry, and the begin of the chunk for
// one of an earlier chunk: a comparison fails there as well, and a branch that
// cannot be foretold is spared.
func (f *finder) place(entry uint32) int {
	at := int32(entry - f.base)
	return int(at &^ (at >> 31))
}

// better looks for a longer match a byte after a short one, and a byte after that.
func (f *finder) better(chunk []byte, m match) match {
	for limit := len(chunk) - reach; m.length < f.effort.patience && m.at+1 < limit; {
		at := m.at + 1
		value := load64(chunk, at)
		longEntry, shortEntry := f.note(value, at)
		long, short := f.place(longEntry), f.place(shortEntry)
		other := match{at, long, same(load64(chunk, long) ^ value)}
		if other.length < 8 {
			other = match{at, short, same(load64(chunk, short) ^ value)}
		}
		if other = f.complete(chunk, other); other.length <= m.length {
			break
		}
		m = other
	}
	return m
}

// complete extends a match of the eight bytes that were compared.
func (f *finder) complete(chunk []byte, m match) match {
	if m.length == 8 {
		m.length += common(chunk, m.from+8, m.at+8)
	}
	return m
}

// learn enters places inside a match and at its end. It is enough for the next
// ones to be found.
func (f *finder) learn(chunk []byte, m match) {
	f.note(load64(chunk, m.at+2), m.at+2)
	at := m.end() - 2
	value := load64(chunk, at)
	f.long[hashLong(value)] = f.base + uint32(at)
	f.short[hashShort(value>>8)] = f.base + uint32(at+1)
}

// hashLong spreads eight bytes, hashShort the first four, by multiples of the
// golden ratio.
func hashLong(v uint64) uint64  { return v * 0x9e3779b97f4a7c15 >> (64 - longBits) }
func hashShort(v uint64) uint32 { return uint32(v) * 0x9e3779b1 >> (32 - shortBits) }

// same returns how many bytes two values have in common, of which x is the
// difference.
func same(x uint64) int { return bits.TrailingZeros64(x) >> 3 }

// common returns how many bytes at a equal those at b, which is larger.
func common(chunk []byte, a, b int) (n int) {
	for ; b+n+8 <= len(chunk); n += 8 {
		if x := load64(chunk, a+n) ^ load64(chunk, b+n); x != 0 {
			return n + same(x)
		}
	}
	for b+n < len(chunk) && chunk[a+n] == chunk[b+n] {
		n++
	}
	return n
}

func load64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
func load32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
