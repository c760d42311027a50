package cache

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

// keepSmall is how long sources and records stay that nobody uses: a release branch
// is built more often, or begins anew at little cost.
const keepSmall = 30 * 24 * time.Hour

// Removed says what Trim took away.
type Removed struct {
	Payloads  int
	Sources   int
	Records   int
	Leftovers int   // of writers that were killed
	Bytes     int64 // without leftovers
}

// Trim takes away the payloads that were not used for longest, until no more than
// limit bytes are left, by size of the files; 0 stands for the cache's own limit.
// Sources and records that were not used for 30 days go as well, and what killed
// writers left. It may run beside builds: what they have open they can read to its end.
//
// An error comes with what was removed before.
func (c *Cache) Trim(ctx context.Context, limit int64, now time.Time) (Removed, error) {
	var removed Removed
	if c == nil {
		return removed, nil
	}
	if limit <= 0 {
		limit = c.limits.Size
	}
	files, err := c.listAll()
	if err != nil {
		return removed, c.failed(err)
	}
	removed.Leftovers = c.sweep()
	for _, f := range victims(files, limit, now) {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		if err := c.take(f, &removed); err != nil {
			return removed, c.failed(err)
		}
	}
	return removed, nil
}

// victims returns those of files that must go: sources and records that nobody uses
// any more, then payloads, then the rest, which is small; in each the least recently
// used first, until limit bytes are left.
func victims(files []file, limit int64, now time.Time) []file {
	stale := func(f file) bool { return f.folder != payloads && now.Sub(f.used) > keepSmall }
	rank := func(f file) int {
		switch {
		case stale(f):
			return 0
		case f.folder == payloads:
			return 1
		}
		return 2
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), lastUse(a, now).Compare(lastUse(b, now)), cmp.Compare(a.name, b.name))
	})
	var bytes int64
	for _, f := range files {
		bytes += f.size
	}
	for i, f := range files {
		if bytes <= limit && !stale(f) {
			return files[:i]
		}
		bytes -= f.size
	}
	return files
}

// lastUse is when f was used. One in the future was nobody knows when: long ago.
func lastUse(f file, now time.Time) time.Time {
	if f.used.After(now.Add(useGrain)) {
		return time.Time{}
	}
	return f.used
}

// take removes a file, unless another build was quicker.
func (c *Cache) take(f file, removed *Removed) error {
	err := os.Remove(filepath.Join(c.dir, f.folder, f.name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	switch f.folder {
	case payloads:
		removed.Payloads++
	case sources:
		removed.Sources++
	case records:
		removed.Records++
	}
	removed.Bytes += f.size
	return nil
}

// sweep takes away the pending files of processes that live no more, and counts
// them. What it cannot remove now the next Trim will.
func (c *Cache) sweep() int {
	leftovers, _ := atomicfile.Sweep(c.dir)
	count := len(leftovers)
	for _, folder := range folders {
		path := filepath.Join(c.dir, folder)
		if info, err := os.Lstat(path); err != nil || !info.IsDir() {
			continue
		}
		leftovers, _ := atomicfile.Sweep(path)
		count += len(leftovers)
	}
	return count
}

// Clear takes away everything that a cache wrote but its folder, the tag in it, and what
// builds write just now. A folder that has no tag of fwpack's is refused; what else
// is in it stays, and links are not followed.
func (c *Cache) Clear() error {
	if c == nil {
		return nil
	}
	files, err := c.listAll()
	if err != nil {
		return c.failed(err)
	}
	var removed Removed
	var problems []error
	for _, f := range files {
		if err := c.take(f, &removed); err != nil {
			problems = append(problems, c.failed(err))
		}
	}
	c.sweep()
	return errors.Join(problems...)
}
