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
