package rdiff

const (
	// minRun is how many bytes must be equal after a difference for the copy to
	// go on beside it. Below it the commands cost more than the literal.
	minRun = 32
	// minGain is how many bytes a match elsewhere must save.
	minGain = 48
	// commandCost is about what one copy takes in a delta.
	commandCost = 8
	// maxMisses is how many anchors of a segment may be compared in vain before
	// most are passed by. Ordinary images stay below it.
	maxMisses = 1 << 14
	// passBy selects those that are, by the bits of their hash: all but one in
	// 16, the same ones everywhere.
	passBy = 15
	// reach is how far behind a match its continuation is looked for.
	reach = 64 << 10
)

// match is a range of a segment that is in the base, too.
type match struct {
	begin, end int
	shift      int64 // offset in the base less offset in the image
}

// scanner finds the matches of one segment of the image after another. What it
// finds in a segment does not depend on the others.
type scanner struct {
	index   *index
	beside  *window // base where the last match would go on
	remote  *window // base where the index points
	found   []int64
	buf     []byte
	image   []byte // the segment
	origin  int64  // its offset in the image
	matches []match
	shift   int64 // of the last match
	misses  int   // anchors that were compared in vain
}

func newScanner(x *index, base Source) *scanner {
	return &scanner{
		index:  x,
		beside: newWindow(base),
		remote: newWindow(base),
	}
}

// run finds the matches of the n bytes of image at origin.
func (s *scanner) run(image Source, origin int64, n int) error {
	if n > cap(s.buf) {
		s.buf = make([]byte, n)
	}
	s.image, s.origin = s.buf[:n], origin
	s.matches, s.shift, s.misses = s.matches[:0], 0, 0
	if err := readFull(image, "the new image", s.image, origin); err != nil {
		return err
	}
	for at := 0; at < n; {
		m, err := s.search(at)
		if err != nil {
			return err
		}
		if m.end == 0 {
			break
		}
		s.accept(m)
		at = m.end
	}
	return nil
}

// accept adds m, and drops the matches that it covers.
func (s *scanner) accept(m match) {
	for len(s.matches) > 0 {
		last := s.matches[len(s.matches)-1]
		if last.begin < m.begin {
			m.begin = max(m.begin, last.end)
			break
		}
		s.matches = s.matches[:len(s.matches)-1]
	}
	s.matches = append(s.matches, m)
	s.shift = m.shift
}

// search finds the next match that ends behind at; without one its end is 0.
func (s *scanner) search(at int) (match, error) {
	hash := rollHash(s.image[:at])
	var same []byte // of the base, beside what is looked at
	sameAt, run := at, 0
	for i := at; i < len(s.image); i++ {
		if i-at >= reach {
			return s.searchOn(hash, at, i)
		}
		if i == sameAt {
			var err error
			if same, err = s.besideOf(i); err != nil {
				return match{}, err
			}
			sameAt += len(same)
		}
		b := s.image[i]
		if j := i - sameAt + len(same); j < len(same) && same[j] == b {
			if run++; run == minRun {
				return s.resume(i + 1 - minRun)
			}
		} else {
			run = 0
		}
		if i < anchorLength {
			hash = rollOn(hash, 0, b)
		} else {
			hash = rollOn(hash, s.image[i-anchorLength], b)
		}
		if mixed := mix(hash); s.index.has(mixed) && i+1 >= anchorLength {
			m, err := s.lookup(mixed, at, i+1)
			if err != nil || m.end > 0 {
				return m, err
			}
		}
	}
	return match{}, nil
}

// searchOn is search from i on, where the last match is out of sight.
func (s *scanner) searchOn(hash uint64, at, i int) (match, error) {
	leaving := s.image[i-anchorLength:]
	for j, b := range s.image[i:] {
		hash = rollOn(hash, leaving[j], b)
		if mixed := mix(hash); s.index.has(mixed) {
			m, err := s.lookup(mixed, at, i+j+1)
			if err != nil || m.end > 0 {
				return m, err
			}
		}
	}
	return match{}, nil
}

// besideOf returns some bytes of the base where the last match would go on at
// place i of the segment.
func (s *scanner) besideOf(i int) ([]byte, error) {
	off := s.origin + int64(i) + s.shift
	if off < 0 {
		return nil, nil
	}
	return s.beside.bytes(off, min(firstPiece, len(s.image)-i))
}

// resume returns the match from begin on with the shift of the last one.
func (s *scanner) resume(begin int) (match, error) {
	n, err := s.forward(s.beside, begin, s.shift)
	return match{begin, begin + n, s.shift}, err
}

// lookup returns the best match for the anchor that ends before end, if there is
// one worth a command. What stands before at is matched already.
func (s *scanner) lookup(hash uint64, at, end int) (match, error) {
	if s.misses >= maxMisses && hash&passBy != 0 {
		return match{}, nil
	}
	s.found = s.index.find(s.found[:0], hash)
	var best match
	bestGain := minGain - 1
	for _, base := range s.found {
		m, err := s.extend(base, at, end)
		if err != nil {
			return match{}, err
		}
		if m.end == 0 {
			continue
		}
		if gain := s.gain(m, at); gain > bestGain {
			best, bestGain = m, gain
		}
	}
	if best.end == 0 {
		s.misses += len(s.found)
	}
	return best, nil
}

// extend returns the match around the anchor before end that stands at base,
// empty when the hash lied.
func (s *scanner) extend(base int64, at, end int) (match, error) {
	begin := end - anchorLength
	shift := base - s.origin - int64(begin)
	n, err := s.forward(s.remote, begin, shift)
	if err != nil || n < anchorLength {
		return match{}, err
	}
	back, err := s.backward(s.remote, begin, max(at-maxOverlap, 0), shift)
	return match{begin - back, begin + n, shift}, err
}

// gain is what m saves: bytes behind at, and the commands it makes superfluous.
func (s *scanner) gain(m match, at int) int {
	gain := m.end - max(m.begin, at)
	for i := len(s.matches) - 1; i >= 0 && s.matches[i].begin >= m.begin; i-- {
		gain += commandCost
	}
	return gain
}
