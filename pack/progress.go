package pack

import "sync"

// progress tells goroutines how far a file is final while it grows from its begin to
// its end.
type progress struct {
	mu    sync.Mutex
	grown sync.Cond
	final int64
	ended bool
}

func newProgress() *progress {
	p := &progress{}
	p.grown.L = &p.mu
	return p
}

// tell says that the file is final up to position.
func (p *progress) tell(position int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.final = max(p.final, position)
	p.grown.Broadcast()
}

// end says that there is no more to come.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.grown.Broadcast()
}

// wait waits until there is more than at bytes, or no more to come.
func (p *progress) wait(at int64) (final int64, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.final <= at && !p.ended {
		p.grown.Wait()
	}
	return p.final, p.ended
}
