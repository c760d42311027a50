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

// oneOfTenContests: before every build another one of ten payloads is edited, so that
// each of them counts once. The full build is one that knows of no cache; or the same
// command after all ten were edited, which also keeps what it makes.
func (b *bench) oneOfTenContests() []contest {
	const count = 10
	parts := b.parted("ten", count, func(int) int64 { return b.imageSize() / count })
	p := b.ofParts("ten", parts, artifact{compress: "zstd"})
	edits := int64(0)
	edited := func(parts ...part) error {
		for _, part := range parts {
			edits++
			if err := edit(part.path(b), edits*4099); err != nil {
				return err
			}
		}
		return nil
	}
	ours, full, all := p.again(b), p.build(b), p.again(b)
	ours.before = func() error { return edited(parts[edits%count]) }
	full.label = "the full build"
	all.before = func() error { return edited(parts...) }
	all.label = "the build after all ten changed"
	one := contest{
		name:  fmt.Sprintf("one of ten payloads of %d MiB changed", b.mib/count),
		goal:  goal{ratio: 0.2},
		runs:  count,
		touch: b.mib / 2,
		setup: func() error { return p.begin(b) },
		ours:  ours,
		rival: full,
		agree: func() error { return sameBytes(ours.output, full.output) },
	}
	other := one
	other.name += ", the same command"
	other.goal, other.rival, other.agree = goal{}, all, nil
	return []contest{one, other}
}

// edit changes one byte of a file, where a sample of it is not likely to be.
func edit(path string, offset int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var one [1]byte
	if _, err := f.ReadAt(one[:], offset); err != nil {
		return err
	}
	one[0]++
	if _, err := f.WriteAt(one[:], offset); err != nil {
		return err
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
