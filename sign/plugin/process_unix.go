//go:build unix

package plugin

import (
	"os/exec"
	"syscall"
)

// groupAlone makes cmd the leader of a process group of its own.
func groupAlone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// endGroup ends cmd and what it started.
func endGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
