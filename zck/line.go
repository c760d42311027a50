package zck

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// line passes items through workers and hands them on in the order in which
// they came. There are only so many items: who has more work takes one that has
// been delivered.
type line[T any] struct {
	group  *errgroup.Group
	ctx    context.Context
	cancel context.CancelFunc
	free   chan T
	work   chan job[T]
	order  chan job[T]
}

type job[T any] struct {
	item T
	done chan struct{} // closed when a worker is through with item
}

// newLine starts a line of the items. Each of workers is called by a goroutine
// of its own, deliver by another one.
func newLine[T any](ctx context.Context, items []T, workers []func(T) error, deliver func(T) error) *line[T] {
	l := &line[T]{
		free:  make(chan T, len(items)),
		work:  make(chan job[T], len(items)),
		order: make(chan job[T], len(items)),
	}
	ctx, l.cancel = context.WithCancel(ctx)
	l.group, l.ctx = errgroup.WithContext(ctx)
	for _, item := range items {
		l.free <- item
	}
	for _, worker := range workers {
		l.group.Go(func() error { return l.serve(worker) })
	}
	l.group.Go(func() error { return l.deliver(deliver) })
	return l
}

// take returns a free item. It waits until there is one, or until something
// has failed.
func (l *line[T]) take() (item T, err error) {
	select {
	case item = <-l.free:
		return item, context.Cause(l.ctx)
	case <-l.ctx.Done():
		return item, context.Cause(l.ctx)
	}
}

// put gives an item to the workers.
func (l *line[T]) put(item T) {
	j := job[T]{item, make(chan struct{})}
	l.work <- j
	l.order <- j
}

// finish waits until all is delivered, and returns the first error. Nothing can
// be put after it.
func (l *line[T]) finish() error {
	close(l.work)
	close(l.order)
	err := l.group.Wait()
	l.cancel()
	return err
}

// stop gives up what is not delivered.
func (l *line[T]) stop() {
	l.cancel()
	l.finish()
}

func (l *line[T]) serve(worker func(T) error) error {
	for {
		select {
		case j, open := <-l.work:
			if !open {
				return nil
			}
			if err := worker(j.item); err != nil {
				return err
			}
			close(j.done)
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		}
	}
}

func (l *line[T]) deliver(deliver func(T) error) error {
	for {
		select {
		case j, open := <-l.order:
			if !open {
				return nil
			}
			if err := l.deliverOne(j, deliver); err != nil {
				return err
			}
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		}
	}
}

func (l *line[T]) deliverOne(j job[T], deliver func(T) error) error {
	select {
	case <-j.done:
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	}
	if err := deliver(j.item); err != nil {
		return err
	}
	l.free <- j.item
	return nil
}
