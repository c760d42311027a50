package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bench is one comparison.
type bench struct {
	fwpack string
	dir    string
	mib    int
	runs   int
	only   string
}

// contest is fwpack against the program that does the heaviest part of the
// same work.
type contest struct {
	name     string
	compress string   // of the artifact
	options  []string // of fwpack build
	rival    []string // {IMAGE} and {OUT} are filled in
	goal     string
}

var contests = []contest{
	{"store, hash, sign, pack", "none", []string{"--no-output-digest"}, []string{"openssl", "dgst", "-sha256", "{IMAGE}"}, "1.5"},
	{"store with the digest of the .swu", "none", nil, []string{"openssl", "dgst", "-sha256", "{IMAGE}"}, ""},
	{"zstd, hash, sign, pack", "zstd", []string{"--no-output-digest"}, []string{"zstd", "-q", "-f", "-T0", "-3", "{IMAGE}", "-o", "{OUT}"}, "1.2, size 1.03"},
	{"zstd with the digest of the .swu", "zstd", nil, []string{"zstd", "-q", "-f", "-T0", "-3", "{IMAGE}", "-o", "{OUT}"}, "1.2, size 1.03"},
	{"zlib, hash, sign, pack, digest", "zlib", nil, []string{"sh", "-c", `exec pigz -6 -c "{IMAGE}" > "{OUT}"`}, "1.0"},
	{"lz4, hash, sign, pack, digest", "lz4", nil, []string{"lz4", "-q", "-f", "{IMAGE}", "{OUT}"}, ""},
}

// measure is one finished process.
type measure struct {
	wall time.Duration
	cpu  time.Duration
	rss  int64 // KiB
}

func (b bench) run() error {
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return err
	}
	image, err := b.image()
	if err != nil {
		return err
	}
	project, err := b.project(image)
	if err != nil {
		return err
	}
	fmt.Printf("%d MiB ext4 of real files, %d runs each in turn\n\n", b.mib, b.runs)
	fmt.Println("| work | fwpack wall | cpu | peak memory | against | wall | ratio of walls (min to max) | size ratio | goal |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, c := range contests {
		if !strings.Contains(c.name, b.only) {
			continue
		}
		if _, err := exec.LookPath(c.rival[0]); err != nil {
			fmt.Printf("| %s | %s is not installed |\n", c.name, c.rival[0])
			continue
		}
		if err := b.contest(c, project, image); err != nil {
			return err
		}
	}
	return nil
}

// contest runs both in turn, after one run of each that does not count.
func (b bench) contest(c contest, project, image string) error {
	out, rivalOut := filepath.Join(b.dir, "out"), filepath.Join(b.dir, "rival")
	ours := []string{b.fwpack, "build", "-f", project, "-o", out, "--var", "METHOD=" + c.compress}
	ours = append(ours, c.options...)
	rival := make([]string, len(c.rival))
	for i, arg := range c.rival {
		rival[i] = strings.NewReplacer("{IMAGE}", image, "{OUT}", rivalOut).Replace(arg)
	}
	var our, their []measure
	for i := range b.runs + 1 {
		x, err := b.primed(ours, out)
		if err != nil {
			return err
		}
		y, err := b.primed(rival, rivalOut)
		if err != nil {
			return err
		}
		if i > 0 {
			our, their = append(our, x), append(their, y)
		}
	}
	c.print(our, their, sizeRatio(filepath.Join(out, "bench.swu"), rivalOut))
	os.Remove(rivalOut)
	return nil
}

// primed runs a command without an output of an earlier run, and with memory
// for a new one at hand: on a virtual machine the first touch of a page can
// cost ten times what writing to it costs, which says nothing of either side.
func (b bench) primed(args []string, out string) (measure, error) {
	if err := os.RemoveAll(out); err != nil {
		return measure{}, err
	}
	touched := filepath.Join(b.dir, "touched")
	if err := fill(touched, b.mib+b.mib/2); err != nil {
		return measure{}, err
	}
	if err := os.Remove(touched); err != nil {
		return measure{}, err
	}
	return runOnce(args)
}

// fill writes a file of so many MiB.
func fill(path string, mib int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for range mib {
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return f.Close()
}

func (c contest) print(our, their []measure, sizes string) {
	ratios := make([]float64, len(our))
	for i := range our {
		ratios[i] = our[i].wall.Seconds() / their[i].wall.Seconds()
	}
	slices.Sort(ratios)
	wall := func(m measure) time.Duration { return m.wall }
	cpu := func(m measure) time.Duration { return m.cpu }
	peak := slices.MaxFunc(our, func(x, y measure) int { return int(x.rss - y.rss) }).rss
	fmt.Printf("| %s | %.2f s | %.2f s | %d MiB | `%s` | %.2f s | %.2f (%.2f to %.2f) | %s | %s |\n",
		c.name, median(our, wall), median(our, cpu), peak>>10,
		filepath.Base(strings.Join(c.rival[:2], " ")), median(their, wall),
		ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], sizes, c.goal)
}

// median is in seconds.
func median(measures []measure, of func(measure) time.Duration) float64 {
	values := make([]time.Duration, len(measures))
	for i, m := range measures {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[len(values)/2].Seconds()
}

func sizeRatio(ours, rival string) string {
	x, err := os.Stat(ours)
	if err != nil {
		return ""
	}
	y, err := os.Stat(rival)
	if err != nil {
		return "" // a rival that writes nothing
	}
	return fmt.Sprintf("%.3f", float64(x.Size())/float64(y.Size()))
}
