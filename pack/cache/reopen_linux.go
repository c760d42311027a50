package cache

import (
	"fmt"
	"os"
)

// reopen opens the file of f for reading, with an offset of its own; also where it
// has no name any more.
func reopen(f *os.File) (*os.File, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var again *os.File
	var openErr error
	err = conn.Control(func(fd uintptr) {
		again, openErr = os.Open(fmt.Sprintf("/proc/self/fd/%d", fd))
	})
	if err != nil {
		return nil, err
	}
	return again, openErr
}
