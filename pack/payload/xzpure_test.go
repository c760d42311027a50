//go:build !cgo || !liblzma

package payload

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestCheckXZ(t *testing.T) {
	checkLevels(t, map[Compress]string{
		{XZ, 0}:  "",
		{XZ, 6}:  "xz level 6 is not reached by this build; it has one level, leave the level out; a build with liblzma reaches 1 to 9",
		{XZ, 10}: "xz level 10 is not reached by this build; it has one level, leave the level out",
	})
}

func TestEncoderXZ(t *testing.T) {
	checkEncoders(t, map[Compress]string{{XZ, 0}: "github.com/ulikunitz/xz " + aModule + " xz"})
}

// xzOf is source in blocks of a size that needs no minutes.
func xzOf(t *testing.T, source []byte, section, jobs int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newXZWriter(into(&out), section, jobs)
	if _, err := w.Write(source); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestXZBlocks holds that any number of blocks is one stream, the same for any
// number of jobs, which our own reader takes with its guard and without. The
// indexes come in all lengths that padding makes a difference to.
func TestXZBlocks(t *testing.T) {
	spec := Spec{Compress: Compress{Method: XZ}}
	for _, size := range []int{0, 1, 999, 1000, 1001, 2500, 4000, 4100, 5100, 6001} {
		source := sample(size)
		out := xzOf(t, source, 1000, 1)
		if !bytes.Equal(decode(t, out, spec), source) {
			t.Errorf("%d bytes do not come back", size)
		}
		guarded, err := newXZReader(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(guarded); err != nil || !bytes.Equal(got, source) {
			t.Errorf("%d bytes: the guard makes %d of them, %v", size, len(got), err)
		}
		if !bytes.Equal(xzOf(t, source, 1000, 3), out) {
			t.Errorf("%d bytes: three jobs make other bytes", size)
		}
	}
}

// TestXZNotOneBlock has streams joined that are not what the encoder makes.
func TestXZNotOneBlock(t *testing.T) {
	one, two := xzOf(t, sample(1000), 1000, 1), xzOf(t, sample(2000), 1000, 1)
	footer := len(one) - xzStreamFooter
	changed := func(at int, to byte) []byte {
		stream := bytes.Clone(one)
		stream[at] = to
		return stream
	}
	for what, stream := range map[string][]byte{
		"nothing":                   nil,
		"a header and no footer":    one[:xzStreamHeader+xzStreamFooter-1],
		"no index":                  append(bytes.Clone(one[:xzStreamHeader]), one[footer:]...),
		"two blocks":                two,
		"an index beyond the start": changed(footer+6, 1),
		"a block of another size":   changed(footer-10, one[footer-10]^0x40),
		"a record without end":      append(append(bytes.Clone(one[:xzStreamHeader]), 0, 1, 0xff, 0xff), changed(footer+4, 0)[footer:]...),
	} {
		s := xzStream{dst: io.Discard}
		if _, err := s.Write(stream); err != errXZStream {
			t.Errorf("%s: error is %v", what, err)
		}
	}
}

// TestXZEndsEarly holds that a section is left where it is once the run failed.
func TestXZEndsEarly(t *testing.T) {
	calls, stop := 0, errors.New("stop")
	_, err := encodeXZ(nil, sample(2*xzPiece), func() error {
		if calls++; calls == 2 {
			return stop
		}
		return nil
	})
	if err != stop || calls != 2 {
		t.Errorf("error is %v after %d calls", err, calls)
	}
}

// TestConformanceXZBlocks has the program list the blocks and prove their checks.
// SWUpdate reads .xz with the same library, the first stream of a file.
func TestConformanceXZBlocks(t *testing.T) {
	reftool.Need(t, "xz")
	source := sample(450_000)
	file := filepath.Join(t.TempDir(), "payload.xz")
	if err := os.WriteFile(file, xzOf(t, source, 100_000, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	output(t, "xz", "-q", "-t", file)
	if got := output(t, "xz", "-q", "-d", "-c", "--single-stream", file); !bytes.Equal(got, source) {
		t.Errorf("xz makes %d other bytes", len(got))
	}
	list := string(output(t, "xz", "--robot", "-l", "-vv", file))
	if !strings.Contains(list, "\nfile\t1\t5\t") || strings.Count(list, "\nblock\t") != 5 || strings.Count(list, "\tCRC64\t") < 5 {
		t.Errorf("xz -l does not list one stream of five blocks with CRC64:\n%s", list)
	}
}
