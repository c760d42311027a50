//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import (
	"errors"
	"os"
)

// errHeld says that another process holds a lock.
var errHeld = errors.New("locked by another process")

// hold needs no lock of its own: Windows does not remove a file that another
// process has open. Between the close and the rename of a Commit nothing
// protects the file; a Sweep just then makes that Commit fail.
func hold(*os.File) (*os.File, error) {
	return nil, nil
}

// Alone just calls do: folders have no locks here.
func Alone(_ string, do func() error) error {
	return do()
}

// removeLeftover removes the pending file at path unless a process has it open.
func removeLeftover(path string) bool {
	return os.Remove(path) == nil
}

// holdFolder needs no lock: removeFolder removes none.
func holdFolder(string) (lock *os.File, held bool) {
	return nil, true
}

// removeFolder leaves the folder: nothing tells whether it is in use.
func removeFolder(string) {}
