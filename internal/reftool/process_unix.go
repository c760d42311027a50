//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package reftool

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// slotPause is how long to wait before all places are looked at again.
const slotPause = 20 * time.Millisecond

// groupAlone makes cmd the leader of a process group of its own.
func groupAlone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// endGroup ends cmd and what it started: about one run in three hundred leaves
// a child behind.
func endGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// takeSlot waits until one of maxClients places is free and holds it until the
// returned function is called. The places are locked files, because go test
// runs the packages' tests in processes of their own.
func takeSlot(t testing.TB) (release func()) {
	t.Helper()
	for {
		for n := range maxClients {
			if f := trySlot(t, n); f != nil {
				return func() { f.Close() }
			}
		}
		time.Sleep(slotPause)
	}
}

// trySlot takes place n, or returns nil.
func trySlot(t testing.TB, n int) *os.File {
	t.Helper()
	name := fmt.Sprintf("fwpack-swupdate-%d-%d.lock", os.Getuid(), n)
	f, err := os.OpenFile(filepath.Join(os.TempDir(), name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		f.Close()
		return nil
	}
	return f
}
