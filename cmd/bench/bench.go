package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// bench is what all contests have in common.
type bench struct {
	fwpack string
	native string // an fwpack with native encoders; may be empty
	dir    string
	mib    int
	runs   int
	only   string
	// patience is how many disturbed runs may be thrown away for each that counts.
	patience int
	out      io.Writer

	// Filled in by prepare.
	wanted  *regexp.Regexp
	cores   int
	noCache []string // the option that makes a build a full one, where there is one
	data    dataset
}

func (b *bench) run(growth bool) error {
	if err := b.prepare(); err != nil {
		return err
	}
	if growth {
		return b.grow()
	}
	return b.compare()
}

// prepare makes the data and finds out what the fwpack at hand can do.
func (b *bench) prepare() error {
	if b.mib < minSize || b.runs < 1 {
		return fmt.Errorf("-size %d -runs %d: at least %d and 1 are needed", b.mib, b.runs, minSize)
	}
	for _, path := range []*string{&b.fwpack, &b.native, &b.dir} {
		if *path == "" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	var err error
	if b.wanted, err = regexp.Compile(b.only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	b.cores = runtime.NumCPU()
	help, err := exec.Command(b.fwpack, "build", "--help").Output()
	if err != nil {
		return fmt.Errorf("%s: %w (make build)", b.fwpack, err)
	}
	if strings.Contains(string(help), "--no-cache") {
		b.noCache = []string{"--no-cache"}
	}
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return err
	}
	b.data, err = b.makeData()
	return err
}

// compare runs all contests and prints a row of each.
func (b *bench) compare() error {
	fmt.Fprintf(b.out, "%d MiB ext4 and %d MiB squashfs of real files, %d runs each in turn; %s\n\n",
		b.mib, b.data.squashfsSize>>20, b.runs, b.together())
	b.printHead()
	for _, c := range b.contests() {
		if !b.wanted.MatchString(c.name) {
			continue
		}
		if missing := c.missing(); missing != "" {
			fmt.Fprintf(b.out, "| %s | %s |\n", c.name, missing)
			continue
		}
		if err := b.contest(c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	fmt.Fprintf(b.out, "\nAt the end %s.\n", b.together())
	return b.memory()
}

// contests are the rows in the order in which they are printed.
func (b *bench) contests() []contest {
	var all []contest
	for _, some := range [][]contest{
		b.storeContests(), b.compressContests(), b.nativeContests(), b.scheduleContests(),
		b.deltaContests(), b.smallContests(), b.rebuildContests(),
	} {
		all = append(all, some...)
	}
	return all
}

// path is a name in the folder of the bench.
func (b *bench) path(name string) string {
	return filepath.Join(b.dir, name)
}
