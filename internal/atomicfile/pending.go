package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

const (
	// pendingMode is the mode of an output before the umask.
	pendingMode = 0o644
	// maxStem is how much of the output's name goes into the pending one:
	// names end at 255 bytes on the usual file systems.
	maxStem = 200
	// attempts bounds the search for a free name. One is enough, unless a
	// Sweep in another process takes the file away before it is locked.
	attempts = 100
)

// pendingName matches the names that makeName makes.
var pendingName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\..*\.fwpack-[0-9a-f]{16}$`)
})

// makeName returns a fresh pending name for an output called name.
func makeName(name string) string {
	if len(name) > maxStem {
		name = strings.ToValidUTF8(name[:maxStem], "")
	}
	return fmt.Sprintf(".%s.fwpack-%016x", name, rand.Uint64())
}

// createLocked makes a new pending file in dir and locks it.
func createLocked(dir, name string) (f, lock *os.File, err error) {
	for range attempts {
		f, err = createNew(dir, name)
		if err != nil {
			return nil, nil, err
		}
		if lock, err = hold(f); err == nil && stillThere(f) {
			return f, lock, nil
		}
		drop(f, lock)
	}
	return nil, nil, fmt.Errorf("pending files vanish as soon as they are made: %w", err)
}

// createNew makes a new pending file in dir.
func createNew(dir, name string) (*os.File, error) {
	var err error
	for range attempts {
		var f *os.File
		path := filepath.Join(dir, makeName(name))
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, pendingMode)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return nil, err
}

// drop removes a pending file that could not be had alone.
func drop(f, lock *os.File) {
	f.Close()
	os.Remove(f.Name())
	if lock != nil {
		lock.Close()
	}
}

// stillThere tells whether f's name still belongs to f: between making and
// locking it, a Sweep may have taken it for a leftover.
func stillThere(f *os.File) bool {
	byName, err := os.Lstat(f.Name())
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(byName, open)
}
