// Package bounds holds tests of hostile input against what such input may cost.
package bounds

import (
	"runtime"
	"testing"
	"time"
)

// What a hostile file may cost, whatever it claims: processor time, on the kind of
// machine that people build with, and memory allocated in all, in bytes.
const (
	Time   = 2 * time.Second
	Memory = 200 << 20
)

// CheckPeak is Check for what allocates more than it keeps: it looks at how large the
// heap gets, every now and then.
func CheckPeak(t testing.TB, what string, f func()) {
	t.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	done, most := make(chan struct{}), make(chan uint64)
	go watch(done, most)
	begin := ProcessorTime()
	f()
	took := ProcessorTime() - begin
	close(done)
	peak := max(<-most, before.HeapInuse) - before.HeapInuse
	report(t, what, took, peak, "at the same time")
}

// watch tells how large the heap got until done.
func watch(done <-chan struct{}, most chan<- uint64) {
	var peak uint64
	for {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse)
		select {
		case <-done:
			most <- peak
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func report(t testing.TB, what string, took time.Duration, memory uint64, how string) {
	t.Helper()
	if took > Time*raceFactor {
		t.Errorf("%s: %v, at most %v are allowed", what, took, Time*raceFactor)
	}
	if memory > Memory*raceMemory {
		t.Errorf("%s: %d MiB allocated %s, at most %d are allowed", what, memory>>20, how, Memory*raceMemory>>20)
	}
}

// Check runs f and reports what it took if that is more than is allowed. It counts
// the processor's time of the whole process, as other programs on the machine would
// have a say in that of the clock: tests that use it do not run in parallel. The
// race detector is allowed for.
func Check(t testing.TB, what string, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := ProcessorTime()
	f()
	took := ProcessorTime() - begin
	runtime.ReadMemStats(&after)
	report(t, what, took, after.TotalAlloc-before.TotalAlloc, "in all")
}
