package outdir

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func open(t *testing.T, path string, force bool) *Dir {
	t.Helper()
	d, err := Open(path, force)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func write(d *Dir, name, text string) error {
	f, err := d.Create(name)
	if err == nil {
		_, err = f.WriteString(text)
	}
	return err
}

// left are the names in a folder.
func left(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestCommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	d := open(t, dir, false)
	long := strings.Repeat("n", 255)
	for _, name := range []string{"one", "below/two", long, "größe mit blank"} {
		if err := write(d, name, name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "one")); err == nil {
		t.Error("there before it is complete")
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if got := left(t, dir); got != "below größe mit blank "+long+" one" {
		t.Error(got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "below", "two")); err != nil || string(got) != "below/two" {
		t.Errorf("%q, %v", got, err)
	}
}

// What is not committed is gone, and the folder with it where it was made.
func TestDiscard(t *testing.T) {
	there := t.TempDir()
	for dir, stays := range map[string]bool{there: true, filepath.Join(there, "new"): false} {
		d := open(t, dir, false)
		if err := write(d, "a", "a"); err != nil {
			t.Fatal(err)
		}
		d.Close()
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if got := left(t, there); got != "" {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../a", "a/../../b", "/etc/passwd", "a\x00b", ".fwpack-part-0", ".FWPACK-part-7"} {
		d := open(t, t.TempDir(), true)
		if err := write(d, name, "x"); err == nil && d.Commit() == nil {
			t.Errorf("%q is written", name)
		}
	}
	d := open(t, t.TempDir(), false)
	if err := write(d, "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := write(d, "a", "2"); err == nil || !strings.Contains(err.Error(), "is the same file as a") {
		t.Errorf("twice: %v", err)
	}
	if err := write(d, "A", "3"); err != nil && runtime.GOOS == "linux" {
		t.Errorf("in capitals: %v", err)
	}
}

func TestExisting(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	for name, text := range map[string]string{filepath.Join(dir, "a"): "old", outside: "old"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := write(open(t, dir, false), "a", "new"); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Error(err)
	}
	forced := open(t, dir, true)
	for _, name := range []string{"link", "linked", "linked/a", "a/b"} {
		if err := write(forced, name, "new"); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	if err := write(forced, "a", "new"); err != nil || forced.Commit() != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{filepath.Join(dir, "a"): "new", outside: "old"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	forced.Close()
	if got := left(t, dir); got != "a link linked" {
		t.Error(got)
	}
}

// What another process writes meanwhile is not replaced.
func TestMeanwhile(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, false)
	if err := write(d, "a", "ours"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(); err == nil {
		t.Error("replaced")
	}
	d.Close()
	if got, _ := os.ReadFile(filepath.Join(dir, "a")); string(got) != "theirs" || left(t, dir) != "a" {
		t.Errorf("%q", got)
	}
}
