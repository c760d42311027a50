package frame

import "math/bits"

// coded is a sequence as it is written.
type coded struct {
	literals, length, offset            uint32 // what follows the code, with higher bits
	literalCode, lengthCode, offsetCode uint8
}

// sequences writes the section of sequences of a block.
type sequences struct {
	coded                     []coded
	literals, length, offsets table
	stream                    []byte
}

// append appends the section (RFC 8878, section 3.1.1.3.2).
func (q *sequences) append(dst []byte, all []sequence) []byte {
	dst = appendCount(dst, len(all))
	if len(all) == 0 {
		return dst
	}
	q.literals.field, q.length.field, q.offsets.field = &literalField, &matchField, &offsetField
	q.code(all)
	last := &q.coded[len(q.coded)-1]
	modes := len(dst)
	dst = append(dst, 0)
	dst = q.literals.choose(dst, len(all), last.literalCode)
	dst = q.offsets.choose(dst, len(all), last.offsetCode)
	dst = q.length.choose(dst, len(all), last.lengthCode)
	dst[modes] = byte(q.literals.mode<<6 | q.offsets.mode<<4 | q.length.mode<<2)
	return append(dst, q.write()...)
}

// appendCount appends how many sequences there are.
func appendCount(dst []byte, n int) []byte {
	switch {
	case n < 128:
		return append(dst, byte(n))
	case n < 0x7f00:
		return append(dst, byte(n>>8)+128, byte(n))
	}
	return append(dst, 255, byte(n-0x7f00), byte((n-0x7f00)>>8))
}

// code finds the codes of all sequences and counts them.
func (q *sequences) code(all []sequence) {
	clear(q.literals.counts[:])
	clear(q.length.counts[:])
	clear(q.offsets.counts[:])
	recent := recent{1, 4, 8}
	q.coded = q.coded[:0]
	for i := range all {
		s := &all[i]
		c := coded{literals: s.literals, length: s.length - 3, offset: recent.value(s.offset, s.literals == 0)}
		c.literalCode, c.lengthCode, c.offsetCode = literalCode(c.literals), matchCode(c.length), uint8(bits.Len32(c.offset)-1)
		q.literals.counts[c.literalCode&63]++
		q.length.counts[c.lengthCode&63]++
		q.offsets.counts[c.offsetCode&63]++
		q.coded = append(q.coded, c)
	}
}

// recent are the last three offsets.
type recent [3]uint32

// value returns how an offset is written (RFC 8878, section 3.1.1.5), and makes it
// the last one.
func (r *recent) value(offset uint32, noLiterals bool) uint32 {
	if !noLiterals {
		switch offset {
		case r[0]:
			return 1
		case r[1]:
			r[0], r[1] = r[1], r[0]
			return 2
		case r[2]:
			r[0], r[1], r[2] = r[2], r[0], r[1]
			return 3
		}
	} else {
		switch offset {
		case r[1]:
			r[0], r[1] = r[1], r[0]
			return 1
		case r[2]:
			r[0], r[1], r[2] = r[2], r[0], r[1]
			return 2
		case r[0] - 1:
			r[0], r[1], r[2] = r[0]-1, r[0], r[1]
			return 3
		}
	}
	r[0], r[1], r[2] = offset, r[0], r[1]
	return offset + 3
}

// most is how many bytes a sequence takes at most: 16 bits of each table, and
// what follows three codes.
const most = 12

// write returns the stream of bits, which decoders read from its end.
func (q *sequences) write() []byte {
	if need := most*len(q.coded) + 16; len(q.stream) < need {
		q.stream = make([]byte, need)
	}
	out, at := q.stream, 0
	last := len(q.coded) - 1
	c := &q.coded[last]
	literals, length, offset := q.literals.first(c.literalCode), q.length.first(c.lengthCode), q.offsets.first(c.offsetCode)
	w := c.addLengths(bitWriter{})
	w, at = w.flush(out, at)
	w = c.addOffset(w)
	for i := last - 1; i >= 0; i-- {
		w, at = w.flush(out, at)
		c := &q.coded[i]
		w, offset = q.offsets.step(w, offset, c.offsetCode)
		w, length = q.length.step(w, length, c.lengthCode)
		w, literals = q.literals.step(w, literals, c.literalCode)
		w = c.addLengths(w)
		w, at = w.flush(out, at)
		w = c.addOffset(w)
	}
	w, at = w.flush(out, at)
	w = w.add(length, uint(q.length.log)).add(offset, uint(q.offsets.log)).add(literals, uint(q.literals.log))
	return w.add(1, 1).close(out, at)
}

// addLengths adds what follows the codes of the lengths. Together they are no
// longer than a chunk, which makes 31 bits at most.
func (c *coded) addLengths(w bitWriter) bitWriter {
	return w.add(c.literals, uint(literalExtra[c.literalCode])).add(c.length, uint(matchExtra[c.lengthCode]))
}

// addOffset adds what follows the code of the offset.
func (c *coded) addOffset(w bitWriter) bitWriter {
	return w.add(c.offset, uint(c.offsetCode))
}
