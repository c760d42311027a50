package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// file is one of a cache, as Trim sees it.
type file struct {
	folder string
	name   string
	size   int64
	used   time.Time // when it was written, or last found useful
}

// list returns the files in one of the folders. Whatever has another name than a key
// is not ours, and links are not followed.
func (c *Cache) list(folder string) ([]file, error) {
	path := filepath.Join(c.dir, folder)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var files []file
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !isKey(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // trimmed by another build
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file{folder, entry.Name(), info.Size(), info.ModTime()})
	}
	return files, nil
}

// listAll returns all files of the cache, those in one folder after the other.
func (c *Cache) listAll() ([]file, error) {
	ours, err := c.ours()
	if err != nil || !ours {
		return nil, err
	}
	var all []file
	for _, folder := range folders {
		files, err := c.list(folder)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// Usage says what a cache holds.
type Usage struct {
	Dir      string     `json:"dir"`
	Limit    int64      `json:"limit"` // bytes that Trim leaves
	Bytes    int64      `json:"bytes"` // in all files
	Payloads int        `json:"payloads"`
	Sources  int        `json:"sources"` // files whose digest is known
	Records  int        `json:"records"`
	Oldest   *time.Time `json:"oldest_use,omitempty"` // of what was not used for longest
	Newest   *time.Time `json:"newest_use,omitempty"`
}

// Usage counts what the cache holds. A folder that is not there holds nothing; one
// that is not a cache is an error.
func (c *Cache) Usage() (Usage, error) {
	u := Usage{Dir: c.dir, Limit: c.limits.Size}
	files, err := c.listAll()
	if err != nil {
		return u, c.failed(err)
	}
	for _, f := range files {
		u.Bytes += f.size
		*u.count(f.folder)++
	}
	if len(files) > 0 {
		byUse := func(a, b file) int { return a.used.Compare(b.used) }
		oldest, newest := slices.MinFunc(files, byUse).used.UTC(), slices.MaxFunc(files, byUse).used.UTC()
		u.Oldest, u.Newest = &oldest, &newest
	}
	return u, nil
}

// count is the number of files in a folder.
func (u *Usage) count(folder string) *int {
	switch folder {
	case sources:
		return &u.Sources
	case records:
		return &u.Records
	}
	return &u.Payloads
}
