package zck

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// newTestLine returns a line of three workers that take their time, each
// another.
func newTestLine(ctx context.Context, work func(*int) error, deliver func(*int) error) *line[*int] {
	worker := func(i *int) error {
		time.Sleep(time.Duration(*i%3) * 100 * time.Microsecond)
		return work(i)
	}
	return newLine(ctx, []*int{new(int), new(int), new(int), new(int)}, []func(*int) error{worker, worker, worker}, deliver)
}

func succeed(*int) error { return nil }

func TestLineKeepsTheOrder(t *testing.T) {
	var delivered []int
	var worked atomic.Int64
	l := newTestLine(context.Background(),
		func(i *int) error { worked.Add(1); return nil },
		func(i *int) error { delivered = append(delivered, *i); return nil })
	var want []int
	for i := range 100 {
		item, err := l.take()
		if err != nil {
			t.Fatal(err)
		}
		*item = i
		l.put(item)
		want = append(want, i)
	}
	if err := l.finish(); err != nil || !slices.Equal(delivered, want) || worked.Load() != 100 {
		t.Errorf("%d worked on, delivered %v, %v", worked.Load(), delivered, err)
	}
}

func TestLineErrors(t *testing.T) {
	broken := errors.New("broken")
	fail := func(i *int) error {
		if *i == 5 {
			return broken
		}
		return nil
	}
	for name, l := range map[string]*line[*int]{
		"worker":  newTestLine(context.Background(), fail, succeed),
		"deliver": newTestLine(context.Background(), succeed, fail),
	} {
		var err error
		for i := 0; i < 100 && err == nil; i++ {
			var item *int
			if item, err = l.take(); err == nil {
				*item = i
				l.put(item)
			}
		}
		if err != broken || l.finish() != broken {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLineEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	l := newTestLine(ctx, succeed, func(*int) error { <-ctx.Done(); return nil })
	gone := errors.New("gone")
	time.AfterFunc(time.Millisecond, func() { cancel(gone) })
	for {
		item, err := l.take()
		if err != nil {
			if err != gone {
				t.Error(err)
			}
			break
		}
		l.put(item)
	}
	l.stop()
}
