package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

// contest is fwpack against other programs at the same work.
type contest struct {
	name   string
	goal   goal
	runs   int    // 0: as many as were asked for
	absent string // why it cannot be run here at all; usually empty
	needs  []string
	touch  int // MiB of memory to have at hand before every run
	setup  func() error
	ours   side
	rival  side
	agree  func() error // after the first runs: both have made the same thing
}

// side is one of the two in a contest.
type side struct {
	label    string       // in the table
	commands [][]string   // run one after the other
	before   func() error // before every run, and not counted
	output   string       // of which the size counts; "" where there is none
	cost     cost
}

// cost is what counts of the processes of a run.
type cost func([]measure, *bench) time.Duration

// wall is the time that the processes took one after the other.
func wall(parts []measure, _ *bench) time.Duration {
	var sum time.Duration
	for _, m := range parts {
		sum += m.wall
	}
	return sum
}

// cpuShare is what the work of the processes takes when all processors share it
// evenly: nothing can be faster without doing less.
func cpuShare(parts []measure, b *bench) time.Duration {
	return cpu(parts) / time.Duration(b.cores)
}

func cpu(parts []measure) time.Duration {
	var sum time.Duration
	for _, m := range parts {
		sum += m.cpu
	}
	return sum
}

// outcome is one run of a side.
type outcome struct {
	cost time.Duration
	cpu  time.Duration
	rss  int64 // KiB, of the largest process
	size int64 // of the output
}

// missing says why the contest cannot be held; "" means it can.
func (c contest) missing() string {
	if c.absent != "" {
		return c.absent
	}
	for _, program := range c.needs {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed"
		}
	}
	return ""
}

// contest prints what both sides took, after a pair of runs that does not count.
func (b *bench) contest(c contest) error {
	if c.setup != nil {
		if err := c.setup(); err != nil {
			return err
		}
	}
	if _, _, err := b.pair(c); err != nil {
		return err
	}
	if c.agree != nil {
		if err := c.agree(); err != nil {
			return err
		}
	}
	our, their, others, err := b.pairs(c)
	if err != nil {
		return err
	}
	b.print(c, our, their, others)
	return b.clean(c.ours.output, c.rival.output)
}

// pairs runs both sides in turn, and tells how much others took of the processors
// meanwhile. While there is patience left, a pair that was disturbed does not count.
func (b *bench) pairs(c contest) (our, their []outcome, others float64, err error) {
	runs := c.runs
	if runs == 0 {
		runs = b.runs
	}
	var during clock
	for tries := runs * b.patience; len(our) < runs; {
		begin := now()
		x, y, err := b.pair(c)
		if err != nil {
			return nil, nil, 0, err
		}
		var spent clock
		spent.add(begin, now())
		if tries > 0 && spent.others() > quiet && x.cost+y.cost > shortest {
			tries--
			continue
		}
		our, their = append(our, x), append(their, y)
		during.add(begin, now())
	}
	return our, their, during.others(), nil
}

// pair is one run of each side.
func (b *bench) pair(c contest) (ours, theirs outcome, err error) {
	if ours, err = b.runSide(c.ours, c.touch); err != nil {
		return outcome{}, outcome{}, err
	}
	theirs, err = b.runSide(c.rival, c.touch)
	return ours, theirs, err
}

// runSide runs the processes of one side.
func (b *bench) runSide(s side, touch int) (outcome, error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return outcome{}, err
		}
	}
	if err := b.touchMemory(touch); err != nil {
		return outcome{}, err
	}
	var parts []measure
	var most int64
	for _, command := range s.commands {
		m, err := b.runOnce(command)
		if err != nil {
			return outcome{}, err
		}
		parts, most = append(parts, m), max(most, m.rss)
	}
	result := outcome{cpu: cpu(parts), rss: most}
	if s.cost != nil {
		result.cost = s.cost(parts, b)
	} else {
		result.cost = wall(parts, b)
	}
	if s.output == "" {
		return result, nil
	}
	info, err := os.Stat(s.output)
	if err != nil {
		return outcome{}, err
	}
	result.size = info.Size()
	return result, nil
}

// clean removes outputs.
func (b *bench) clean(paths ...string) error {
	for _, path := range paths {
		if path == "" {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// removing returns what a side does before every run: take away what the run
// before has made.
func (b *bench) removing(paths ...string) func() error {
	return func() error { return b.clean(paths...) }
}

// touchMemory has memory for new files at hand: on a virtual machine the first
// touch of a page can cost ten times what writing to it costs, which says nothing
// of either side.
func (b *bench) touchMemory(mib int) error {
	if mib == 0 {
		return nil
	}
	path := b.path("touched")
	if err := fill(path, mib); err != nil {
		return fmt.Errorf("touching memory: %w", err)
	}
	return os.Remove(path)
}
