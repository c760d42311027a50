package rdiff

import (
	"context"
	"io"
	"runtime"
	"sync"
)

// jobCount is how many goroutines an option of jobs asks for.
func jobCount(jobs int) int {
	if jobs > 0 {
		return jobs
	}
	return runtime.GOMAXPROCS(0)
}

// outcome is what one piece of work gave.
type outcome[T any] struct {
	value T
	err   error
}

// inOrder runs pieces of work in at most jobs goroutines and hands what they
// give to done, in the order in which next returned the pieces; so that the
// number of jobs changes no output. next returns io.EOF when there is no more
// work; it and done run beside the work, but never beside themselves. At most
// 2*jobs pieces are begun and not done. The first error in order ends it all.
func inOrder[T any](ctx context.Context, jobs int, next func() (func() (T, error), error), done func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	queue := make(chan chan outcome[T], 2*jobs-2)
	wg.Go(func() {
		defer close(queue)
		dispatch(ctx, &wg, jobs, queue, next)
	})
	for slot := range queue {
		got := <-slot
		if got.err != nil {
			return got.err
		}
		if err := done(got.value); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// dispatch starts the work and queues a slot for each piece.
func dispatch[T any](ctx context.Context, wg *sync.WaitGroup, jobs int, queue chan<- chan outcome[T], next func() (func() (T, error), error)) {
	busy := make(chan struct{}, jobs)
	for {
		work, err := next()
		if err == io.EOF {
			return
		}
		if err != nil {
			work = func() (value T, _ error) { return value, err }
		}
		slot := make(chan outcome[T], 1)
		select {
		case queue <- slot:
		case <-ctx.Done():
			return
		}
		busy <- struct{}{}
		wg.Go(func() {
			defer func() { <-busy }()
			value, err := work()
			slot <- outcome[T]{value, err}
		})
		if err != nil {
			return
		}
	}
}
