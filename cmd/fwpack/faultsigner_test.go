//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestFaultWhileSigning ends builds while a program signs: the program ends as
// well, and its folder goes, at once or with the next build.
func TestFaultWhileSigning(t *testing.T) {
	p := newFaultProject(t, binary(t))
	edit(t, filepath.Join(p.dir, "fwpack.toml"), `scheme = "cms", key = "`, `scheme = "cms", key = "plugin:slow:`)
	temp, marker := t.TempDir(), filepath.Join(t.TempDir(), "signing")
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		p.env = []string{"TMPDIR=" + temp, signingVariable + "=" + marker}
		before, edition := p.state(t), 1-p.edition(t)
		cmd := p.build(edition)
		said := output(cmd)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "the program signs", func() bool { _, err := os.Stat(marker); return err == nil })
		cmd.Process.Signal(signal)
		how := outcomeOf(t, cmd.Wait())
		if signal == syscall.SIGKILL {
			endProgram(t, marker)
		} else if how != failed || !strings.Contains(said.String(), "interrupted") {
			t.Errorf("%v: outcome %d\n%s", signal, how, said)
		} else {
			until(t, "the program ends", func() bool { return !alive(t, marker) })
			wantEmpty(t, temp)
			if left := p.beside(t); len(left) > 0 {
				t.Errorf("%v: left behind %q", signal, left)
			}
		}
		if old, _ := p.which(t, before, edition); old != len(before) {
			t.Errorf("%v: %d of %d outputs are old", signal, old, len(before))
		}
		os.Remove(marker)
		p.env = []string{"TMPDIR=" + temp}
		p.rebuild(t, edition)
		wantEmpty(t, temp)
		if left := p.beside(t); len(left) > 0 {
			t.Errorf("%v: left behind %q by the next build", signal, left)
		}
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%s holds %v, %v", dir, entries, err)
	}
}

// programOf is the number of the process that made the marker.
func programOf(t *testing.T, marker string) int {
	t.Helper()
	pid, err := strconv.Atoi(string(read(t, marker)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func alive(t *testing.T, marker string) bool {
	t.Helper()
	return !errors.Is(syscall.Kill(programOf(t, marker), 0), syscall.ESRCH)
}

// endProgram ends a program that fwpack had no time to end.
func endProgram(t *testing.T, marker string) {
	t.Helper()
	if err := syscall.Kill(programOf(t, marker), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
