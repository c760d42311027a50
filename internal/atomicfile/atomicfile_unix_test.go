//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

func TestMode(t *testing.T) {
	for _, test := range []struct{ umask, want int }{{0, 0o644}, {0o022, 0o644}, {0o077, 0o600}, {0o777, 0}} {
		path := filepath.Join(t.TempDir(), "out")
		old := syscall.Umask(test.umask)
		f, err := Create(path)
		syscall.Umask(old)
		if err != nil {
			t.Fatalf("umask %#o: %v", test.umask, err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != fs.FileMode(test.want) {
			t.Errorf("umask %#o: mode %v, want %#o", test.umask, got, test.want)
		}
	}
}

func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	mustWrite(t, target, "old")
	for _, to := range []string{target, filepath.Join(dir, "nowhere")} {
		os.Remove(link)
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		if err := create(t, link, "new").Commit(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(link)
		if err != nil || !info.Mode().IsRegular() {
			t.Errorf("link to %s is still a link: %v, %v", to, info, err)
		}
		wantFile(t, link, "new")
		wantFile(t, target, "old")
	}
	wantNames(t, dir, "link", "target")
}

func TestCreateRefusesSpecial(t *testing.T) {
	dir := t.TempDir()
	fifo, loop := filepath.Join(dir, "fifo"), filepath.Join(dir, "loop")
	toFolder, toDevice := filepath.Join(dir, "to-folder"), filepath.Join(dir, "to-device")
	err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.Symlink(loop, loop),
		os.Symlink(dir, toFolder), os.Symlink(os.DevNull, toDevice))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		os.DevNull:                   "is not a regular file and cannot be replaced",
		fifo:                         "is not a regular file and cannot be replaced",
		toDevice:                     "is not a regular file and cannot be replaced",
		toFolder:                     "is a folder, a file is wanted",
		loop:                         syscall.ELOOP.Error(),
		filepath.Join(fifo, "in-it"): syscall.ENOTDIR.Error(),
	} {
		wantRefused(t, path, fmt.Sprintf("create %q: %s", path, want))
	}
}

// What a process has open keeps its names, also where these lead to a file.
func TestDescriptors(t *testing.T) {
	if _, err := os.Stat("/dev/fd/0"); err != nil {
		t.Skip("no /dev/fd")
	}
	dir := t.TempDir()
	file, link, toFolder := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "fd")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := fmt.Sprintf("/dev/fd/%d", f.Fd())
	if err := errors.Join(os.Symlink(name, link), os.Symlink("/dev/fd", toFolder)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{name, "/dev/../" + name, link, filepath.Join(toFolder, filepath.Base(name)), os.DevNull} {
		if !IsStream(path) {
			t.Errorf("%s is taken for a file", path)
		}
		wantRefused(t, path, fmt.Sprintf("create %q: is not a regular file and cannot be replaced", path))
	}
	for _, path := range []string{file, dir, filepath.Join(dir, "none")} {
		if IsStream(path) {
			t.Errorf("%s is taken for a stream", path)
		}
	}
}

func TestCreateInReadOnlyFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "out")
	wantRefused(t, path, fmt.Sprintf("create %q: in folder %q: permission denied", path, dir))
}

func TestDiskFull(t *testing.T) {
	var limit syscall.Rlimit
	f := create(t, filepath.Join(t.TempDir(), "out"), "")
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 1 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		reftool.Missing(t, err.Error())
	}
	_, err := f.Write(make([]byte, 4<<10))
	if back := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); back != nil {
		t.Fatal(back)
	}
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("write past the limit: %v", err)
	}
	f.Discard()
	wantNames(t, filepath.Dir(f.Path()))
}
