package rdiff

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	// firstPiece is how much of the base is compared first; long matches go on
	// in pieces of windowSize.
	firstPiece = 4 << 10
	// maxOverlap is how far a match may reach back over earlier ones.
	maxOverlap = 4 << 10
)

// common returns the length of the longest common prefix of a and b.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	a, b = a[:n], b[:n]
	if bytes.Equal(a, b) {
		return n
	}
	const stride = 512
	i := 0
	for i+stride <= n && bytes.Equal(a[i:i+stride], b[i:i+stride]) {
		i += stride
	}
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// commonEnd returns the length of the longest common suffix of a and b.
func commonEnd(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// forward returns how many bytes from at on are equal in the segment and, shift
// bytes farther, in the base.
func (s *scanner) forward(w *window, at int, shift int64) (int, error) {
	n, piece := 0, firstPiece
	for at+n < len(s.image) {
		p, err := w.bytes(s.origin+int64(at+n)+shift, min(piece, len(s.image)-at-n))
		if err != nil {
			return 0, err
		}
		got := common(s.image[at+n:], p)
		n += got
		if got < piece {
			break
		}
		piece = windowSize
	}
	return n, nil
}

// backward returns how many bytes before at are equal in the segment and, shift
// bytes farther, in the base; it looks no farther back than to limit.
func (s *scanner) backward(w *window, at, limit int, shift int64) (int, error) {
	n := 0
	for at-n > limit {
		end := s.origin + int64(at-n) + shift // in the base
		piece := int(min(windowBack, int64(at-n-limit), end))
		if piece == 0 {
			break
		}
		p, err := w.bytes(end-int64(piece), piece)
		if err != nil {
			return 0, err
		}
		got := commonEnd(s.image[at-n-piece:at-n], p)
		n += got
		if got < piece {
			break
		}
	}
	return n, nil
}
