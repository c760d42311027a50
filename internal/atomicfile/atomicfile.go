// Package atomicfile writes files that are complete or absent. Create opens a
// pending file beside the output; Commit puts it in the output's place in one
// step, Discard removes it. Stage opens a file without a name for data on its
// way; Sweep removes what a killed process left behind.
//
// A pending file is hidden, has a name that says what it is
// (.NAME.fwpack-0123456789abcdef) and is held with a lock for as long as its
// process lives, so that Sweep takes away only what nobody writes any more.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a pending file. It is read and written through the embedded
// *os.File, at any offset. Its calls must not overlap with Commit or Discard.
type File struct {
	*os.File
	path string   // the output
	lock *os.File // held until the pending name is gone; nil where none is needed
	done bool
}

// errDone answers a Commit that comes too late.
var errDone = errors.New("the pending file is committed or discarded already")

// Create opens a pending file in the folder of path with mode 0644 less the
// umask. The folder must exist. What is at path stays untouched until Commit:
// nothing, a regular file, or a symbolic link to one. A folder, a device, a
// pipe or a link to one of these is refused.
func Create(path string) (*File, error) {
	if err := checkTarget(path); err != nil {
		return nil, fmt.Errorf("create %q: %w", path, err)
	}
	dir, name := filepath.Split(path)
	f, lock, err := createLocked(dir, name)
	if err != nil {
		return nil, fmt.Errorf("create %q: %w", path, folderError(dir, err))
	}
	return &File{File: f, path: path, lock: lock}, nil
}

// Path returns the path of the output; Name is the one of the pending file.
func (f *File) Path() string {
	return f.path
}

// Replaces tells whether something is at the output's path.
func (f *File) Replaces() bool {
	_, err := os.Lstat(f.path)
	return err == nil
}

// Rename gives the output another name in the same folder, before Commit: one that
// depends on the contents.
func (f *File) Rename(name string) error {
	path := filepath.Join(filepath.Dir(f.path), name)
	if err := checkTarget(path); err != nil {
		return fmt.Errorf("create %q: %w", path, err)
	}
	f.path = path
	return nil
}

// Commit renames the file to the output's path, over a file that is there. A
// symbolic link is replaced itself, not the file it points to. After an error
// the old output is as it was and the pending file is gone.
//
// Commit does not wait for the disk, as a compiler does not: an output can be
// made again, and waiting takes several times as long as making it. After a
// power failure the output may be the old one or, on file systems that reorder
// the rename before the data, damaged; a bundle's signature and hashes tell.
func (f *File) Commit() error {
	if f.done {
		return fmt.Errorf("commit %q: %w", f.path, errDone)
	}
	defer f.Discard()
	if err := f.replace(); err != nil {
		return fmt.Errorf("commit %q: %w", f.path, bareError(err))
	}
	f.finish()
	return nil
}

// Discard closes and removes the pending file. After Commit or another Discard
// it does nothing, so that it can be deferred.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.File.Close()
	os.Remove(f.Name())
	f.finish()
}

// Close is Discard: a file that was closed without Commit is not an output.
func (f *File) Close() error {
	f.Discard()
	return nil
}

// replace does the steps of Commit that may fail. The lock is held across
// them, or a Sweep might come between the last two.
func (f *File) replace() error {
	if err := f.File.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), f.path)
}

// finish gives up the lock.
func (f *File) finish() {
	f.done = true
	if f.lock != nil {
		f.lock.Close()
	}
}

// checkTarget tells whether path names something a rename may replace.
func checkTarget(path string) error {
	if path == "" {
		return errors.New("empty path")
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return errors.New("the path of a folder, a file is wanted")
	}
	info, err := os.Stat(path) // through a link: what it points to counts
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return bareError(err)
	case info.IsDir():
		return errors.New("is a folder, a file is wanted")
	case isStream(path, info):
		return errors.New("is not a regular file and cannot be replaced")
	}
	return nil
}

// bareError takes the path out of err: the pending file's name tells a person
// nothing, and the output's is said once already.
func bareError(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		return pathErr.Err
	case errors.As(err, &linkErr):
		return linkErr.Err
	}
	return err
}

// folderError names the folder in which a file could not be made.
func folderError(dir string, err error) error {
	return fmt.Errorf("in folder %q: %w", filepath.Clean(dir), bareError(err))
}
