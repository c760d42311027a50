package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// rebuildContests build what was built before, into the same folder.
func (b *bench) rebuildContests() []contest {
	return append([]contest{b.unchangedContest()}, b.oneOfTenContests()...)
}

// again is a side that builds p over what the last build of it left.
func (p project) again(b *bench) side {
	out := b.path(filepath.Join("kept", p.name))
	return side{
		commands: [][]string{{b.fwpack, "build", "-f", p.file(b), "-o", out}},
		output:   filepath.Join(out, "bench.swu"),
	}
}

// begin makes the first build, which all others follow.
func (p project) begin(b *bench) error {
	first := p.again(b)
	if err := b.clean(filepath.Dir(first.output), b.path("cache")); err != nil {
		return err
	}
	if err := p.write(b); err != nil {
		return err
	}
	_, err := b.runOnce(first.commands[0])
	return err
}

// unchangedContest: make looks at the times of the same files.
func (b *bench) unchangedContest() contest {
	p := project{name: "unchanged", artifacts: []artifact{
		{file: b.data.ext4, compress: "zstd"},
		{file: b.data.squashfs, compress: "none", encrypt: true},
	}}
	ours := p.again(b)
	rules := b.path(filepath.Join("projects", p.name, "rules.mk"))
	return contest{
		name:  "nothing changed",
		goal:  goal{wall: 50 * time.Millisecond},
		needs: []string{"make"},
		setup: func() error {
			if err := p.begin(b); err != nil {
				return err
			}
			return os.WriteFile(rules, []byte(p.rules(b, ours.output)), 0o666)
		},
		ours:  ours,
		rival: side{label: "`make`", commands: [][]string{{"make", "-s", "-f", rules}}},
	}
}

// rules are for make: the bundle is made of all that its build reads.
func (p project) rules(b *bench, output string) string {
	dir := filepath.Dir(p.file(b))
	needs := []string{p.file(b)}
	for _, name := range []string{"bench.in", "keys/release.pem", "keys/release.crt", "keys/device.aes"} {
		needs = append(needs, filepath.Join(dir, name))
	}
	for _, a := range p.artifacts {
		needs = append(needs, a.file)
	}
	return fmt.Sprintf("%s: %s\n\tfalse\n", output, strings.Join(needs, " "))
}

// oneOfTenContests: before every build another one of ten payloads changes, in one
// place or in many, so that each of them counts once. The full build is one that
// knows of no cache; it has an empty folder, or the last bundle to replace, as the
// build of what has changed has.
func (b *bench) oneOfTenContests() []contest {
	const count = 10
	parts := b.parted("ten", count, func(int) int64 { return b.imageSize() / count })
	p := b.ofParts("ten", parts, artifact{compress: "zstd"})
	full, over := p.build(b), p.again(b)
	full.label, over.label = "the full build", "the full build over the last bundle"
	over.commands = [][]string{append(over.commands[0], b.noCache...)}
	name := fmt.Sprintf("one of ten payloads of %d MiB changed", b.mib/count)
	contests := []contest{
		{name: name + " in one place", ours: p.edited(b, 1), rival: full, goal: goal{ratio: 0.2}},
		{name: name + " in one place, over the last bundle", ours: p.edited(b, 1), rival: over},
		{name: name + " throughout", ours: p.edited(b, b.mib/count), rival: full},
	}
	for i := range contests {
		c := &contests[i]
		c.runs, c.touch = count, b.mib/2
		c.setup = func() error { return p.begin(b) }
		if c.rival.output != c.ours.output {
			c.agree = func() error { return sameBytes(c.ours.output, c.rival.output) }
		}
	}
	return contests
}

// edited is a side that builds p again after places of another part of it have changed.
func (p project) edited(b *bench, places int) side {
	s := p.again(b)
	edits := 0
	s.before = func() error {
		path := p.parts[edits%len(p.parts)].path(b)
		edits++
		return edit(path, places, int64(edits)*4099)
	}
	return s
}

// edit changes bytes of a file from offset on, one in every MiB, where a sample of it is
// not likely to be.
func edit(path string, places int, offset int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for ; places > 0; places-- {
		var one [1]byte
		if _, err := f.ReadAt(one[:], offset); err != nil {
			return err
		}
		one[0]++
		if _, err := f.WriteAt(one[:], offset); err != nil {
			return err
		}
		offset += 1 << 20
	}
	return f.Close()
}

// sameBytes tells whether the two builds have made the same bundle.
func sameBytes(x, y string) error {
	ours, err := os.Open(x)
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := os.Open(y)
	if err != nil {
		return err
	}
	defer theirs.Close()
	a, c := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, errA := io.ReadFull(ours, a)
		m, errC := io.ReadFull(theirs, c)
		if !bytes.Equal(a[:n], c[:m]) {
			return errors.New("the second build made another bundle than a full one")
		}
		if errA != nil || errC != nil {
			return nil // both end here, or the sizes of the last pieces would differ
		}
	}
}
