//go:build cgo && (libzstd || liblzma)

package payload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// checkFrees lets runs fail in each way there is, and holds that the C library
// leaves no memory behind: at the highest levels each run has hundreds of MiB.
func checkFrees(t *testing.T, spec Spec) {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the size of the process cannot be had here: ", err)
	}
	var before int
	for round := range 8 {
		broken := io.MultiReader(bytes.NewReader(incompressible(3<<20)), iotest.ErrReader(errors.New("bad sector")))
		if _, err := Run(t.Context(), io.Discard, broken, spec, Options{}); err == nil {
			t.Error("no error of the source")
		}
		if _, err := Run(t.Context(), &failAfter{0, errors.New("disk full")}, bytes.NewReader(sample(10_000)), spec, Options{}); err == nil {
			t.Error("no error of the destination")
		}
		if round == 0 {
			before = dataSize(t)
		}
	}
	const stacks = 128 << 10 // KiB: of threads, which come and go
	if now := dataSize(t); now > before+stacks {
		t.Errorf("the process has grown from %d to %d KiB", before, now)
	}
}

// dataSize is the memory that the process has asked for and not given back, in KiB.
func dataSize(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "VmData:")
	if _, err := fmt.Sscan(line, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// TestLibraryFails has the library itself fail.
func TestLibraryFails(t *testing.T) {
	for _, size := range []int{10, libraryInput + 1} {
		broken := &brokenLibrary{}
		w := newLibraryWriter(into(io.Discard), broken)
		_, err := w.Write(make([]byte, size))
		if closed := w.Close(); err == nil {
			err = closed
		}
		if err != errBroken || broken.freed != 1 {
			t.Errorf("%d bytes: error is %v, freed %d times", size, err, broken.freed)
		}
	}
}

var errBroken = errors.New("out of order")

type brokenLibrary struct{ freed int }

func (*brokenLibrary) code([]byte, []byte, bool) (int, int, bool, error) {
	return 0, 0, false, errBroken
}
func (b *brokenLibrary) free() { b.freed++ }
