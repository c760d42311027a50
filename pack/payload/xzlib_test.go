//go:build cgo && liblzma

package payload

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestCheckXZ(t *testing.T) {
	checkLevels(t, map[Compress]string{
		{XZ, 0}:  "",
		{XZ, 1}:  "",
		{XZ, 9}:  "",
		{XZ, 10}: "xz level 10 is not reached by this build; 1 to 9 are",
		{XZ, -1}: "xz level -1 is not reached by this build; 1 to 9 are",
	})
}

func TestEncoderXZ(t *testing.T) {
	checkEncoders(t, map[Compress]string{
		{XZ, 0}: `liblzma 5\.[0-9]+\.[0-9]+ xz level 6`,
		{XZ, 9}: `liblzma 5\.[0-9]+\.[0-9]+ xz level 9`,
	})
}

func TestOpenXZUnchecked(t *testing.T) {
	for _, level := range []int{-1, 0, 10} {
		if _, err := openXZ(into(new(bytes.Buffer)), level, Options{Jobs: 1}); err == nil || !strings.HasPrefix(err.Error(), "internal: ") {
			t.Errorf("level %d: error is %v", level, err)
		}
	}
}

func TestXZFrees(t *testing.T) { checkFrees(t, Spec{Compress: Compress{XZ, 9}}) }

// TestXZThreads holds that blocks come out the same however many threads make
// them.
func TestXZThreads(t *testing.T) {
	source := sample(2*int(xzBlock(1)) + 1)
	spec := Spec{Compress: Compress{XZ, 1}}
	_, want := run(t, bytes.NewReader(source), spec, Options{Jobs: 1})
	for _, jobs := range []int{2, 5} {
		if _, got := run(t, bytes.NewReader(source), spec, Options{Jobs: jobs}); got != want {
			t.Errorf("%d jobs: other bytes", jobs)
		}
	}
}

// TestConformanceXZSize holds the output against the program's, and has the
// program say what a device needs: the dictionary of the level's preset.
func TestConformanceXZSize(t *testing.T) {
	reftool.Need(t, "xz")
	for level, dictionary := range map[int]string{1: "dict=1MiB", 6: "dict=8MiB", 9: "dict=64MiB"} {
		source := sample(2 << 20 / level)
		file := written(t, source, Spec{Compress: Compress{XZ, level}})
		output(t, "xz", "-q", "-t", file)
		if list := string(output(t, "xz", "--robot", "-l", "-vv", file)); !strings.Contains(list, "\nfile\t1\t1\t") || !strings.Contains(list, "CRC64") || !strings.Contains(list, dictionary) {
			t.Errorf("level %d: xz -l does not list one stream of one block with CRC64 and %s:\n%s", level, dictionary, list)
		}
		plain := file + ".plain"
		if err := os.WriteFile(plain, source, 0o600); err != nil {
			t.Fatal(err)
		}
		theirs := output(t, "xz", "-q", "-c", "-T2", fmt.Sprintf("-%d", level), plain)
		ours, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if float64(ours.Size()) > 1.02*float64(len(theirs)) {
			t.Errorf("level %d: %d bytes, the program makes %d", level, ours.Size(), len(theirs))
		}
	}
}
