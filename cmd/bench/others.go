package main

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

const (
	// quiet is the greatest share of all processors that others may take where a
	// pair of runs is to count.
	quiet = 0.1
	// shortest is what a share can be told of: Linux counts in hundredths of a second.
	shortest = 500 * time.Millisecond
)

// clock tells how much of the machine other programs take.
type clock struct {
	busy, all time.Duration // of all processors together
	own       time.Duration
}

// now reads /proc/stat (proc_stat(5)). Where that is missing nothing is known, and
// others are taken to do nothing.
func now() clock {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return clock{}
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	c := clock{own: ownTime()}
	const idle, iowait, steal = 4, 5, 8 // columns; those of guests are part of others
	for i, word := range bytes.Fields(line) {
		ticks, err := strconv.ParseInt(string(word), 10, 64)
		if err != nil || i > steal {
			continue
		}
		spent := time.Duration(ticks) * 10 * time.Millisecond
		c.all += spent
		if i != idle && i != iowait {
			c.busy += spent
		}
	}
	return c
}

// add adds what happened from begin to end.
func (c *clock) add(begin, end clock) {
	c.busy += end.busy - begin.busy
	c.all += end.all - begin.all
	c.own += end.own - begin.own
}

// others is the share of all processors that other programs took.
func (c clock) others() float64 {
	if c.all <= 0 {
		return 0
	}
	return max(0, float64(c.busy-c.own)/float64(c.all))
}
