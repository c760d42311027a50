package pack

import (
	"slices"
	"testing"
)

// The disk gets what is final and nothing else, and nobody waits for it at the end.
func TestWriteBack(t *testing.T) {
	p := newProgress()
	asked := make(chan int64)
	go func() {
		defer close(asked)
		writeBack(p, func(offset, size int64) {
			if size != writebackStep {
				t.Errorf("%d bytes", size)
			}
			asked <- offset
		})
	}()
	p.tell(writebackStep - 1)
	p.tell(writebackStep)
	got := []int64{<-asked}
	p.tell(3*writebackStep + 5)
	got = append(got, <-asked, <-asked)
	p.end()
	for offset := range asked {
		got = append(got, offset)
	}
	if want := []int64{0, writebackStep, 2 * writebackStep}; !slices.Equal(got, want) {
		t.Errorf("asked for %d, want %d", got, want)
	}
}
