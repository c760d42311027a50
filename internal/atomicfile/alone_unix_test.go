//go:build unix

package atomicfile

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAlone(t *testing.T) {
	dir := t.TempDir()
	var inside, calls atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				err := Alone(dir, func() error {
					if inside.Add(1) != 1 {
						t.Error("two are alone in a folder")
					}
					calls.Add(1)
					time.Sleep(10 * time.Microsecond) // for another to come in
					inside.Add(-1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if calls.Load() != 8*50 {
		t.Errorf("%d calls", calls.Load())
	}
	own := errors.New("own")
	if err := Alone(dir, func() error { return own }); err != own {
		t.Errorf("error %v", err)
	}
	if err := Alone(filepath.Join(dir, "none"), func() error { return nil }); err == nil {
		t.Error("alone in a folder that does not exist")
	}
}
