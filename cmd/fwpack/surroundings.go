package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fwpack/fwpack/sign/plugin"
)

// surroundings is all that a command takes from the process it runs in: no
// other code reads the clock, randomness or the environment.
type surroundings struct {
	stdin       *os.File
	stdout      io.Writer
	stderr      io.Writer
	env         func(string) (string, bool)
	environ     []string // the same as a whole, for the programs that are started
	now         func() time.Time
	rand        io.Reader
	interactive bool // a person watches stderr

	dir     func() (string, error)      // the working directory
	program func() (fs.FileInfo, error) // the file that is running
}

// signingTime is the time of SOURCE_DATE_EPOCH, the zero time where it is not
// set. A malformed value is an error: ignoring it would quietly give up the
// reproducibility that somebody asked for.
func (s surroundings) signingTime() (time.Time, error) {
	value, ok := s.env("SOURCE_DATE_EPOCH")
	if !ok {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds < 0 || seconds > maxEpoch {
		return time.Time{}, usageError{fmt.Sprintf("SOURCE_DATE_EPOCH is %q: whole seconds since 1970 are allowed", value)}
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// maxEpoch is the end of 9999, the last year that a certificate or a CMS
// signing time can state (RFC 5280 section 4.1.2.5.2).
const maxEpoch = 253402300799

// passphrase returns what asks the person at the terminal, nil where nobody is
// there to answer. When ctx ends while it waits, it gives the terminal its echo
// back.
func (s surroundings) passphrase(ctx context.Context) func(key string) ([]byte, error) {
	if s.stdin == nil || !term.IsTerminal(int(s.stdin.Fd())) {
		return nil
	}
	return func(key string) ([]byte, error) {
		terminal := int(s.stdin.Fd())
		before, err := term.GetState(terminal)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(s.stderr, "passphrase of key %s: ", key)
		defer fmt.Fprintln(s.stderr)
		answers := make(chan answer, 1)
		go func() {
			text, err := term.ReadPassword(terminal)
			answers <- answer{text, err}
		}()
		select {
		case a := <-answers:
			return a.text, a.err
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), term.Restore(terminal, before))
		}
	}
}

// programs says how signing programs are run: with the environment of fwpack but
// for the variables that hold passphrases of files, and at its terminal, where a
// person can type a PIN.
func (s surroundings) programs(hidden ...string) plugin.Options {
	return plugin.Options{
		Env: slices.DeleteFunc(slices.Clone(s.environ), func(assignment string) bool {
			name, _, _ := strings.Cut(assignment, "=")
			return slices.Contains(hidden, name)
		}),
		Stderr:   s.stderr,
		Terminal: s.stdin != nil && term.IsTerminal(int(s.stdin.Fd())),
		Waiting:  func(program string) { fmt.Fprintf(s.stderr, "fwpack: waiting for %s\n", program) },
	}
}

// answer is what a person typed.
type answer struct {
	text []byte
	err  error
}

// version is that of the module fwpack was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// memoryLimit keeps a build with default settings below 100 MiB: the collector
// works instead of letting the heap double. It is a soft limit; settings and
// numbers of jobs that need more get more.
const memoryLimit = 80 << 20

// limitMemory applies memoryLimit unless the user has chosen one.
func limitMemory(env func(string) (string, bool)) {
	if _, chosen := env("GOMEMLIMIT"); !chosen {
		debug.SetMemoryLimit(memoryLimit)
	}
}
