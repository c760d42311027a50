//go:build unix

package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// wholeEvery is after how many kills a build may run to its end.
const wholeEvery = 8

// TestFaultKill ends builds at moments all over them: while payloads are packed,
// bundles signed and outputs renamed.
func TestFaultKill(t *testing.T) {
	fwpack := binary(t)
	runs := faultRuns(t)
	var mixed, late atomic.Int32
	t.Run("builds", func(t *testing.T) {
		for _, name := range []string{"one", "two"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := newFaultProject(t, fwpack)
				k := killer{t: t, p: p, whole: timeOf(t, p)}
				for n := range (runs + 1) / 2 {
					k.run(n)
				}
				mixed.Add(int32(k.mixed))
				late.Add(int32(k.late))
			})
		}
	})
	t.Logf("%d runs: %d were killed among the renames, %d came too late", runs, mixed.Load(), late.Load())
	if int(late.Load()) > runs/2 {
		t.Errorf("%d of %d signals came too late", late.Load(), runs)
	}
}

// timeOf is how long a build takes.
func timeOf(t *testing.T, p *faultProject) time.Duration {
	t.Helper()
	begun := time.Now()
	p.rebuild(t, p.edition(t))
	return time.Since(begun)
}

// killer kills builds of one project.
type killer struct {
	t           *testing.T
	p           *faultProject
	whole       time.Duration
	mixed, late int
}

// run kills one build and judges what it leaves.
func (k *killer) run(n int) {
	signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGINT}[n%4]
	before, left, edition := k.p.state(k.t), k.p.beside(k.t), 1-k.p.edition(k.t)
	cmd := k.p.build(edition)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	k.moment(n/4, ended, before)
	if errors.Is(cmd.Process.Signal(signal), os.ErrProcessDone) {
		k.late++
	}
	how := outcomeOf(k.t, <-ended)
	k.judge(how, signal, before, edition)
	for _, name := range k.p.beside(k.t) {
		if how != killed && !slices.Contains(left, name) {
			k.t.Errorf("%v: %s was left behind", signal, name)
		}
	}
	if n%wholeEvery == wholeEvery-1 {
		begun := time.Now()
		k.p.rebuild(k.t, edition)
		k.whole = time.Since(begun) // the machine may have more or less to do by now
		if left := k.p.beside(k.t); len(left) > 0 {
			k.t.Errorf("%q are left behind by killed builds", left)
		}
		if _, made := k.p.which(k.t, before, edition); made != len(before) {
			k.t.Errorf("%d of %d outputs are new after a whole build", made, len(before))
		}
	}
}

// moment waits for the moment of the kill: a random one, or when the first
// outputs have got their names.
func (k *killer) moment(n int, ended chan error, before map[string]digest) {
	end := time.Now().Add(k.whole * 3)
	if n%3 < 2 {
		end = time.Now().Add(rand.N(k.whole * 9 / 8))
	}
	name := filepath.Join(k.p.out, k.p.files[4+rand.N(faultBundles/2)])
	old, _ := os.Stat(name)
	for time.Now().Before(end) && len(ended) == 0 {
		if now, err := os.Stat(name); n%3 == 2 && err == nil && !os.SameFile(old, now) {
			return
		}
		if n%3 < 2 {
			time.Sleep(time.Until(end))
		}
	}
}

// judge wants all outputs to be old where the build says that it failed, all new
// where it did not, and each one of the two where it could not say anything.
func (k *killer) judge(how outcome, signal syscall.Signal, before map[string]digest, edition int) {
	old, made := k.p.which(k.t, before, edition)
	all := len(before)
	switch {
	case how == finished && made < all:
		k.t.Errorf("status 0, and %d of %d outputs are new", made, all)
	case how == failed && old < all:
		k.t.Errorf("status 1, and %d of %d outputs are old", old, all)
	case signal != syscall.SIGKILL && old < all && made < all:
		k.t.Errorf("%v: %d outputs are old and %d new of %d", signal, old, made, all)
	case old < all && made < all:
		k.mixed++
	}
}
