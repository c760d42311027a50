package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// TestConformanceContests holds a few contests on little data: the other programs
// take what they are given, and make what fwpack makes.
func TestConformanceContests(t *testing.T) {
	for _, program := range []string{"mkfs.ext4", "mksquashfs", "openssl", "pigz", "zck", "gzip", "cpio", "make"} {
		reftool.Need(t, program)
	}
	var out bytes.Buffer
	b := bench{fwpack: "../../bin/fwpack", dir: t.TempDir(), mib: minSize, runs: 1, out: &out}
	b.only = "store, hash|zlib, hash|zck create|small artifacts|nothing changed|of ten payloads"
	if err := b.run(false); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "met |"); got != 6 {
		t.Errorf("%d verdicts of 6:\n%s", got, out.String())
	}
}

func TestVerdict(t *testing.T) {
	g := goal{ratio: 1.1, size: 1.02, wall: time.Second}
	for _, test := range []struct {
		goal        goal
		ratio, size float64
		wall        time.Duration
		want        string
	}{
		{g, 1.1, 1.02, time.Second, "met"},
		{g, 1.11, 1, time.Second, "not met"},
		{g, 1, 1.03, time.Second, "not met"},
		{g, 1, 1, time.Second + 1, "not met"},
		{goal{}, 100, 100, time.Hour, ""},
	} {
		if got := test.goal.verdict(test.ratio, test.size, test.wall); got != test.want {
			t.Errorf("%v: ratio %v, size %v, %v: %q, want %q", test.goal, test.ratio, test.size, test.wall, got, test.want)
		}
	}
}

func TestFlat(t *testing.T) {
	for _, test := range []struct {
		peaks []int64
		want  string
	}{
		{[]int64{50 << 10, 60 << 10, 62 << 10}, "met"},
		{[]int64{50 << 10, 63 << 10}, "not met"},
		{[]int64{100 << 10}, "not met"},
	} {
		if got := flat(test.peaks); got != test.want {
			t.Errorf("%v: %q, want %q", test.peaks, got, test.want)
		}
	}
}
