package frame

import (
	"bytes"
	"os/exec"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// libzstd takes every frame, one behind the other.
func TestConformanceZstd(t *testing.T) {
	reftool.Need(t, "zstd")
	for name, effort := range efforts {
		e := New(effort)
		var frames, want []byte
		for _, chunk := range chunks() {
			frames, want = e.Append(frames, chunk), append(want, chunk...)
		}
		decode := exec.Command("zstd", "-dc")
		decode.Stdin = bytes.NewReader(frames)
		if got, err := decode.Output(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes come back of %d, %v", name, len(got), len(want), err)
		}
	}
}
