package payload

import "io"

// filler takes a stream in pieces of its own: it hands out room and is told how
// much of that was filled.
type filler interface {
	room() []byte
	filled(n int)
	failure() error // what went wrong behind it, so that nothing more is needed
}

// writeInto is the Write of a filler: it takes all of p, or fails once what is
// behind the filler has.
func writeInto(f filler, p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if err := f.failure(); err != nil {
			return n - len(p), err
		}
		taken := copy(f.room(), p)
		f.filled(taken)
		p = p[taken:]
	}
	return n, nil
}

// readInto is the ReadFrom of a filler: it reads r to its end without a copy.
func readInto(f filler, r io.Reader) (int64, error) {
	var total int64
	for {
		if err := f.failure(); err != nil {
			return total, err
		}
		n, err := r.Read(f.room())
		f.filled(n)
		total += int64(n)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
