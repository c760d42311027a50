package rdiff

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"testing"
)

// squares is work for n numbers, where the one called bad fails.
func squares(n, bad int, running, most *atomic.Int64) func() (func() (int, error), error) {
	i := -1
	return func() (func() (int, error), error) {
		if i++; i == n {
			return nil, io.EOF
		}
		i := i
		return func() (int, error) {
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			defer running.Add(-1)
			if i == bad {
				return 0, errors.New("work failed")
			}
			return i * i, nil
		}, nil
	}
}

func TestInOrder(t *testing.T) {
	for jobs := 1; jobs < 5; jobs++ {
		var running, most atomic.Int64
		var got []int
		err := inOrder(t.Context(), jobs, squares(100, -1, &running, &most), func(v int) error {
			got = append(got, v)
			return nil
		})
		if err != nil || len(got) != 100 || !slices.IsSorted(got) || most.Load() > int64(jobs) {
			t.Errorf("%d jobs: %v, %v, at most %d at a time", jobs, err, got, most.Load())
		}
	}
}

func TestInOrderErrors(t *testing.T) {
	var running, most atomic.Int64
	for jobs := 1; jobs < 5; jobs++ {
		sum := 0
		err := inOrder(t.Context(), jobs, squares(1e9, 10, &running, &most), func(v int) error {
			sum += v
			return nil
		})
		wantError(t, err, "work failed")
		if sum != 285 || running.Load() != 0 {
			t.Errorf("%d jobs: sum %d of what came before, %d still running", jobs, sum, running.Load())
		}
		err = inOrder(t.Context(), jobs, squares(1e9, -1, &running, &most), func(v int) error {
			return errors.New("done failed")
		})
		wantError(t, err, "done failed")
		ctx, cancel := context.WithCancel(t.Context())
		err = inOrder(ctx, jobs, squares(1e9, -1, &running, &most), func(v int) error {
			cancel()
			return nil
		})
		wantError(t, err, "context canceled")
	}
}
