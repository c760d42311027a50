package pack

import "sync/atomic"

// Meter counts the source bytes that a build has processed. It may be read at
// any time from any goroutine; a nil Meter counts nothing.
type Meter struct {
	done atomic.Int64
}

// Done is the number of source bytes processed so far.
func (m *Meter) Done() int64 {
	return m.done.Load()
}

func (m *Meter) reset() {
	if m != nil {
		m.done.Store(0)
	}
}

func (m *Meter) add(n int64) {
	if m != nil {
		m.done.Add(n)
	}
}
