package bounds

import (
	"strings"
	"testing"
	"time"
)

// report keeps what a test would have reported.
type report struct {
	testing.TB
	lines []string
}

func (r *report) Helper() {}

func (r *report) Errorf(format string, args ...any) {
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
				kept = append(kept, make([]byte, Memory/2))
			}
		}, "allocated"},
	} {
		r := &report{TB: t}
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
	begin, n := processorTime(), 0
	for deadline := time.Now().Add(10 * time.Second); processorTime() == begin && time.Now().Before(deadline); {
		n++
	}
	if processorTime() == begin {
		t.Errorf("it stands still, after %d rounds", n)
	}
}
