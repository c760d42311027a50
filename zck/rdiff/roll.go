package rdiff

// spread scatters the bits of a hash: 2^64 divided by the golden ratio.
const spread = 0x9e3779b97f4a7c15

// anchorLength is how many bytes a rolling hash looks at.
const anchorLength = 32

// The multiplier of the rolling hash, Knuth's for 64 bits, and its powers
// modulo 1<<64. A gear hash would be cheaper, but forgets the older half of
// its bytes too well: images are full of anchors that differ there only.
const (
	roll1  = 0x5851f42d4c957f2d
	roll2  = roll1 * roll1 & (1<<64 - 1)
	roll4  = roll2 * roll2 & (1<<64 - 1)
	roll8  = roll4 * roll4 & (1<<64 - 1)
	roll16 = roll8 * roll8 & (1<<64 - 1)
	roll32 = roll16 * roll16 & (1<<64 - 1)
)

// rollHash returns the hash of the last anchorLength bytes of p, or of all when
// there are fewer. Four bytes are taken at a time, so that their products do
// not wait for each other.
func rollHash(p []byte) uint64 {
	const roll3 = roll2 * roll1 & (1<<64 - 1)
	p = p[max(len(p)-anchorLength, 0):]
	var h uint64
	for ; len(p) >= 4; p = p[4:] {
		h = h*roll4 + uint64(p[0])*roll3 + uint64(p[1])*roll2 + uint64(p[2])*roll1 + uint64(p[3])
	}
	for _, b := range p {
		h = h*roll1 + uint64(b)
	}
	return h
}

// rollOn returns the hash h with out, the first of its bytes, taken away and in
// put at the end. While there are fewer than anchorLength bytes out is 0.
func rollOn(h uint64, out, in byte) uint64 {
	return h*roll1 + uint64(in) - uint64(out)*roll32
}
