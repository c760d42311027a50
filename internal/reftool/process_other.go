//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package reftool

import (
	"os/exec"
	"testing"
)

// SWUpdate runs on Linux. What follows lets the tests compile elsewhere, where
// they are skipped for want of a client.

func groupAlone(*exec.Cmd) {}

func endGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func takeSlot(testing.TB) (release func()) { return func() {} }
