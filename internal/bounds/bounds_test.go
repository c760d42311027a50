package bounds

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// recorder keeps what a test would have reported.
type recorder struct {
	testing.TB
	lines []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.lines = append(r.lines, format)
}

func TestCheck(t *testing.T) {
	var kept [][]byte
	for what, c := range map[string]struct {
		f    func()
		want string
	}{
		"nothing":  {func() {}, ""},
		"sleeping": {func() { time.Sleep(50 * time.Millisecond) }, ""},
		"memory": {func() {
			for range 3 {
				kept = append(kept, make([]byte, Memory*raceMemory/2))
			}
		}, "allocated"},
	} {
		r := &recorder{TB: t}
		Check(r, what, c.f)
		got := strings.Join(r.lines, "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	if len(kept) != 3 {
		t.Error("the memory was not asked for")
	}
}

// The processor's time goes on while it works.
func TestProcessorTime(t *testing.T) {
	begin, n := ProcessorTime(), 0
	for deadline := time.Now().Add(10 * time.Second); ProcessorTime() == begin && time.Now().Before(deadline); {
		n++
	}
	if ProcessorTime() == begin {
		t.Errorf("it stands still, after %d rounds", n)
	}
}

// What was freed again does not count for the peak.
func TestCheckPeak(t *testing.T) {
	for kept, want := range map[int]bool{1: true, 3: false} {
		r := &recorder{TB: t}
		CheckPeak(r, "memory", func() {
			var held [][]byte
			for range 6 {
				held = append(held, make([]byte, Memory*raceMemory/3))
				if len(held) > kept {
					held[len(held)-kept-1] = nil
				}
				runtime.GC()
				time.Sleep(10 * time.Millisecond)
			}
			runtime.KeepAlive(held)
		})
		if got := len(r.lines) == 0; got != want {
			t.Errorf("%d of six kept: %q", kept, r.lines)
		}
	}
}
