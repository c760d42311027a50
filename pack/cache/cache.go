// Package cache keeps what builds have made in a folder on disk: finished payloads,
// the digests of source files, and small records. It makes builds faster and holds
// nothing else: the folder may be deleted at any time, also while builds run.
//
// What is damaged, unreadable or of another version is not there: Get, Digest and
// Record miss, and the build does the work once more. Writers put files beside
// their place and rename them, so that any number of builds may read, write and
// trim at once. Get checks all bytes of a payload.
//
//	CACHEDIR.TAG       says to backup programs that the folder is a cache
//	payloads/KEY       data, the caller's note about it, and a trailer
//	sources/KEY        what stat said of a source file, and its digest
//	records/KEY        what the caller likes to remember
//
// File names are SHA-256 digests in hex: no name from outside becomes one. The
// folders are for the user alone (0700, files 0600).
package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

// DefaultSize is how many bytes Trim leaves where nobody says another number:
// 10 GiB.
const DefaultSize = 10 << 30

// Limits say how much a cache may keep, and by which clock uses are dated.
type Limits struct {
	Size int64            // bytes that Trim leaves; 0 is DefaultSize
	Now  func() time.Time // nil: uses are not marked, and what was written first goes first
}

// The folders of a cache.
const (
	payloads = "payloads"
	sources  = "sources"
	records  = "records"
)

// folders are all of them.
var folders = []string{payloads, sources, records}

// Cache is a folder of earlier results. Its methods may be called at any time from
// any number of goroutines and processes. A nil *Cache finds and keeps nothing.
type Cache struct {
	dir    string
	limits Limits

	trusted  atomic.Bool // the folder is there, and nobody else could have filled it
	prepared atomic.Bool // the folder and those in it are there, and ours
}

// Open opens the cache in dir, which need not be there: it is made, with mode 0700,
// when something is first written.
func Open(dir string, limits Limits) *Cache {
	if limits.Size <= 0 {
		limits.Size = DefaultSize
	}
	return &Cache{dir: dir, limits: limits}
}

// Dir returns the folder of the cache.
func (c *Cache) Dir() string {
	return c.dir
}

// path is where the file of key is, or would be.
func (c *Cache) path(folder string, key Key) string {
	return filepath.Join(c.dir, folder, key.String())
}

// open opens the file of key for reading. Anything but a regular file is not
// opened: a pipe would wait for a writer.
func (c *Cache) open(folder string, key Key) (*os.File, fs.FileInfo, error) {
	if err := c.trust(); err != nil {
		return nil, nil, err
	}
	path := c.path(folder, key)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err != nil { // another build may have replaced it
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// store writes the file of key. It is complete or not there.
func (c *Cache) store(folder string, key Key, fill func(*os.File) error) error {
	f, err := c.create(c.path(folder, key))
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if err := fill(f.File); err != nil {
		return err
	}
	return f.Commit()
}

// create opens a pending file for path. Where somebody has deleted the cache since
// it was prepared, it is made anew.
func (c *Cache) create(path string) (*atomicfile.File, error) {
	if err := c.prepare(); err != nil {
		return nil, err
	}
	f, err := atomicfile.Create(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	c.prepared.Store(false)
	if err := c.prepare(); err != nil {
		return nil, err
	}
	return atomicfile.Create(path)
}

// remove removes the file of key, if it is there.
func (c *Cache) remove(folder string, key Key) {
	os.Remove(c.path(folder, key))
}

// useGrain is how exactly uses are dated: a file that is read again and again is
// marked once an hour.
const useGrain = time.Hour

// markUsed dates the file of key, for Trim. That it cannot is no loss: the file is
// taken for one that was used earlier.
func (c *Cache) markUsed(folder string, key Key, info fs.FileInfo) {
	if c.limits.Now == nil {
		return
	}
	now := c.limits.Now()
	if age := now.Sub(info.ModTime()); age >= useGrain || age <= -useGrain {
		os.Chtimes(c.path(folder, key), time.Time{}, now) // the access time stays
	}
}

// failed names the cache in err. Of the system's errors only the reason is left, as
// names of files in a cache tell nobody anything.
func (c *Cache) failed(err error) error {
	var path *fs.PathError
	var reason syscall.Errno
	foreign := errors.As(err, &path) && !strings.HasPrefix(path.Path, filepath.Clean(c.dir))
	if !foreign && errors.As(err, &reason) {
		err = reason
	}
	return fmt.Errorf("cache %s: %w", c.dir, err)
}
