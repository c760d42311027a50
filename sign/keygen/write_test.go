package keygen

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key.pem")
	if err := WriteNew(path, []byte("one"), SecretMode); err != nil {
		t.Fatal(err)
	}
	wantError(t, WriteNew(path, []byte("two"), SecretMode), path+" exists already: nothing is overwritten")
	if got, err := os.ReadFile(path); err != nil || string(got) != "one" {
		t.Errorf("%q, error %v", got, err)
	}
	onlyFiles(t, dir, "key.pem")
	if runtime.GOOS == "windows" {
		return
	}
	if err := WriteNew(filepath.Join(dir, "key.crt"), nil, PublicMode); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"key.pem": 0o600, "key.crt": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, error %v", name, info.Mode(), err)
		}
	}
}

func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Fatalf("%v, error %v, want %v", entries, err, want)
	}
	for i, entry := range entries {
		if entry.Name() != want[i] {
			t.Errorf("%s, want %s", entry.Name(), want[i])
		}
	}
}

// A symbolic link to nowhere is something that is there: what it points to may
// be elsewhere.
func TestWriteNewLink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link.pem")
	if err := os.Symlink(filepath.Join(dir, "target"), link); err != nil {
		if runtime.GOOS == "windows" {
			t.Skipf("only an administrator makes symbolic links: %v", err)
		}
		t.Fatal(err)
	}
	wantError(t, WriteNew(link, []byte("x"), SecretMode), "exists already")
	onlyFiles(t, dir, "link.pem")
}

func TestWriteNewRefuses(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "key.pem")
	err := WriteNew(missing, []byte("x"), SecretMode)
	wantError(t, err, missing+": ")
	if err != nil && strings.Contains(err.Error(), "fwpack-") {
		t.Errorf("the pending file is named: %v", err)
	}
	wantError(t, WriteNew(dir, []byte("x"), SecretMode), "exists already")
	onlyFiles(t, dir)
}

// The way for file systems without links keeps what is there as well.
func TestWriteExclusive(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key.pem")
	if err := writeExclusive(path, []byte("one"), SecretMode); err != nil {
		t.Fatal(err)
	}
	wantError(t, named(path, writeExclusive(path, []byte("two"), SecretMode)), "exists already")
	if got, err := os.ReadFile(path); err != nil || string(got) != "one" {
		t.Errorf("%q, error %v", got, err)
	}
}

// Of many that write at once one wins, and the file is that one's.
func TestWriteNewRace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key.pem")
	var wins [8]bool
	var group sync.WaitGroup
	for i := range wins {
		group.Go(func() { wins[i] = WriteNew(path, []byte{byte(i)}, SecretMode) == nil })
	}
	group.Wait()
	got, err := os.ReadFile(path)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, error %v", got, err)
	}
	for i, won := range wins {
		if won != (int(got[0]) == i) {
			t.Errorf("writer %d: won %v, the file is of %d", i, won, got[0])
		}
	}
	onlyFiles(t, dir, "key.pem")
}
