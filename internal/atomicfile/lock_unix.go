//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

// errHeld says that another open file holds the lock.
var errHeld = errors.New("locked by another process")

// hold locks f for as long as the returned file stays open. That one is a
// duplicate, so that f can be closed and its close error seen before the
// rename. A file system without locks gives no lock and no error: Sweep gets
// none there either and leaves everything alone.
func hold(f *os.File) (*os.File, error) {
	lock, err := duplicate(f)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err == errHeld {
		return lock, err
	}
	return lock, nil
}

// duplicate opens the same open file once more, closed on exec like every
// file of Go's: a child that kept the lock would make a leftover immortal.
func duplicate(f *os.File) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// tryLock takes the lock of f without waiting.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EWOULDBLOCK:
			return errHeld
		}
		return err
	}
}

// Alone calls do while no other Alone of the same folder runs, in whatever
// process. Where a file system has no locks it just calls it.
func Alone(dir string, do func() error) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	for syscall.Flock(int(f.Fd()), syscall.LOCK_EX) == syscall.EINTR {
	}
	return do()
}

// removeLeftover removes the pending file at path unless a process holds it.
func removeLeftover(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if tryLock(f) != nil || !stillThere(f) {
		return false
	}
	return os.Remove(path) == nil
}

// holdFolder locks the folder at path for as long as the returned file stays open,
// and tells whether it is still there then.
func holdFolder(path string) (lock *os.File, held bool) {
	f, err := openFolder(path)
	if err != nil {
		return nil, false
	}
	if tryLock(f) == errHeld || !stillThere(f) {
		f.Close()
		return nil, false
	}
	return f, true
}

// removeFolder removes the folder at path and what is in it, unless a process
// holds it. Where a file system has no locks it stays.
func removeFolder(path string) {
	f, err := openFolder(path)
	if err != nil {
		return
	}
	defer f.Close()
	if tryLock(f) == nil && stillThere(f) {
		os.RemoveAll(path)
	}
}

// openFolder opens a folder, and no symbolic link to one.
func openFolder(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
}
