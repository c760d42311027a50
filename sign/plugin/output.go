package plugin

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// output holds what a program has written and nobody has read. It never blocks
// the program, and it never holds more than maxOutput.
type output struct {
	// arrived has an item where a line may have come since it was last empty.
	arrived chan struct{}
	// full is closed where it would be more.
	full chan struct{}

	lock sync.Mutex
	data []byte
}

func newOutput() *output {
	return &output{arrived: make(chan struct{}, 1), full: make(chan struct{})}
}

// errTooMuch is what a program gets that writes without end.
var errTooMuch = fmt.Errorf("writes more than %d bytes", maxOutput)

// Write takes what the program has written.
func (o *output) Write(p []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if len(o.data)+len(p) > maxOutput {
		if !o.overflowed() {
			close(o.full)
		}
		return 0, errTooMuch
	}
	o.data = append(o.data, p...)
	if bytes.IndexByte(p, '\n') >= 0 {
		select {
		case o.arrived <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

// line takes a whole line, or returns false.
func (o *output) line() ([]byte, bool) {
	o.lock.Lock()
	defer o.lock.Unlock()
	line, rest, found := bytes.Cut(o.data, []byte("\n"))
	if !found {
		return nil, false
	}
	o.data = rest
	return line, true
}

// rest takes everything.
func (o *output) rest() []byte {
	o.lock.Lock()
	defer o.lock.Unlock()
	data := o.data
	o.data = nil
	return data
}

func (o *output) overflowed() bool {
	select {
	case <-o.full:
		return true
	default:
		return false
	}
}

// maxComment is where a line on stderr is broken, in bytes.
const maxComment = 4096

// commentary passes a program's stderr on, line by line behind its name.
type commentary struct {
	name string
	to   io.Writer // or nil
	part []byte
	last string // the last line that says something
}

// Write takes what the program has written. An error of the writer behind it is
// not the program's business.
func (c *commentary) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		c.part = append(c.part, line...)
		if bytes.HasSuffix(line, []byte("\n")) || len(c.part) >= maxComment {
			c.flush()
		}
	}
	return len(p), nil
}

// flush passes on what is there of a line.
func (c *commentary) flush() {
	line := strings.TrimRight(string(c.part), "\r\n")
	c.part = c.part[:0]
	if strings.TrimSpace(line) == "" {
		return
	}
	c.last = line
	if c.to != nil {
		fmt.Fprintf(c.to, "%s: %s\n", c.name, line)
	}
}

// maxQuote is how much of a line an error repeats, in bytes.
const maxQuote = 200

// printable makes a line of s that a terminal can be given.
func printable(s string) string {
	if len(s) > maxQuote {
		s = s[:maxQuote] + " ..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
