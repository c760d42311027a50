// Command bench compares fwpack with the programs that a user would run
// instead, as whole processes in turn, on file systems made of real files:
//
//	go run ./cmd/bench -size 1024 -runs 5
//	go run ./cmd/bench -growth
//
// It prints Markdown tables of medians and ratios. On a shared machine only the
// ratios mean something, and only those of one run. The exit status says whether
// everything ran, not who was faster.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	b := bench{out: os.Stdout}
	var growth bool
	flag.StringVar(&b.fwpack, "fwpack", "bin/fwpack", "the fwpack to measure")
	flag.StringVar(&b.native, "native", "", "an fwpack built with libzstd and liblzma, for the levels that only it reaches")
	flag.StringVar(&b.dir, "dir", filepath.Join("bin", "bench"), "where the data goes, and stays for the next time")
	flag.IntVar(&b.mib, "size", 1024, "size of the ext4 image in MiB, which all other sizes follow")
	flag.IntVar(&b.runs, "runs", 5, "counted runs of each command")
	flag.IntVar(&b.patience, "patience", 1, "how many runs may be thrown away for each counted one, where other programs disturb them")
	flag.StringVar(&b.only, "only", "", "run only what has a name that this regular `expression` matches")
	flag.BoolVar(&growth, "growth", false, "print how cost grows with the work, instead of comparisons")
	flag.Parse()
	if err := b.run(growth); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}
