package zephyr

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// config is a configuration as Kconfig or NCS' Partition Manager wrote it.
type config struct {
	file    string
	symbols map[string]symbol
}

// symbol is a line of a configuration.
type symbol struct {
	name  string
	value string // without quotes and escapes
	pos   diag.Pos
	unset bool // "# CONFIG_X is not set": a bool that is n
}

// The lines of a .config, as Kconfig writes them: SYMBOL=VALUE, where the value is
// y, m, n, a number, or a string in quotes in which a backslash stands before
// quotes and backslashes.
var (
	assignment = regexp.MustCompile(`^(CONFIG_[A-Za-z0-9_]+)=(y|m|n|-?[0-9]+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*")$`)
	notSet     = regexp.MustCompile(`^# (CONFIG_[A-Za-z0-9_]+) is not set$`)
	escaped    = regexp.MustCompile(`\\(.)`)
)

// parseConfig reads a .config. Its errors are all lines that are none of one, and
// symbols that stand there twice.
func parseConfig(file string, src []byte) (*config, error) {
	c := &config{file: file, symbols: map[string]symbol{}}
	var problems diag.List
	for pos, line := range numbered(file, src) {
		if match := assignment.FindStringSubmatch(line); match != nil {
			c.add(symbol{name: match[1], value: unquote(match[2]), pos: pos}, &problems)
		} else if match := notSet.FindStringSubmatch(line); match != nil {
			c.add(symbol{name: match[1], pos: pos, unset: true}, &problems)
		} else if line != "" && line[0] != '#' {
			problems.Addf(pos, "%.60q: want CONFIG_NAME=VALUE or a comment", line)
		}
	}
	return c, problems.Err()
}

func (c *config) add(s symbol, problems *diag.List) {
	if first, twice := c.symbols[s.name]; twice {
		problems.Addf(s.pos, "%s: stands in line %d already", s.name, first.pos.Line)
	}
	c.symbols[s.name] = s
}

// numbered yields the lines of a text without blanks around them, and their
// places.
func numbered(file string, src []byte) func(yield func(diag.Pos, string) bool) {
	return func(yield func(diag.Pos, string) bool) {
		n := 0
		for line := range strings.Lines(string(src)) {
			n++
			if !yield(diag.Pos{File: file, Line: n}, strings.TrimSpace(line)) {
				return
			}
		}
	}
}

func unquote(value string) string {
	text, quoted := strings.CutPrefix(value, `"`)
	if !quoted {
		return value
	}
	return escaped.ReplaceAllString(strings.TrimSuffix(text, `"`), "$1")
}

// get returns a symbol that has a value other than n. Empty strings are none: that
// is how Kconfig leaves a file name out.
func (c *config) get(name string) (symbol, bool) {
	if c == nil {
		return symbol{}, false
	}
	s, ok := c.symbols[name]
	return s, ok && !s.unset && s.value != "" && s.value != "n"
}

// on tells whether a bool is y; of a nil config, none is.
func (c *config) on(name string) bool {
	s, ok := c.get(name)
	return ok && s.value == "y"
}

// first returns the first of the symbols that is y.
func (c *config) first(names ...string) (symbol, bool) {
	for _, name := range names {
		if c.on(name) {
			return c.get(name)
		}
	}
	return symbol{}, false
}

// from says where a value comes from.
func (s symbol) from() string { return fmt.Sprintf("%s: %s", s.pos, s.name) }
