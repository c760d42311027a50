//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// stayAwake keeps the system from stopping this process where it asks at a
// terminal that listens to another process group, as that of a program whose
// fwpack has no terminal for stdin; reading is an error (EIO) then.
func stayAwake() { signal.Ignore(syscall.SIGTTIN, syscall.SIGTTOU) }
