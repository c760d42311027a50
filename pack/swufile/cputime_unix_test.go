//go:build unix

package swufile

import (
	"syscall"
	"time"
)

// cpuTime is the time that this process has used, whatever else the machine does.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}
