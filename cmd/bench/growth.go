package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// grow prints tables of what work costs as it grows, and what the machine could
// do at most.
func (b *bench) grow() error {
	tables := []struct {
		name  string
		print func() error
	}{
		{"payload size", b.growPayload},
		{"number of artifacts", b.growArtifacts},
		{"entries in sw-description", b.growEntries},
		{"limits", b.limits}, // last: a process counts the memory of the one that started it, too
	}
	for _, table := range tables {
		if !b.wanted.MatchString(table.name) {
			continue
		}
		if err := table.print(); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
		fmt.Fprintln(b.out)
	}
	return nil
}

// growPayload goes from a sixteenth of the image to eight times its size.
func (b *bench) growPayload() error {
	fmt.Fprintln(b.out, "| payload |"+columns(" %s | GB/s | peak memory |"))
	fmt.Fprintln(b.out, "|---|"+columns("%.0s---|---|---|"))
	for size := b.imageSize() / 16; size <= 8*b.imageSize(); size *= 2 {
		fmt.Fprintf(b.out, "| %d MiB |", size>>20)
		for _, work := range grown {
			runs := b.runs
			if size > b.imageSize() {
				runs = 1
			}
			got, err := b.runSized(work, size, runs)
			if err != nil {
				return err
			}
			fmt.Fprintf(b.out, " %s | %.2f | %d MiB |", seconds(got.cost), float64(size)/1e9/got.cost.Seconds(), got.rss>>10)
		}
		fmt.Fprintln(b.out)
	}
	return nil
}

// grown is what is measured over the size of the payload, and what it costs to do
// nothing but write that much: less is not possible, and a disk has a say in it.
var grown = append(slices.Clone(sizedWork), sized{"cp", (*bench).entryParts, func(b *bench, parts []part) side {
	out := b.path("copied")
	command := []string{"cp", "--reflink=never"}
	for _, p := range parts {
		command = append(command, p.path(b))
	}
	return side{
		commands: [][]string{append(command, out)},
		before: func() error {
			if err := b.clean(out); err != nil {
				return err
			}
			return os.Mkdir(out, 0o777)
		},
		output: out,
	}
}})

// columns repeats a format for every kind of work.
func columns(format string) string {
	var text strings.Builder
	for _, work := range grown {
		fmt.Fprintf(&text, format, work.name)
	}
	return text.String()
}

// typical is the medians of some runs.
func (b *bench) typical(s side, runs int) (outcome, error) {
	var all []outcome
	for range runs {
		got, err := b.runSide(s, 0)
		if err != nil {
			return outcome{}, err
		}
		all = append(all, got)
	}
	cost := func(o outcome) time.Duration { return o.cost }
	cpu := func(o outcome) time.Duration { return o.cpu }
	return outcome{cost: median(all, cost), cpu: median(all, cpu), rss: peak(all)}, nil
}

// growArtifacts packs small files.
func (b *bench) growArtifacts() error {
	return b.growCount("artifacts", []int{1, 10, 100, 1000}, func(n int) project {
		return smallProject("many", n)
	})
}

// growEntries installs ten artifacts over and over.
func (b *bench) growEntries() error {
	return b.growCount("entries", []int{10, 100, 1000, 10000}, func(n int) project {
		p := smallProject("entries", 10)
		p.entries = n
		return p
	})
}

// growCount prints what a build takes, by how many things there are.
func (b *bench) growCount(unit string, counts []int, of func(n int) project) error {
	fmt.Fprintf(b.out, "| %s | wall | for each | CPU | peak memory |\n|---|---|---|---|---|\n", unit)
	for _, n := range counts {
		p := of(n)
		if err := p.write(b); err != nil {
			return err
		}
		got, err := b.typical(p.build(b), b.runs)
		if err != nil {
			return err
		}
		each := got.cost / time.Duration(n)
		fmt.Fprintf(b.out, "| %d | %s | %.3f ms | %s | %d MiB |\n", n, seconds(got.cost), each.Seconds()*1000, seconds(got.cpu), got.rss>>10)
	}
	return nil
}
