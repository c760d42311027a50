// Package speed holds tests of work against a reference that runs in the same
// process, so that they notice on any machine when it has become slower.
package speed

import (
	"runtime"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/bounds"
)

const (
	// slack is how much slower work may become, as a factor, before its test fails.
	slack = 1.3
	// fewTries are enough where all is well; manyTries find a quiet moment on a
	// machine that is busy.
	fewTries  = 3
	manyTries = 25
	// processors is how many of the machine's take part: with more, more of them
	// look for something to do, and that counts.
	processors = 2
)

// Check fails where work takes more than slack times ratio as much as reference. It
// counts the processor's time of the whole process, in which other programs have
// little say, and of each side the best of several tries in turn. The ratio is what
// was measured when the test was written: what makes work faster may lower it.
//
// Both sides are to take some 10 ms or more, and tests that use it do not run in
// parallel.
func Check(t *testing.T, ratio float64, work, reference func()) {
	t.Helper()
	if bounds.Race {
		t.Skip("the race detector slows some code down much more than other")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	work() // the first touch of memory is another thing
	reference()
	mine, theirs := time.Duration(1<<62), time.Duration(1<<62)
	for try := range manyTries {
		mine = min(mine, took(work))
		theirs = min(theirs, took(reference))
		if try+1 >= fewTries && mine.Seconds() <= slack*ratio*theirs.Seconds() {
			break
		}
	}
	got := mine.Seconds() / theirs.Seconds()
	t.Logf("%v, reference %v: ratio %.2f, it was %.2f", mine, theirs, got, ratio)
	if got > slack*ratio {
		t.Errorf("takes %.2f times as long as the reference, it was %.2f", got, ratio)
	}
}

func took(f func()) time.Duration {
	begin := bounds.ProcessorTime()
	f()
	return bounds.ProcessorTime() - begin
}
