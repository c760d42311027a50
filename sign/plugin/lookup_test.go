package plugin

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, name := range []string{"a", "pkcs11", "My-HSM", strings.Repeat("x", 64)} {
		if err := checkName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "../x", "a/b", `a\b`, "a.b", "a b", "ä", "a\x00", strings.Repeat("x", 65)} {
		_, err := Open(context.Background(), name, "key", Options{})
		wantError(t, err, "signing program ", "letters, digits and dashes")
	}
}

func TestNotFound(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(context.Background(), "absent", "key", Options{Path: dir})
	var missing *NotFoundError
	if !errors.As(err, &missing) || missing.Program != "fwpack-sign-absent" || missing.Path != dir {
		t.Fatalf("%#v", err)
	}
	wantError(t, err, "fwpack-sign-absent: not found on PATH")
	if want := "put an executable fwpack-sign-absent into one of the folders of PATH that are absolute: " + dir; missing.Hint() != want {
		t.Errorf("hint %q, want %q", missing.Hint(), want)
	}
	_, err = Open(context.Background(), "absent", "key", Options{})
	if !errors.As(err, &missing) || !strings.HasPrefix(missing.Hint(), "PATH is empty: ") {
		t.Errorf("%#v", err)
	}
}

func TestLookPath(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	file := filepath.Join(second, "tool"+extensions()[0])
	write(t, file, 0o755)
	list := func(dirs ...string) string { return strings.Join(dirs, string(filepath.ListSeparator)) }
	for _, path := range []string{second, list(first, second), list("", ".", second), list(first+"/absent", second)} {
		if got, err := lookPath("tool", path); err != nil || got != file {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	if err := os.Mkdir(filepath.Join(first, "tool"+extensions()[0]), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := lookPath("tool", list(first, second)); err != nil || got != file {
		t.Errorf("a folder hides the program: %q, %v", got, err)
	}
}

// The working directory is not looked at, whatever PATH says of it.
func TestLookPathRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "tool"+extensions()[0], 0o755)
	for _, path := range []string{".", "", string(filepath.ListSeparator), "./"} {
		if got, err := lookPath("tool", path); err == nil {
			t.Errorf("PATH %q: found %q", path, got)
		}
	}
}

func TestLookPathNotExecutable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("every file is executable by its name")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tool"), 0o644)
	_, err := lookPath("tool", dir)
	wantError(t, err, "tool: not found on PATH: "+filepath.Join(dir, "tool")+" is not an executable file")
}

func TestPathOfEnvironment(t *testing.T) {
	opt := Options{Env: []string{"PATH=/a", "HOME=/", "PATH=/b"}}
	if got := opt.path(); got != "/b" {
		t.Errorf("PATH %q, want /b", got)
	}
	opt.Path = "/c"
	if got := opt.path(); got != "/c" {
		t.Errorf("PATH %q, want /c", got)
	}
}

func write(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, nil, mode); err != nil {
		t.Fatal(err)
	}
}
