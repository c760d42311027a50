package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(withCache{m}, map[string]func(){
		"fwpack": main, "imgtool": main,
		"fwpack-sign-slow": slowSigner, "limit-file-size": limitFileSize,
	})
}

// withCache runs tests with a cache of their own in all the processes that they
// start: never that of the user.
type withCache struct{ m *testing.M }

func (w withCache) Run() int {
	dir, err := os.MkdirTemp("", "fwpack-cache")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("FWPACK_CACHE_DIR", dir)
	os.Unsetenv("FWPACK_CACHE_SIZE")
	return w.m.Run()
}

// TestScript runs the scripts in testdata/script: one behaviour of the command
// line each, in a process of its own. $KEYS is the folder of the test keys.
func TestScript(t *testing.T) {
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") == "1",
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": cmdStatus, "only-files": cmdOnlyFiles, "sign-request": cmdSignRequest, "image": cmdImage},
		Setup: func(env *testscript.Env) error {
			env.Setenv("KEYS", filepath.ToSlash(keys))
			env.Setenv("GOTRACEBACK", "single")
			env.Setenv("FWPACK_CACHE_DIR", filepath.Join(env.WorkDir, ".tmp", "cache")) // where no script looks
			return nil
		},
	})
}

// cmdStatus is "status N program args...": the program must end with status N.
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// cmdOnlyFiles is "only-files DIR NAME...": DIR holds the named entries and
// nothing else, hidden ones included.
func cmdOnlyFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: only-files DIR NAME...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	want := map[string]bool{}
	for _, name := range args[1:] {
		want[name] = true
	}
	for _, entry := range entries {
		if !want[entry.Name()] {
			ts.Fatalf("%s holds %s", args[0], entry.Name())
		}
		delete(want, entry.Name())
	}
	for name := range want {
		ts.Fatalf("%s lacks %s", args[0], name)
	}
}
