package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// goal is what a contest is to show. Zero fields demand nothing.
type goal struct {
	ratio float64       // greatest, of the costs
	size  float64       // greatest, of the sizes of the outputs
	wall  time.Duration // greatest, of fwpack alone
}

func (g goal) String() string {
	var parts []string
	if g.wall > 0 {
		parts = append(parts, fmt.Sprintf("≤ %d ms", g.wall.Milliseconds()))
	}
	if g.ratio > 0 {
		parts = append(parts, fmt.Sprintf("≤ %.3g", g.ratio))
	}
	if g.size > 0 {
		parts = append(parts, fmt.Sprintf("size ≤ %.4g", g.size))
	}
	return strings.Join(parts, ", ")
}

// verdict says whether medians reach the goal.
func (g goal) verdict(ratio, size float64, wall time.Duration) string {
	switch {
	case g == goal{}:
		return ""
	case g.ratio > 0 && ratio > g.ratio, g.size > 0 && size > g.size, g.wall > 0 && wall > g.wall:
		return "not met"
	}
	return "met"
}

func (b *bench) printHead() {
	fmt.Fprintln(b.out, "| work | fwpack wall | CPU | peak memory | against | takes | CPU | ratio (min to max) | size ratio | others | goal | |")
	fmt.Fprintln(b.out, "|---|---|---|---|---|---|---|---|---|---|---|---|")
}

func (b *bench) print(c contest, our, their []outcome, others float64) {
	ratios := make([]float64, len(our))
	for i := range our {
		ratios[i] = our[i].cost.Seconds() / their[i].cost.Seconds()
	}
	slices.Sort(ratios)
	ratio := ratios[len(ratios)/2]
	cost := func(o outcome) time.Duration { return o.cost }
	cpu := func(o outcome) time.Duration { return o.cpu }
	size, sizes := 0.0, ""
	if our[0].size > 0 && their[0].size > 0 {
		size = float64(our[0].size) / float64(their[0].size)
		sizes = fmt.Sprintf("%.3f", size)
	}
	fmt.Fprintf(b.out, "| %s | %s | %s | %d MiB | %s | %s | %s | %.2f (%.2f to %.2f) | %s | %.0f %% | %s | %s |\n",
		c.name, seconds(median(our, cost)), seconds(median(our, cpu)), peak(our)>>10,
		c.rival.label, seconds(median(their, cost)), seconds(median(their, cpu)),
		ratio, ratios[0], ratios[len(ratios)-1], sizes, 100*others, c.goal, c.goal.verdict(ratio, size, median(our, cost)))
}

// peak is in KiB.
func peak(outcomes []outcome) int64 {
	var most int64
	for _, o := range outcomes {
		most = max(most, o.rss)
	}
	return most
}

func median(outcomes []outcome, of func(outcome) time.Duration) time.Duration {
	values := make([]time.Duration, len(outcomes))
	for i, o := range outcomes {
		values[i] = of(o)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// seconds prints a time with as many digits as say something.
func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
