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

// Check runs f and reports what it took if that is more than is allowed. It counts
// the processor's time of the whole process, as other programs on the machine would
// have a say in that of the clock: tests that use it do not run in parallel. The
// race detector is allowed for.
func Check(t testing.TB, what string, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := processorTime()
	f()
	took := processorTime() - begin
	runtime.ReadMemStats(&after)
	if took > Time*raceFactor {
		t.Errorf("%s: %v, at most %v are allowed", what, took, Time*raceFactor)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > Memory {
		t.Errorf("%s: %d MiB allocated, at most %d are allowed", what, used>>20, Memory>>20)
	}
}
