package payload

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// frame is a stand-in for an encoder: length and contents of each section.
func frame(dst, src []byte) ([]byte, error) {
	dst = append(dst, byte(len(src)>>16), byte(len(src)>>8), byte(len(src)))
	return append(dst, src...), nil
}

// into is an outlet of a run in which nothing else happens.
func into(w io.Writer) outlet { return outlet{w, new(firstError)} }

// unframe undoes frame and returns the contents and how many sections there were.
func unframe(t *testing.T, data []byte) (contents []byte, sections int) {
	t.Helper()
	for ; len(data) > 0; sections++ {
		n := int(data[0])<<16 | int(data[1])<<8 | int(data[2])
		contents, data = append(contents, data[3:3+n]...), data[3+n:]
	}
	return contents, sections
}

// Sections arrive in order and whole, whatever their number and however long
// each takes.
func TestSectionsInOrder(t *testing.T) {
	slow := func(dst, src []byte) ([]byte, error) {
		time.Sleep(rand.N(2 * time.Millisecond))
		return frame(dst, src)
	}
	for _, test := range []struct{ bytes, sections int }{
		{0, 1}, {1, 1}, {999, 1}, {1000, 1}, {1001, 2}, {20_000, 20}, {20_001, 21},
	} {
		for _, jobs := range []int{1, 2, 7} {
			source := sample(test.bytes)
			var out bytes.Buffer
			s := newSections(into(&out), new(sync.Pool), 1000, Options{Jobs: jobs}, slow)
			if _, err := s.Write(source[:test.bytes/3]); err != nil {
				t.Fatal(err)
			}
			if _, err := s.ReadFrom(iotest.HalfReader(bytes.NewReader(source[test.bytes/3:]))); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			got, n := unframe(t, out.Bytes())
			if !bytes.Equal(got, source) || n != test.sections {
				t.Errorf("%d bytes, %d jobs: %d bytes in %d sections come out", test.bytes, jobs, len(got), n)
			}
		}
	}
}

// An error of the destination is the one that comes back, and everything ends.
func TestSectionsFailingWriter(t *testing.T) {
	before := runtime.NumGoroutine()
	broken := errors.New("broken")
	s := newSections(into(&threeWrites{err: broken}), new(sync.Pool), 1000, Options{Jobs: 2}, frame)
	_, err := s.ReadFrom(iotest.OneByteReader(io.LimitReader(endless{}, 1<<20)))
	if err != nil && err != broken {
		t.Errorf("ReadFrom: %v", err)
	}
	if err := s.Close(); err != broken {
		t.Errorf("Close: %v", err)
	}
	for i := 0; runtime.NumGoroutine() > before && i < 100; i++ {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines are left over", n-before)
	}
}

// threeWrites takes three writes and fails then.
type threeWrites struct {
	writes int
	err    error
}

func (w *threeWrites) Write(p []byte) (int, error) {
	if w.writes++; w.writes > 3 {
		return 0, w.err
	}
	return len(p), nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A small payload takes a small buffer, and no more than one.
func TestSectionsGrow(t *testing.T) {
	s := newSections(into(io.Discard), new(sync.Pool), 8<<20, Options{Jobs: 4}, frame)
	if _, err := s.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if got := cap(s.filling.in); got > 2*firstSection {
		t.Errorf("100 bytes take a buffer of %d", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if made := 4 + spareSections - s.spare; made != 1 {
		t.Errorf("100 bytes take %d sections", made)
	}
}
