//go:build unix

package main

import (
	"os"
	"syscall"
)

// peakMemory is the most memory that the process held, in KiB.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return int64(usage.Maxrss)
}
