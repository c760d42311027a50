package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// measure is one finished process.
type measure struct {
	wall time.Duration
	cpu  time.Duration // of the children it waited for, too
	rss  int64         // KiB
}

// runOnce runs a command to its end, its output thrown away. Caches are kept in
// the folder of the bench, so that nobody's own is filled or helps.
func (b *bench) runOnce(args []string) (measure, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+b.path("cache"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begun := time.Now()
	err := cmd.Run()
	wall := time.Since(begun)
	if err != nil {
		return measure{}, fmt.Errorf("%v: %w\n%s", args, err, stderr.Bytes())
	}
	state := cmd.ProcessState
	return measure{wall: wall, cpu: state.UserTime() + state.SystemTime(), rss: peakMemory(state)}, nil
}
