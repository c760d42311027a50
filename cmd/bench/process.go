package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// runOnce runs a command to its end, its output thrown away.
func runOnce(args []string) (measure, error) {
	cmd := exec.Command(args[0], args[1:]...)
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
