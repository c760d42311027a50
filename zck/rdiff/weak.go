package rdiff

// The constants of the weak sums, from librsync 2.3.2.
const (
	rollOffset    = 31         // rollsum: added to every byte
	rabinSeed     = 1          // RabinKarp: the sum of nothing
	rabinMultiply = 0x08104225 // RabinKarp: the base of the polynomial
	rabinInverse  = 0x98f009ad // 1/rabinMultiply modulo 1<<32
)

// weakSum is one of librsync's two weak sums over a window of bytes.
type weakSum struct {
	rabin  bool
	n      uint32 // bytes in the window
	s1, s2 uint32 // rollsum: its halves, modulo 1<<16
	hash   uint32 // RabinKarp: the sum
	power  uint32 // RabinKarp: rabinMultiply to the power of n
}

// newWeakSum returns the sum over an empty window.
func newWeakSum(m Magic) weakSum {
	w := weakSum{rabin: m.rabinKarp()}
	w.reset()
	return w
}

// reset empties the window.
func (w *weakSum) reset() {
	w.n, w.s1, w.s2, w.hash, w.power = 0, 0, 0, rabinSeed, 1
}

// update adds p at the end of the window.
func (w *weakSum) update(p []byte) {
	w.n += uint32(len(p))
	if w.rabin {
		w.updateRabin(p)
		return
	}
	s1, s2 := w.s1, w.s2
	for _, b := range p {
		s1 += uint32(b) + rollOffset
		s2 += s1
	}
	w.s1, w.s2 = s1, s2
}

// updateRabin takes four bytes at a time, so that their products do not wait
// for each other.
func (w *weakSum) updateRabin(p []byte) {
	const m1 = rabinMultiply
	const (
		m2 = m1 * m1 & (1<<32 - 1)
		m3 = m2 * m1 & (1<<32 - 1)
		m4 = m3 * m1 & (1<<32 - 1)
	)
	hash, power := w.hash, w.power
	for len(p) >= 4 {
		hash = hash*m4 + uint32(p[0])*m3 + uint32(p[1])*m2 + uint32(p[2])*m1 + uint32(p[3])
		power *= m4
		p = p[4:]
	}
	for _, b := range p {
		hash = hash*m1 + uint32(b)
		power *= m1
	}
	w.hash, w.power = hash, power
}

// rotate takes out away from the begin of the window and puts in at its end.
func (w *weakSum) rotate(out, in byte) {
	if w.rabin {
		w.hash = w.hash*rabinMultiply + uint32(in) - w.power*(uint32(out)+rabinMultiply-1)
		return
	}
	w.s1 += uint32(in) - uint32(out)
	w.s2 += w.s1 - w.n*(uint32(out)+rollOffset)
}

// rollout takes out away from the begin of the window.
func (w *weakSum) rollout(out byte) {
	if w.rabin {
		w.power *= rabinInverse
		w.hash -= w.power * (uint32(out) + rabinMultiply - 1)
	} else {
		w.s1 -= uint32(out) + rollOffset
		w.s2 -= w.n * (uint32(out) + rollOffset)
	}
	w.n--
}

// digest returns the sum.
func (w *weakSum) digest() uint32 {
	if w.rabin {
		return w.hash
	}
	return w.s2<<16 | w.s1&0xffff
}
