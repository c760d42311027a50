package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// create opens a pending file with some data in it.
func create(t *testing.T, path, data string) *File {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Discard)
	if _, err := io.WriteString(f, data); err != nil {
		t.Fatal(err)
	}
	return f
}

// wantFile checks what is at path.
func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	} else if string(got) != want {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

// wantNames checks the names in dir.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}

// mustWrite puts data at path as something that was there before.
func mustWrite(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func onUnix(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no such thing on Windows")
	}
}

func TestCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.swu")
	mustWrite(t, path, "old")
	f := create(t, path, "brand new")
	if got := f.Path(); got != path {
		t.Errorf("Path is %q, want %q", got, path)
	}
	wantFile(t, path, "old")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	f.Close()
	wantFile(t, path, "brand new")
	wantNames(t, dir, "out.swu")
	err := f.Commit()
	if want := fmt.Sprintf("commit %q: the pending file is committed or discarded already", path); err == nil || err.Error() != want {
		t.Errorf("second commit: %v, want %s", err, want)
	}
}

func TestDiscard(t *testing.T) {
	for name, end := range map[string]func(*File){
		"discard": (*File).Discard,
		"close":   func(f *File) { f.Close() },
		"twice":   func(f *File) { f.Discard(); f.Discard() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "out.swu")
			mustWrite(t, path, "old")
			f := create(t, path, "new")
			end(f)
			wantFile(t, path, "old")
			wantNames(t, dir, "out.swu")
			if err := f.Commit(); !errors.Is(err, errDone) {
				t.Errorf("commit after that: %v", err)
			}
		})
	}
}

func TestRandomAccess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	f := create(t, path, "hello world")
	if _, err := f.WriteAt([]byte("W"), 6); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "H"); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, 11)
	if _, err := f.ReadAt(back, 0); err != nil || string(back) != "Hello World" {
		t.Errorf("read back %q, %v", back, err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "Hello World")
}

func TestPendingName(t *testing.T) {
	for _, name := range []string{"a", "gateway-2.4.0.swu", ".hidden", strings.Repeat("x", 255), strings.Repeat("ä", 120)} {
		got := makeName(name)
		if !pendingName().MatchString(got) {
			t.Errorf("Sweep would not know %q", got)
		}
		if len(got) > 255 {
			t.Errorf("%d bytes are too long for a file name", len(got))
		}
		if !strings.HasPrefix(got, "."+name[:1]) {
			t.Errorf("%q does not say what it is for", got)
		}
		if got == makeName(name) {
			t.Errorf("%q twice", got)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, "file"), "")
	for _, test := range []struct{ path, want string }{
		{"", "empty path"},
		{dir, "is a folder, a file is wanted"},
		{filepath.Join(dir, "new") + string(filepath.Separator), "the path of a folder, a file is wanted"},
	} {
		wantRefused(t, test.path, fmt.Sprintf("create %q: %s", test.path, test.want))
	}
	missing := filepath.Join(dir, "no", "out")
	_, err := Create(missing)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v, want one that is fs.ErrNotExist", err)
	}
	if want := fmt.Sprintf("in folder %q", filepath.Join(dir, "no")); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("missing folder: %v, want %s in it", err, want)
	}
	if err != nil && strings.Contains(err.Error(), ".fwpack-") {
		t.Errorf("a person sees the pending name: %v", err)
	}
	wantNames(t, dir, "file")
}

// wantRefused checks that nothing can be created at path, and why.
func wantRefused(t *testing.T, path, want string) {
	t.Helper()
	f, err := Create(path)
	if err == nil {
		f.Discard()
		t.Errorf("create %q is allowed, want: %s", path, want)
	} else if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestCreateInCurrentFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	f := create(t, "out", "data")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantNames(t, ".", "out")
	_, err := Create(filepath.Join("no", "out"))
	if err == nil || !strings.Contains(err.Error(), `in folder "no"`) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestLongName(t *testing.T) {
	onUnix(t) // where the test folder itself is too deep for it
	dir := t.TempDir()
	name := strings.Repeat("n", 255)
	f := create(t, filepath.Join(dir, name), "long")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, name)
}

func TestCommitFails(t *testing.T) {
	t.Run("rename", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "out")
		f := create(t, path, "new")
		if err := os.Mkdir(path, 0o755); err != nil { // came up meanwhile
			t.Fatal(err)
		}
		err := f.Commit()
		if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("commit %q: ", path)) {
			t.Errorf("commit over a folder: %v", err)
		}
		wantNames(t, dir, "out")
	})
	t.Run("closed", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "out")
		mustWrite(t, path, "old")
		f := create(t, path, "new")
		f.File.Close()
		err := f.Commit()
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("commit of a closed file: %v", err)
		}
		wantFile(t, path, "old")
		wantNames(t, dir, "out")
	})
	t.Run("gone", func(t *testing.T) {
		onUnix(t)
		dir := t.TempDir()
		f := create(t, filepath.Join(dir, "out"), "new")
		os.Remove(f.Name())
		err := f.Commit()
		if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), ".fwpack-") {
			t.Errorf("commit of a removed file: %v", err)
		}
		wantNames(t, dir)
	})
}

// What goes to the disk early stays what it is, and a file that is closed is none.
func TestStartWriteback(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	f := create(t, path, "new")
	if f.Replaces() {
		t.Error("the output replaces nothing")
	}
	f.StartWriteback(0, 3)
	f.StartWriteback(1<<40, 1)
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.StartWriteback(0, 3)
	wantFile(t, path, "new")
	if !create(t, path, "newer").Replaces() {
		t.Error("the output replaces one")
	}
}
