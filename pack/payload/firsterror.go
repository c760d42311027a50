package payload

import "sync"

// firstError remembers the first error of a run. The steps run at the same
// time, and one that breaks makes its neighbours fail in less telling ways.
type firstError struct {
	mu  sync.Mutex
	err error
}

// record remembers err if it is the first and returns the one remembered.
func (f *firstError) record(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	return f.err
}

func (f *firstError) get() error {
	return f.record(nil)
}
