package payload

import (
	"io"
	"testing"
	"time"
)

// slow is a source or a destination that keeps its caller waiting for every block.
type slow struct{ left int }

const delay = 2 * time.Millisecond

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	s.left--
	time.Sleep(delay)
	return min(len(p), blockSize), nil
}

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(delay)
	return len(p), nil
}

// TestSpeedOverlap: while the destination takes a block, the next is read.
func TestSpeedOverlap(t *testing.T) {
	const blocks, tries = 40, 20
	run := func(dst io.Writer) time.Duration {
		begin := time.Now()
		if _, err := Run(t.Context(), dst, &slow{blocks}, Spec{}, Options{}); err != nil {
			t.Fatal(err)
		}
		return time.Since(begin)
	}
	best := 2.0
	for try := 0; try < tries && best > 1.3; try++ {
		reading := run(io.Discard)
		best = min(best, run(&slow{}).Seconds()/reading.Seconds())
	}
	if best > 1.3 {
		t.Errorf("reading and writing take %.2f times as long as reading alone", best)
	}
}
