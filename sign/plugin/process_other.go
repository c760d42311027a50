//go:build !unix

package plugin

import "os/exec"

// groupAlone does nothing: there are no process groups to end.
func groupAlone(*exec.Cmd) {}

// endGroup ends cmd alone.
func endGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
