package main

import (
	"fmt"
	"os"
	"strings"
)

const (
	// flatMemory is how much more memory the largest payload may take than the
	// smallest, as a factor: garbage waits to be collected, sooner or later.
	flatMemory = 1.25
	maxMemory  = 100 << 10 // KiB
)

// sized is work whose payload can be of any size.
type sized struct {
	name  string
	parts func(b *bench, size int64) []part // that the payload consists of
	side  func(b *bench, parts []part) side
}

// sizedWork is what is measured over the size of the payload.
var sizedWork = []sized{
	{"store", (*bench).entryParts, func(b *bench, parts []part) side { return b.sizedBuild(parts, "none") }},
	{"zstd", (*bench).onePart, func(b *bench, parts []part) side { return b.sizedBuild(parts, "zstd") }},
	{"zck create", (*bench).onePart, func(b *bench, parts []part) side {
		out := b.path("ours.zck")
		return side{
			commands: [][]string{{b.fwpack, "zck", "create", parts[0].path(b), "-o", out}},
			before:   b.removing(out), output: out,
		}
	}},
}

func (b *bench) onePart(size int64) []part {
	return []part{b.head(size)}
}

// entryParts are as large as an entry of an archive may be, or smaller: it ends
// below 4 GiB.
func (b *bench) entryParts(size int64) []part {
	const most = 2 << 30
	return b.parted("entry", int((size+most-1)/most), func(i int) int64 { return min(most, size-int64(i)*most) })
}

// sizedBuild builds a project of the parts without the digest of the bundle.
func (b *bench) sizedBuild(parts []part, method string) side {
	project := b.ofParts("sized", parts, artifact{compress: method})
	s := project.build(b, noDigest)
	remove := s.before
	s.before = func() error {
		if err := remove(); err != nil {
			return err
		}
		return project.write(b)
	}
	return s
}

// runSized is the medians of some runs over a payload of the given size, which is
// made before and removed again.
func (b *bench) runSized(work sized, size int64, runs int) (outcome, error) {
	parts := work.parts(b, size)
	for _, p := range parts {
		if err := p.make(b); err != nil {
			return outcome{}, err
		}
	}
	s := work.side(b, parts)
	got, err := b.typical(s, runs)
	if err != nil {
		return outcome{}, err
	}
	for _, p := range parts {
		if err := os.Remove(p.path(b)); err != nil {
			return outcome{}, err
		}
	}
	return got, b.clean(s.output)
}

// memory prints how much memory work takes as its payload grows.
func (b *bench) memory() error {
	if !b.wanted.MatchString("peak memory") {
		return nil
	}
	sizes := []int64{1, 2, 4, 8}
	fmt.Fprintf(b.out, "\n| peak memory by size of the payload |")
	for _, n := range sizes {
		fmt.Fprintf(b.out, " %d MiB |", n*int64(b.mib))
	}
	fmt.Fprintf(b.out, " goal | |\n|---|%s---|---|\n", strings.Repeat("---|", len(sizes)))
	for _, work := range sizedWork {
		peaks, err := b.peaks(work, sizes)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s |", work.name)
		for _, kib := range peaks {
			fmt.Fprintf(b.out, " %d MiB |", kib>>10)
		}
		fmt.Fprintf(b.out, " flat, < %d MiB | %s |\n", maxMemory>>10, flat(peaks))
	}
	return nil
}

// peaks is in KiB.
func (b *bench) peaks(work sized, sizes []int64) ([]int64, error) {
	var peaks []int64
	for _, n := range sizes {
		run, err := b.runSized(work, n*b.imageSize(), 1)
		if err != nil {
			return nil, err
		}
		peaks = append(peaks, run.rss)
	}
	return peaks, nil
}

func flat(peaks []int64) string {
	for _, kib := range peaks {
		if kib >= maxMemory || float64(kib) > flatMemory*float64(peaks[0]) {
			return "not met"
		}
	}
	return "met"
}
