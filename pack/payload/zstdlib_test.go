//go:build cgo && libzstd

package payload

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestCheckZstd(t *testing.T) {
	const wide = "; from 20 on a device needs a window of 32 MiB and more, and 8 MiB is what each can read"
	checkLevels(t, map[Compress]string{
		{Zstd, 0}:  "",
		{Zstd, 19}: "",
		{Zstd, 20}: "zstd level 20 is not reached by this build; 1 to 19 are" + wide,
		{Zstd, 22}: "zstd level 22 is not reached by this build; 1 to 19 are" + wide,
		{Zstd, -5}: "zstd level -5 is not reached by this build; 1 to 19 are",
	})
}

func TestEncoderZstd(t *testing.T) {
	checkEncoders(t, map[Compress]string{
		{Zstd, 0}:  `libzstd 1\.[0-9]+\.[0-9]+ zstd level 3`,
		{Zstd, 19}: `libzstd 1\.[0-9]+\.[0-9]+ zstd level 19`,
	})
}

// TestZstdFrame holds that a payload is one frame with a checksum and a window
// within 8 MiB, and that the size is in it where it is known in time.
func TestZstdFrame(t *testing.T) {
	for _, level := range []int{1, 3, 9, 16, maxZstdLevel} {
		for _, size := range []int{0, 10_000, libraryInput + 1} {
			out, _ := run(t, bytes.NewReader(sample(size)), Spec{Compress: Compress{Zstd, level}}, Options{})
			var h zstd.Header
			if err := h.Decode(out); err != nil {
				t.Fatal(err)
			}
			if !h.HasCheckSum || h.WindowSize > 8<<20 || h.HasFCS != (size < libraryInput) || h.HasFCS && h.FrameContentSize != uint64(size) {
				t.Errorf("level %d, %d bytes: header is %+v", level, size, h)
			}
		}
	}
}

func TestZstdFrees(t *testing.T) { checkFrees(t, Spec{Compress: Compress{Zstd, maxZstdLevel}}) }

// TestZstdWorkers holds that threads do not shape the output of several jobs, even
// where their number is none: the library would then take another path.
func TestZstdWorkers(t *testing.T) {
	source := sample(3*int(zstdJob(1)) + 1)
	var want []byte
	for jobs := 0; jobs <= 4; jobs++ {
		var out bytes.Buffer
		w, err := openZstd(into(&out), 1, Options{Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(source); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = out.Bytes()
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%d jobs make other bytes than none", jobs)
		}
	}
}

// TestConformanceZstdSize holds the output against the program's: no more than
// the header can differ where both have the same library, 1 % where they do not.
func TestConformanceZstdSize(t *testing.T) {
	reftool.Need(t, "zstd")
	source := sample(3 << 20)
	for _, level := range []int{1, 3, 9, 19} {
		file := written(t, source, Spec{Compress: Compress{Zstd, level}})
		output(t, "zstd", "-q", "-t", file)
		if list := string(output(t, "zstd", "-l", "-v", file)); !strings.Contains(list, "# Zstandard Frames: 1\n") || !strings.Contains(list, "Check: XXH64") {
			t.Errorf("level %d: zstd -l does not say one frame with a checksum:\n%s", level, list)
		}
		plain := file + ".plain"
		if err := os.WriteFile(plain, source, 0o600); err != nil {
			t.Fatal(err)
		}
		theirs := output(t, "zstd", "-q", "-c", "-T2", fmt.Sprintf("-%d", level), plain)
		ours, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if float64(ours.Size()) > 1.01*float64(len(theirs)) {
			t.Errorf("level %d: %d bytes, the program makes %d", level, ours.Size(), len(theirs))
		}
	}
}
