//go:build unix

package reftool

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeClient puts a shell script in the place of swupdate. The script finds the
// number of its run in $n and its logs beside it, in files named after them.
func fakeClient(t *testing.T, script string) (dir string) {
	t.Helper()
	Need(t, "sh", "cat")
	dir = t.TempDir()
	for name, log := range map[string]string{"good": logGood, "early": logEarly, "nothing": logNothing, "refused": logHardware} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf("#!/bin/sh\ncd %q\necho run >> runs\nn=$(($(wc -l < runs)))\n%s\n", dir, script)
	if err := os.WriteFile(filepath.Join(dir, "swupdate"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return dir
}

// runs counts how often the fake ran.
func runs(t *testing.T, dir string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(data), "run")
}

func TestAskAgain(t *testing.T) {
	for _, test := range []struct {
		name, script string
		accepted     bool
		runs         int
	}{
		{"good", "cat good", true, 1},
		{"good with status 1", "cat good; exit 1", true, 1},
		{"refused with status 0", "cat refused", false, 1},
		{"nothing, then good", `[ $n -lt 3 ] && { cat nothing; exit 1; }; cat good`, true, 3},
		{"doubtful, then good", `[ $n -lt 3 ] && { cat early; exit 1; }; cat good`, true, 3},
		{"doubtful for ever", "cat early; exit 1", false, 3},
		{"crash, then good", `[ $n -lt 3 ] && { cat nothing; kill -SEGV $$; }; cat good`, true, 3},
		{"crash after the end", "cat good; kill -SEGV $$", true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fakeClient(t, test.script)
			v := Client{}.Install(t, "any.swu")
			if v.Accepted != test.accepted || (v.Reason == "") != test.accepted {
				t.Errorf("verdict %+v", v)
			}
			if got := runs(t, dir); got != test.runs {
				t.Errorf("%d runs, want %d", got, test.runs)
			}
		})
	}
}

func TestArgumentsReachTheClient(t *testing.T) {
	dir := fakeClient(t, `echo "$TMPDIR $*" > said; cat good`)
	Client{Cert: "c.pem"}.DryRun(t, "/any.swu")
	said, err := os.ReadFile(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	tmp, args, _ := strings.Cut(strings.TrimSpace(string(said)), " ")
	if want := "-v -H board:1.0 -k c.pem -n -i /any.swu"; args != want {
		t.Errorf("arguments %q, want %q", args, want)
	}
	if len(tmp) > 30 {
		t.Errorf("TMPDIR %q is long for the path of a socket", tmp)
	}
	if _, err := os.Stat(tmp); err == nil {
		t.Errorf("%s is left behind", tmp)
	}
}

// fatalTB is a test whose end can be looked at.
type fatalTB struct {
	testing.TB
	msg string
}

func (f *fatalTB) Helper() {}

func (f *fatalTB) Fatalf(format string, args ...any) {
	f.msg = fmt.Sprintf(format, args...)
	panic(f)
}

// fatal returns what the test that asks a fake client ends with.
func fatal(t *testing.T) (msg string) {
	t.Helper()
	f := &fatalTB{TB: t}
	defer func() {
		if recover() != f {
			t.Error("the test goes on")
		}
		msg = f.msg
	}()
	Client{}.Install(f, "any.swu")
	return ""
}

func TestNoAnswer(t *testing.T) {
	dir := fakeClient(t, "cat nothing; exit 1")
	if msg := fatal(t); !strings.HasPrefix(msg, "swupdate gives no verdict in 6 runs\n"+logNothing) {
		t.Errorf("ends with %q", msg)
	}
	if got := runs(t, dir); got != maxRuns {
		t.Errorf("%d runs, want %d", got, maxRuns)
	}
}

func TestCrash(t *testing.T) {
	dir := fakeClient(t, "cat nothing; kill -SEGV $$")
	if msg := fatal(t); !strings.HasPrefix(msg, "swupdate ended with signal: segmentation fault") {
		t.Errorf("ends with %q", msg)
	}
	if got := runs(t, dir); got != maxCrashes {
		t.Errorf("%d runs, want %d", got, maxCrashes)
	}
}

// TestChildIsEnded: a child that the client leaves behind holds the log open
// and would run on.
func TestChildIsEnded(t *testing.T) {
	dir := fakeClient(t, "sleep 100 & echo $! > child; cat good")
	begin := time.Now()
	Client{}.Install(t, "any.swu")
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the client's child held the test up for %v", took)
	}
	data, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if gone(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

// gone tells whether a process has ended; as a zombie it counts as ended.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
