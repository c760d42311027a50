package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

const (
	tagName = "CACHEDIR.TAG"
	// tagMark is what backup programs look for (bford.info/cachedir, version 0.6).
	tagMark = "Signature: 8a477f597d28d172789f06886806bc55\n"
	// tagOwner tells our caches from those of other programs.
	tagOwner = "# This file is a cache directory tag created by fwpack.\n"
	tagText  = tagMark + tagOwner +
		"# The folder may be deleted at any time.\n" +
		"# For information about cache directory tags, see https://bford.info/cachedir/\n"
)

// trust tells whether what is in the folder can be believed: whoever may write into
// it can have any payload signed. It is looked at once.
func (c *Cache) trust() error {
	if c.trusted.Load() {
		return nil
	}
	info, err := os.Stat(c.dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("not a folder")
	}
	if err := checkOwner(info); err != nil {
		return err
	}
	c.trusted.Store(true)
	return nil
}

// prepare makes the folder of the cache and those in it.
func (c *Cache) prepare() error {
	if c.prepared.Load() {
		return nil
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	if err := c.trust(); err != nil {
		return err
	}
	ours, err := c.ours()
	if err != nil {
		return err
	}
	if !ours {
		if err := c.writeTag(); err != nil {
			return err
		}
	}
	for _, folder := range folders {
		if err := makeFolder(filepath.Join(c.dir, folder)); err != nil {
			return err
		}
	}
	c.prepared.Store(true)
	return nil
}

// makeFolder makes a folder for the user alone, unless it is there.
func makeFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Lstat(path); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", filepath.Base(path))
	}
	return nil
}

// ours tells whether the folder is a cache of fwpack's already. One that is empty
// or not there is not; one that holds something else is an error: it is neither
// filled, so that no backup program leaves out what is not a cache, nor cleared.
func (c *Cache) ours() (bool, error) {
	if c.tagged() {
		return true, nil
	}
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "."+tagName+".") { // of a build that begins just now, or was killed
			continue
		}
		if c.tagged() { // which has begun meanwhile
			return true, nil
		}
		return false, fmt.Errorf("not a cache of fwpack's: the folder holds %q, and no %s of fwpack's", entry.Name(), tagName)
	}
	return false, nil
}

// tagged tells whether the folder has our tag.
func (c *Cache) tagged() bool {
	path := filepath.Join(c.dir, tagName)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 2*int64(len(tagText)) {
		return false
	}
	text, err := os.ReadFile(path)
	return err == nil && strings.HasPrefix(string(text), tagMark+tagOwner)
}

// writeTag makes the folder a cache. The tag waits for the disk, unlike the rest: a
// cache that lost it to a power failure would be refused from then on.
func (c *Cache) writeTag() error {
	f, err := atomicfile.Create(filepath.Join(c.dir, tagName))
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if _, err := f.WriteString(tagText); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Commit()
}
