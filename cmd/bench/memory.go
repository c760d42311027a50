package main

import (
	"fmt"
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
	name string
	side func(b *bench, p part) side
}

// sizedWork is what is measured over the size of the payload.
var sizedWork = []sized{
	{"store", func(b *bench, p part) side { return b.sizedBuild(p, "none") }},
	{"zstd", func(b *bench, p part) side { return b.sizedBuild(p, "zstd") }},
	{"zck create", func(b *bench, p part) side {
		out := b.path("ours.zck")
		return side{commands: [][]string{{b.fwpack, "zck", "create", p.path(b), "-o", out}}, before: b.removing(out), output: out}
	}},
}

// sizedBuild builds a project of one part without the digest of the bundle.
func (b *bench) sizedBuild(p part, method string) side {
	project := b.ofParts("sized", []part{p}, artifact{compress: method})
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

// memory prints how much memory work takes as its payload grows.
func (b *bench) memory() error {
	if !strings.Contains("peak memory", b.only) {
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
		p := b.head(n * b.imageSize())
		if err := p.make(b); err != nil {
			return nil, err
		}
		s := work.side(b, p)
		run, err := b.runSide(s, 0)
		if err != nil {
			return nil, err
		}
		peaks = append(peaks, run.rss)
		if err := b.clean(s.output, p.path(b)); err != nil {
			return nil, err
		}
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
