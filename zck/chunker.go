package zck

import "math/bits"

// The parameters of zchunk's automatic chunking, the same in every release
// from 0.9 to 1.5. The zck program has no option for them, and SWUpdate's delta
// handler uses them for what is installed: an image that is cut otherwise finds
// nothing there to reuse.
const (
	// Window is how many bytes the rolling hash looks at.
	Window = 48
	// Nominal is the mean distance of two matches of the hash in random
	// data, in bytes. With the limits below, chunks of random data have
	// 40189 bytes on average.
	Nominal = 1 << 15
	// ChunkMin is the smallest chunk, in bytes. Only the last one of a file
	// may be smaller.
	ChunkMin = Nominal / 4
	// ChunkMax is the largest chunk, in bytes.
	ChunkMax = Nominal * 4
)

// mask selects the bits of the hash that are zero where a chunk may end.
const mask = Nominal - 1

// Chunker finds the ends of chunks exactly where zck finds them. It does no
// input or output and keeps no data: bytes are fed to it in pieces of any size,
// and where chunks end does not depend on the pieces. The zero Chunker stands
// at the begin of a file.
type Chunker struct {
	window [Window]byte // the last bytes fed, oldest at next
	next   int
	filled int    // bytes fed to the window since the chunk began, at most Window
	hash   uint32 // of the window; complete when it is filled
	size   int    // bytes of the current chunk so far
}

// Size is the number of bytes of the chunk that has not ended, so far. After
// the last byte of a file, a chunk that is not empty ends by itself.
func (c *Chunker) Size() int { return c.size }

// Reset ends the current chunk where it is.
func (c *Chunker) Reset() { *c = Chunker{} }

// Feed takes bytes from the begin of p up to the end of the current chunk, or
// all of them. It returns how many it took, and whether the chunk ends behind
// them; then the next call begins another chunk. It is the byte behind a chunk
// that ends it: Feed sees it, and leaves it to the next call.
func (c *Chunker) Feed(p []byte) (n int, end bool) {
	clean := 0 // how many bytes of p the window ends with, each once
	for n < len(p) {
		if clean >= Window {
			if n, end = c.run(p, n); end {
				return n, true
			}
			clean = 0
			continue
		}
		refused, end := c.step(p[n])
		if end {
			return n, true
		}
		if refused {
			clean = 0
		}
		clean++
		n++
	}
	return n, false
}

// step takes b into the chunk, or ends the chunk before it. zchunk's peculiarity
// is in here: a byte at which the hash matches too early for a chunk to end is
// refused and fed again, so that the window holds it twice. A window full of one
// value never matches, so that this comes to an end.
func (c *Chunker) step(b byte) (refused, end bool) {
	for c.push(b) || c.size >= ChunkMax {
		if c.size >= ChunkMin {
			c.Reset()
			return false, true
		}
		refused = true
	}
	c.size++
	return refused, false
}

// push feeds b to the hash and tells whether a chunk may end before it. While
// the window fills none may.
func (c *Chunker) push(b byte) bool {
	gone := c.window[c.next]
	c.window[c.next] = b
	if c.next++; c.next == Window {
		c.next = 0
	}
	if c.filled < Window {
		c.filled++
		c.hash = bits.RotateLeft32(c.hash, 1) ^ substitution[b]
		return c.filled == Window && c.hash&mask == 0
	}
	c.hash = bits.RotateLeft32(c.hash, 1) ^ leaving[gone] ^ substitution[b]
	return c.hash&mask == 0
}

// run takes bytes of p from n on, where the window is p[n-Window:n]. It stops at
// the end of the chunk, at a byte that step is to feed again, and at the end
// of p.
func (c *Chunker) run(p []byte, n int) (stop int, end bool) {
	limit := min(len(p), n+ChunkMax-c.size)
	stop, c.hash = scan(c.hash, p[:limit], n)
	c.size += stop - n
	matched := stop < limit
	if c.size >= ChunkMin && (matched || stop < len(p)) {
		c.Reset()
		return stop, true
	}
	fed := stop
	if matched {
		fed++
	}
	copy(c.window[:], p[fed-Window:fed])
	c.next = 0
	return stop, false
}

// scan rolls the hash over p from n on, where p[n-Window:n] is in the window. It
// returns the first place where the hash of what is fed up to and including it
// matches, or len(p).
func scan(hash uint32, p []byte, n int) (int, uint32) {
	for len(p)-n >= 2*lane {
		var i int
		if i, hash = scanLanes(hash, p[n-Window:][:Window+2*lane]); i < 2*lane {
			return n + i, hash
		}
		n += 2 * lane
	}
	return scanEach(hash, p, n)
}

// lane is how far ahead scanLanes scans.
const lane = 2 << 10

// scanLanes scans the 2*lane bytes behind the window that p begins with, both
// halves at the same time: rolling is a chain in which each byte waits for the
// one before, and a processor can follow two chains as fast as one.
func scanLanes(hash uint32, p []byte) (int, uint32) {
	ahead := hashOf(p[lane:][:Window])
	out, in := p[:lane], p[Window:][:lane]
	outAhead, inAhead := p[lane:][:lane], p[lane+Window:][:lane]
	for i := range lane {
		hash = bits.RotateLeft32(hash, 1) ^ leaving[out[i]] ^ substitution[in[i]]
		ahead = bits.RotateLeft32(ahead, 1) ^ leaving[outAhead[i]] ^ substitution[inAhead[i]]
		if hash&mask == 0 {
			return i, hash
		}
		if ahead&mask == 0 {
			end := Window + lane
			if n, hash := scanEach(hash, p[:end], Window+i+1); n < end {
				return n - Window, hash
			}
			return lane + i, ahead
		}
	}
	return 2 * lane, ahead
}

// scanEach does scan's work byte by byte.
func scanEach(hash uint32, p []byte, n int) (int, uint32) {
	for ; n < len(p); n++ {
		hash = bits.RotateLeft32(hash, 1) ^ leaving[p[n-Window]] ^ substitution[p[n]]
		if hash&mask == 0 {
			return n, hash
		}
	}
	return n, hash
}

// hashOf returns the hash of a window.
func hashOf(window []byte) (hash uint32) {
	for _, b := range window {
		hash = bits.RotateLeft32(hash, 1) ^ substitution[b]
	}
	return hash
}
