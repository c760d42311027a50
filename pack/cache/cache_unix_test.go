//go:build unix

package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/internal/stamp"
)

// All that the cache makes is for the user alone, whatever the umask.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		old := syscall.Umask(umask)
		c := filled(t)
		syscall.Umask(old)
		err := filepath.WalkDir(filepath.Dir(c.Dir()), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			want, info := fs.FileMode(0o600), fs.FileInfo(nil)
			if info, err = d.Info(); d.IsDir() {
				want = 0o700
			}
			if err == nil && info.Mode().Perm() != want {
				t.Errorf("umask %#o: %s has mode %v, want %v", umask, path, info.Mode(), want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// What others may have put there is not believed.
func TestOthersMayWrite(t *testing.T) {
	dir := filled(t).Dir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	c := Open(dir, Limits{})
	wantMiss(t, c, NewKey("one"))
	if _, ok := c.Record(NewKey("/new")); ok {
		t.Error("a record of a folder that everybody may write")
	}
	if err := c.PutRecord(NewKey("/new"), nil); err == nil || err.Error() != "cache "+dir+": everybody may write into the folder" {
		t.Errorf("a record into such a folder: %v", err)
	}
}

func TestOwner(t *testing.T) {
	for _, test := range []struct {
		owner uint32
		me    int
		want  string
	}{
		{1000, 1000, ""}, {0, 1000, ""}, {0, 0, ""}, {1000, 0, ""},
		{1001, 1000, "the folder belongs to user 1001, and fwpack runs as 1000"},
	} {
		err := checkUser(test.owner, test.me)
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("folder of %d for %d: %v, want %q", test.owner, test.me, err, test.want)
		}
	}
}

// A pipe in the place of a file is a miss, and nothing waits for its writer.
func TestPipe(t *testing.T) {
	c, key := filled(t), NewKey("a")
	for _, folder := range folders {
		if err := syscall.Mkfifo(c.path(folder, key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(c.path(sources, noteKey("/a", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	wantMiss(t, c, key)
	_, record := c.Record(key)
	_, digest := c.Digest("/a", "", stamp.Stamp{Size: 1})
	if record || digest {
		t.Error("a pipe is taken for a file")
	}
}

// Links lead out of the cache: nothing behind them is read, counted, trimmed,
// cleared or written over.
func TestLinks(t *testing.T) {
	c, key, outside := filled(t), NewKey("a"), t.TempDir()
	target := filepath.Join(outside, NewKey("one").String())
	writeFile(t, target, []byte("mine"))
	leftover := filepath.Join(outside, ".x.fwpack-0123456789abcdef")
	writeFile(t, leftover, nil)
	err := errors.Join(os.Symlink(target, c.path(records, key)), os.RemoveAll(filepath.Join(c.Dir(), payloads)), os.Symlink(outside, filepath.Join(c.Dir(), payloads)))
	if err != nil {
		t.Fatal(err)
	}
	if u, err := c.Usage(); err != nil || u.Payloads != 0 || u.Records != 2 {
		t.Errorf("usage %+v, %v", u, err)
	}
	if _, err := c.Trim(context.Background(), 1, noon); err != nil {
		t.Error(err)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	if err := Open(c.Dir(), Limits{}).Put(context.Background(), key, nil, [32]byte{}, strings.NewReader("")); err == nil || !strings.HasSuffix(err.Error(), "payloads is not a folder") {
		t.Errorf("a payload through a link: %v", err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "mine" {
		t.Errorf("behind the links is %q, %v", got, err)
	}
	if _, err := os.Lstat(leftover); err != nil {
		t.Errorf("a leftover of others: %v", err)
	}
	wantFiles(t, c, tagName, "payloads", "records/"+key.String())
}

// The folder itself may be elsewhere: a larger disk, for example.
func TestLinkedCache(t *testing.T) {
	disk, link := t.TempDir(), filepath.Join(t.TempDir(), "cache")
	if err := os.Symlink(disk, link); err != nil {
		t.Fatal(err)
	}
	c := Open(link, Limits{})
	put(t, c, NewKey("a"), "data", noon)
	wantHit(t, c, NewKey("a"), "data")
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	wantFiles(t, Open(disk, Limits{}), tagName)
}

// A full disk leaves what was there.
func TestFaultDiskFull(t *testing.T) {
	c, key := filled(t), NewKey("one")
	source := filepath.Join(t.TempDir(), "source")
	writeFile(t, source, make([]byte, 1<<20))
	f, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before, _ := c.Usage()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 1 << 19 // half of each, and more than what go test itself writes meanwhile
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		reftool.Missing(t, err.Error())
	}
	byKernel := c.Put(context.Background(), key, nil, [32]byte{}, f)
	byHand := c.Put(context.Background(), key, nil, [32]byte{}, strings.NewReader(strings.Repeat("x", 1<<20)))
	record := c.PutRecord(NewKey("/new"), make([]byte, 1<<20))
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"by the kernel": byKernel, "by hand": byHand, "record": record} {
		if !errors.Is(err, syscall.EFBIG) || err.Error() != "cache "+c.Dir()+": "+syscall.EFBIG.Error() {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantHit(t, c, key, strings.Repeat("x", 1000))
	after, err := c.Usage()
	if removed, trim := c.Trim(context.Background(), 0, noon); err != nil || trim != nil || after.Bytes != before.Bytes || removed.Leftovers != 0 {
		t.Errorf("usage was %+v and is %+v, %v; removed %+v, %v", before, after, err, removed, trim)
	}
}

// A folder that cannot be made or written is an error without names of the cache's
// own.
func TestFaultReadOnly(t *testing.T) {
	if os.Getuid() == 0 {
		file := filepath.Join(t.TempDir(), "file")
		writeFile(t, file, nil)
		err := Open(filepath.Join(file, "cache"), Limits{}).PutRecord(NewKey(), nil)
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("a cache in a file: %v", err)
		}
		return // root may write everywhere
	}
	c := filled(t)
	if err := os.Chmod(filepath.Join(c.Dir(), payloads), 0o500); err != nil {
		t.Fatal(err)
	}
	err := c.Put(context.Background(), NewKey("a"), nil, [32]byte{}, strings.NewReader(""))
	if err == nil || err.Error() != "cache "+c.Dir()+": permission denied" {
		t.Errorf("a payload into a read-only folder: %v", err)
	}
	wantHit(t, c, NewKey("one"), strings.Repeat("x", 1000))
}
