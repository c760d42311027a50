// Command bench compares fwpack with the programs that a user would run
// instead, as whole processes in turn on one file system image of real files:
//
//	go run ./cmd/bench -size 1024 -runs 5
//
// It prints a Markdown table of medians and ratios. On a shared machine only
// the ratios mean something, and only those of one run.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var b bench
	flag.StringVar(&b.fwpack, "fwpack", "bin/fwpack", "the fwpack to measure")
	flag.StringVar(&b.dir, "dir", filepath.Join("bin", "bench"), "where the data goes, and stays for the next time")
	flag.IntVar(&b.mib, "size", 1024, "size of the image in MiB")
	flag.IntVar(&b.runs, "runs", 5, "counted runs of each command")
	flag.StringVar(&b.only, "only", "", "run the contests that have this text in their name")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}
