package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/stamp"
)

// noon is what the clock of the tests shows.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fresh returns a cache in a folder that is not there yet.
func fresh(t *testing.T) *Cache {
	t.Helper()
	return Open(filepath.Join(t.TempDir(), "deep", "cache"), Limits{Now: func() time.Time { return noon }})
}

// put puts data, and sets when it was used.
func put(t *testing.T, c *Cache, key Key, data string, used time.Time) {
	t.Helper()
	if err := c.Put(context.Background(), key, []byte("{}"), sha256.Sum256([]byte(data)), strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	setUsed(t, c, payloads, key, used)
}

func setUsed(t *testing.T, c *Cache, folder string, key Key, used time.Time) {
	t.Helper()
	if err := os.Chtimes(c.path(folder, key), time.Time{}, used); err != nil {
		t.Fatal(err)
	}
}

// wantHit checks the data of an entry.
func wantHit(t *testing.T, c *Cache, key Key, want string) {
	t.Helper()
	e, ok := c.Get(context.Background(), key)
	if !ok {
		t.Errorf("no entry, want %q", want)
		return
	}
	defer e.Close()
	data, err := io.ReadAll(io.LimitReader(e.File(), e.Size()))
	if err != nil || string(data) != want || e.SHA256() != sha256.Sum256(data) {
		t.Errorf("entry holds %q, %v, want %q", data, err, want)
	}
}

func wantMiss(t *testing.T, c *Cache, key Key) {
	t.Helper()
	if e, ok := c.Get(context.Background(), key); ok {
		e.Close()
		t.Error("an entry that should not be there")
	}
}

// wantFiles checks the names of all files below the cache's folder.
func wantFiles(t *testing.T, c *Cache, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(c.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(c.Dir(), path)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the cache holds %q, %v, want %q", got, err, want)
	}
}

func TestKey(t *testing.T) {
	lists := [][]string{nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {version}}
	seen := map[Key]int{}
	for i, parts := range lists {
		key := NewKey(parts...)
		if j, twice := seen[key]; twice {
			t.Errorf("%q and %q have the same key", parts, lists[j])
		}
		seen[key] = i
		if key != NewKey(parts...) || !isKey(key.String()) {
			t.Errorf("key of %q is %s", parts, key)
		}
	}
	for _, name := range []string{"", "..", strings.Repeat("A", 64), strings.Repeat("a", 63), strings.Repeat("a", 65), strings.Repeat("a", 63) + "/"} {
		if isKey(name) {
			t.Errorf("%q is taken for a key", name)
		}
	}
}

func TestPutGet(t *testing.T) {
	c, key := fresh(t), NewKey("rootfs")
	wantMiss(t, c, key)
	if _, err := os.Lstat(c.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading makes the folder: %v", err)
	}
	for _, data := range []string{"", "x", "the payload", strings.Repeat("large", 1<<20)} {
		meta, sum := []byte(`{"n":1}`), sha256.Sum256([]byte(data))
		if err := c.Put(context.Background(), key, meta, sum, strings.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		wantHit(t, c, key, data)
		e, _ := c.Get(context.Background(), key)
		if string(e.Meta()) != string(meta) || e.Size() != int64(len(data)) {
			t.Errorf("meta %q, size %d", e.Meta(), e.Size())
		}
		e.Close()
	}
	wantMiss(t, c, NewKey("other"))
	wantFiles(t, c, tagName, "payloads/"+key.String())
}

// What a file or a part of one holds is kept, from where the reader stands.
func TestPutParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "source")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	section := func(offset, n, at int64) io.Reader {
		s := io.NewSectionReader(f, offset, n)
		s.Seek(at, io.SeekStart)
		return s
	}
	for i, test := range []struct {
		data io.Reader
		want string
	}{
		{f, "3456789"}, {io.LimitReader(f, 4), "3456"}, {io.LimitReader(f, 100), "3456789"}, {io.LimitReader(f, 0), ""},
		{section(2, 5, 0), "23456"}, {section(2, 5, 1), "3456"}, {section(2, 5, 9), ""}, {section(8, 100, 0), "89"}, {section(0, 0, 0), ""},
		{io.NewSectionReader(strings.NewReader("abcdef"), 1, 3), "bcd"}, {io.LimitReader(strings.NewReader("abcdef"), 3), "abc"},
	} {
		if _, err := f.Seek(3, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		c, key := fresh(t), NewKey(fmt.Sprint(i))
		if err := c.Put(context.Background(), key, nil, sha256.Sum256([]byte(test.want)), test.data); err != nil {
			t.Fatal(err)
		}
		wantHit(t, c, key, test.want)
		if at, _ := f.Seek(0, io.SeekCurrent); strings.Contains(fmt.Sprintf("%T", test.data), "Section") && at != 3 {
			t.Errorf("section %d moves the file to %d", i, at)
		}
	}
}

// A reader that fails, and a context that ends, leave what was there.
func TestPutFails(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	put(t, c, key, "old", noon)
	own := errors.New("own")
	if err := c.Put(context.Background(), key, nil, [32]byte{}, io.MultiReader(strings.NewReader("half"), failing{own})); !errors.Is(err, own) {
		t.Errorf("a failing reader: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Put(ctx, key, nil, [32]byte{}, strings.NewReader("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	long := make([]byte, maxMeta+1)
	if err := c.Put(context.Background(), key, long, [32]byte{}, strings.NewReader("new")); err == nil || !strings.Contains(err.Error(), "at most 1048576 are allowed") {
		t.Errorf("a long note: %v", err)
	}
	wantHit(t, c, key, "old")
	wantFiles(t, c, tagName, "payloads/"+key.String())
}

// What is larger than all of the cache is not kept, whether that is known before or
// seen as it comes.
func TestPutTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "source")
	writeFile(t, path, make([]byte, 101))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, key := Open(t.TempDir(), Limits{Size: 100}), NewKey("a")
	for i, data := range []io.Reader{f, io.LimitReader(f, 1000), io.NewSectionReader(f, 0, 101), bytes.NewReader(make([]byte, 101))} {
		err := c.Put(context.Background(), key, nil, [32]byte{}, data)
		if err == nil || !strings.HasSuffix(err.Error(), "a payload of more than the 100 bytes that the cache may hold") {
			t.Errorf("reader %d: %v", i, err)
		}
		if at, _ := f.Seek(0, io.SeekCurrent); at != 0 {
			t.Errorf("reader %d: %d bytes were read before", i, at)
		}
	}
	if err := c.Put(context.Background(), key, nil, [32]byte{}, io.LimitReader(f, 100)); err != nil {
		t.Error(err)
	}
	wantFiles(t, c, tagName, "payloads/"+key.String())
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestRecords(t *testing.T) {
	c, key := fresh(t), NewKey("project")
	if _, ok := c.Record(key); ok {
		t.Error("a record in an empty cache")
	}
	c.DropRecord(key)
	for _, data := range []string{"", "one", "another"} {
		if err := c.PutRecord(key, []byte(data)); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Record(key); !ok || string(got) != data {
			t.Errorf("record %q, %v, want %q", got, ok, data)
		}
	}
	wantMiss(t, c, key)
	c.DropRecord(key)
	if _, ok := c.Record(key); ok {
		t.Error("a record after it was dropped")
	}
	if err := c.PutRecord(key, make([]byte, maxBlob+1)); err == nil || !strings.Contains(err.Error(), "at most 16777216 are allowed") {
		t.Errorf("a large record: %v", err)
	}
	if err := c.PutRecord(key, make([]byte, maxBlob)); err != nil {
		t.Error(err)
	}
	if _, ok := c.Record(key); !ok {
		t.Error("the largest record is not there")
	}
}

func TestDigests(t *testing.T) {
	c, path := fresh(t), "/build/rootfs.ext4"
	seen, digest := stamp.Stamp{Size: 5, Modified: 1, Changed: 2, Inode: 3, Device: 4}, sha256.Sum256([]byte("data"))
	if _, ok := c.Digest(path, "", seen); ok {
		t.Error("a digest in an empty cache")
	}
	if err := c.NoteDigest(path, "", seen, digest); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Digest(path, "", seen); !ok || got != digest {
		t.Errorf("digest %x, %v", got, ok)
	}
	others := []stamp.Stamp{seen, seen, seen, seen, seen, {}}
	others[0].Size++
	others[1].Modified++
	others[2].Changed++
	others[3].Inode++
	others[4].Device++
	for _, other := range others {
		if got, ok := c.Digest(path, "", other); ok || got != [32]byte{} {
			t.Errorf("%+v is taken for %+v", other, seen)
		}
	}
	if _, ok := c.Digest("/build/data.ext4", "", seen); ok {
		t.Error("the digest of another path")
	}
	if err := c.NoteDigest(path, "", stamp.Stamp{}, digest); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a note without a stamp: %v", err)
	}
	if _, ok := c.Digest(path, "", stamp.Stamp{}); ok {
		t.Error("a digest of the zero stamp")
	}
}

// A use is marked, but not each time.
func TestMarks(t *testing.T) {
	c, key, path := fresh(t), NewKey("a"), "/a"
	put(t, c, key, "data", noon)
	seen := stamp.Stamp{Size: 1}
	if err := errors.Join(c.PutRecord(key, nil), c.NoteDigest(path, "", seen, [32]byte{})); err != nil {
		t.Fatal(err)
	}
	uses := map[string]func(){
		payloads: func() { wantHit(t, c, key, "data") },
		records:  func() { c.Record(key) },
		sources:  func() { c.Digest(path, "", seen) },
	}
	for folder, use := range uses {
		k := key
		if folder == sources {
			k = noteKey(path, "")
		}
		for age, marked := range map[time.Duration]bool{0: false, 59 * time.Minute: false, time.Hour: true, 1000 * time.Hour: true, -30 * time.Minute: false, -2 * time.Hour: true} {
			before := noon.Add(-age)
			setUsed(t, c, folder, k, before)
			use()
			info, err := os.Stat(c.path(folder, k))
			if err != nil {
				t.Fatal(err)
			}
			want := before
			if marked {
				want = noon
			}
			if !info.ModTime().Equal(want) {
				t.Errorf("%s: used %v ago: dated %v, want %v", folder, age, info.ModTime(), want)
			}
		}
	}
	old := noon.Add(-100 * time.Hour)
	setUsed(t, c, payloads, key, old)
	wantHit(t, Open(c.Dir(), Limits{}), key, "data")
	if info, err := os.Stat(c.path(payloads, key)); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("marked without a clock: %v, %v", info.ModTime(), err)
	}
}

// A build goes on without a cache.
func TestNil(t *testing.T) {
	var c *Cache
	wantMiss(t, c, Key{})
	_, record := c.Record(Key{})
	_, digest := c.Digest("/a", "", stamp.Stamp{Size: 1})
	if record || digest {
		t.Error("no cache finds something")
	}
	c.DropRecord(Key{})
	_, trim := c.Trim(context.Background(), 1, noon)
	err := errors.Join(trim, c.Clear(), c.PutRecord(Key{}, nil), c.NoteDigest("/a", "", stamp.Stamp{}, [32]byte{}),
		c.Put(context.Background(), Key{}, nil, [32]byte{}, failing{io.ErrUnexpectedEOF}))
	if err != nil {
		t.Error(err)
	}
}

// Every byte of an entry, and its length, counts.
func TestDamagedEntry(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	data := "data"
	put(t, c, key, data, noon)
	path := c.path(payloads, key)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1 << (i % 8)
		writeFile(t, path, damaged)
		wantMiss(t, c, key)
	}
	for n := range whole {
		writeFile(t, path, whole[:n])
		wantMiss(t, c, key)
		writeFile(t, path, whole[n+1:])
		wantMiss(t, c, key)
	}
	writeFile(t, path, append(bytes.Clone(whole), 0))
	wantMiss(t, c, key)
	writeFile(t, c.path(payloads, NewKey("b")), whole)
	wantMiss(t, c, NewKey("b"))
	writeFile(t, path, whole)
	wantHit(t, c, key, data)
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every byte of a small file counts.
func TestDamagedBlobs(t *testing.T) {
	c, key, seen := fresh(t), NewKey("a"), stamp.Stamp{Size: 1}
	if err := errors.Join(c.PutRecord(key, []byte("record")), c.NoteDigest("/a", "", seen, [32]byte{1})); err != nil {
		t.Fatal(err)
	}
	for path, hit := range map[string]func() bool{
		c.path(records, key):               func() bool { _, ok := c.Record(key); return ok },
		c.path(sources, noteKey("/a", "")): func() bool { _, ok := c.Digest("/a", "", seen); return ok },
	} {
		whole, err := os.ReadFile(path)
		if err != nil || !hit() {
			t.Fatal(err)
		}
		for i := range whole {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1 << (i % 8)
			writeFile(t, path, damaged)
			if hit() {
				t.Errorf("%s: byte %d changed: still there", path, i)
			}
			writeFile(t, path, whole[:i])
			if hit() {
				t.Errorf("%s: %d bytes: still there", path, i)
			}
		}
		writeFile(t, path, append(bytes.Clone(whole), 0))
		if hit() {
			t.Errorf("%s: a byte more: still there", path)
		}
	}
}

// A record is not taken for a note, and none for that of another key.
func TestMixedUp(t *testing.T) {
	c := fresh(t)
	if err := c.NoteDigest("/a", "", stamp.Stamp{Size: 1}, [32]byte{}); err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(c.path(sources, noteKey("/a", "")))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, c.path(records, noteKey("/a", "")), note)
	if _, ok := c.Record(noteKey("/a", "")); ok {
		t.Error("a note is taken for a record")
	}
	writeFile(t, c.path(sources, noteKey("/b", "")), note)
	if _, ok := c.Digest("/b", "", stamp.Stamp{Size: 1}); ok {
		t.Error("the note of one file is taken for that of another")
	}
}

// Of what is checked in blocks every block counts, and an entry that is damaged
// makes way for the next one.
func TestDamagedBlocks(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	put(t, c, key, strings.Repeat("old!", digestBlock/2)+"end", noon)
	path := c.path(payloads, key)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, digestBlock - 1, digestBlock, 2*digestBlock - 1, 2 * digestBlock, 2*digestBlock + 2} {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1
		writeFile(t, path, damaged)
		wantMiss(t, c, key)
	}
	put(t, c, key, "new", noon)
	wantHit(t, c, key, "new")
}

// A build that is stopped does not read on.
func TestGetStopped(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	put(t, c, key, "data", noon)
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if e, ok := c.Get(stopped, key); ok {
		e.Close()
		t.Error("read after the end")
	}
	wantHit(t, c, key, "data")
}

// What is in the place of a file and is none is a miss, and no wait.
func TestNoFile(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	put(t, c, NewKey("b"), "other", noon)
	for _, folder := range []string{payloads, records} {
		if err := os.Mkdir(c.path(folder, key), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	wantMiss(t, c, key)
	if _, ok := c.Record(key); ok {
		t.Error("a folder is taken for a record")
	}
	if err := c.PutRecord(key, nil); err == nil || strings.Contains(err.Error(), ".fwpack-") {
		t.Errorf("a record in the place of a folder: %v", err)
	}
}

// The folder may be deleted at any time.
func TestDeletedMeanwhile(t *testing.T) {
	c, key := fresh(t), NewKey("a")
	put(t, c, key, "data", noon)
	if err := os.RemoveAll(c.Dir()); err != nil {
		t.Fatal(err)
	}
	wantMiss(t, c, key)
	put(t, c, key, "data", noon)
	wantHit(t, c, key, "data")
	wantFiles(t, c, tagName, "payloads/"+key.String())
}
