package atomicfile

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// holdVariable makes the test binary a process that holds a pending file.
const holdVariable = "FWPACK_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdVariable); path != "" {
		holdForever(path)
	}
	if parent := os.Getenv(scratchVariable); parent != "" {
		scratchForever(parent)
	}
	os.Exit(m.Run())
}

// holdForever opens a pending file for path, says so, and waits to be killed.
func holdForever(path string) {
	f, err := Create(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(filepath.Base(f.Name()))
	bufio.NewReader(os.Stdin).ReadByte()
	os.Exit(0)
}

// startHolder starts such a process and returns it with its pending name.
func startHolder(t *testing.T, path string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"="+path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, _, err := bufio.NewReader(out).ReadLine()
	if err != nil || !pendingName().Match(line) {
		t.Fatalf("holder says %q, %v", line, err)
	}
	return cmd, string(line)
}

// sweep checks which names a Sweep of dir takes away.
func sweep(t *testing.T, dir string, want ...string) {
	t.Helper()
	got, err := Sweep(dir)
	if err != nil {
		t.Error(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("swept %q, want %q", got, want)
	}
}

func TestSweepAfterKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	mustWrite(t, path, "old")
	cmd, name := startHolder(t, path)
	sweep(t, dir)
	wantNames(t, dir, name, "out")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	wantNames(t, dir, name, "out")
	sweep(t, dir, name)
	wantFile(t, path, "old")
	wantNames(t, dir, "out")
}

func TestSweepLeavesTheRest(t *testing.T) {
	dir := t.TempDir()
	names := []string{
		".out.fwpack-0123456789abcde", ".out.fwpack-0123456789abcdef0", ".out.fwpack-0123456789ABCDEF",
		"out.fwpack-0123456789abcdef", ".out.other-0123456789abcdef", "out",
	}
	for _, name := range names {
		mustWrite(t, filepath.Join(dir, name), "mine")
	}
	folder := filepath.Join(dir, ".dir.fwpack-0123456789abcdef")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	sweep(t, dir)
	leftover := ".out.fwpack-0123456789abcdef"
	mustWrite(t, filepath.Join(dir, leftover), "")
	sweep(t, dir, leftover)
	for _, name := range names {
		wantFile(t, filepath.Join(dir, name), "mine")
	}
}

func TestSweepNoFolder(t *testing.T) {
	sweep(t, filepath.Join(t.TempDir(), "none"))
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "")
	if _, err := Sweep(path); err == nil {
		t.Error("sweeping a file is no error")
	}
}

// TestSweepRace lets builds and sweeps of one folder meet as often as it can:
// no sweep may take a file from a build.
func TestSweepRace(t *testing.T) {
	dir := t.TempDir()
	var builds, sweeps sync.WaitGroup
	var stop atomic.Bool
	for range 2 {
		sweeps.Go(func() {
			for !stop.Load() {
				sweepQuietly(t, dir)
			}
		})
	}
	for i := range 4 {
		builds.Go(func() {
			for round := range 50 {
				commitOnce(t, filepath.Join(dir, fmt.Sprint("out", i)), fmt.Sprint(round))
			}
		})
	}
	builds.Wait()
	stop.Store(true)
	sweeps.Wait()
	wantNames(t, dir, "out0", "out1", "out2", "out3")
}

// sweepQuietly sweeps; whether anything was left over at that moment depends
// on where the others are.
func sweepQuietly(t *testing.T, dir string) {
	if _, err := Sweep(dir); err != nil {
		t.Error(err)
	}
}

func commitOnce(t *testing.T, path, data string) {
	f, err := Create(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Discard()
	f.WriteString(data)
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
}

// TestCreateAfterTheft is the one moment that the race above rarely hits: the
// file vanishes between making and locking it.
func TestCreateAfterTheft(t *testing.T) {
	onUnix(t)
	f, err := createNew(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !stillThere(f) {
		t.Error("a new file is not there")
	}
	os.Remove(f.Name())
	if stillThere(f) {
		t.Error("a removed file is still there")
	}
	mustWrite(t, f.Name(), "another")
	if stillThere(f) {
		t.Error("another file of the name is taken for it")
	}
}
