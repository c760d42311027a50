//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import "os"

// hold needs no lock of its own: Windows does not remove a file that another
// process has open. Between the close and the rename of a Commit nothing
// protects the file; a Sweep just then makes that Commit fail.
func hold(*os.File) (*os.File, error) {
	return nil, nil
}

// removeLeftover removes the pending file at path unless a process has it open.
func removeLeftover(path string) bool {
	return os.Remove(path) == nil
}
