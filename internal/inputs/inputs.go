// Package inputs remembers what a build was made from: which files were looked
// at and what the file system said of them, which folders were listed, which
// variables of the environment were asked for. So the next build can tell without
// reading anything whether it would make the same.
package inputs

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fwpack/fwpack/internal/stamp"
)

// Log looks at files and remembers that. The nil *Log only looks.
type Log struct {
	now func() time.Time

	mu       sync.Mutex
	snapshot Snapshot
	restless bool // a file may have changed since without a sign
}

// New returns an empty Log.
func New(now func() time.Time) *Log {
	return &Log{now: now, snapshot: Snapshot{
		Files: map[string]stamp.Stamp{}, Folders: map[string]string{}, Patterns: map[string]string{}, Env: map[string]string{},
	}}
}

// Note remembers files that somebody is about to look at, by the names that will
// be used, and of folders the names in them. What is noted after it was read could
// have changed in between.
func (l *Log) Note(paths ...string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, path := range paths {
		if _, known := l.snapshot.Files[path]; known || path == "" {
			continue
		}
		s := l.look(path)
		l.snapshot.Files[path] = s
		if s.Folder {
			l.snapshot.Folders[path] = namesIn(path)
		}
	}
}

// look waits for a file that was written just now, some milliseconds where the
// file system has fine times; else the next build would have to read everything
// once more.
func (l *Log) look(path string) stamp.Stamp {
	s := stampOf(path)
	wait := s.Wait(l.now())
	if wait == 0 {
		return s
	}
	if wait < longestWait {
		time.Sleep(wait)
		s = stampOf(path)
	}
	if !s.Settled(l.now()) {
		l.restless = true
	}
	return s
}

const longestWait = 50 * time.Millisecond

// stampOf is the zero Stamp for what cannot be looked at.
func stampOf(path string) stamp.Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp.Stamp{}
	}
	return stamp.Of(info)
}

// ReadFile is os.ReadFile.
func (l *Log) ReadFile(path string) ([]byte, error) {
	l.Note(path)
	return os.ReadFile(path)
}

// Open is os.Open.
func (l *Log) Open(path string) (*os.File, error) {
	l.Note(path)
	return os.Open(path)
}

// Stat is os.Stat.
func (l *Log) Stat(path string) (fs.FileInfo, error) {
	l.Note(path)
	return os.Stat(path)
}

// Glob is filepath.Glob; the files that it finds are not noted, only that these
// are all.
func (l *Log) Glob(pattern string) ([]string, error) {
	matches, err := filepath.Glob(pattern)
	if l == nil || err != nil {
		return matches, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.snapshot.Patterns[pattern] = digest(matches...)
	return matches, nil
}

// Env wraps a lookup of variables; nil stays nil.
func (l *Log) Env(lookup func(string) (string, bool)) func(string) (string, bool) {
	if l == nil || lookup == nil {
		return lookup
	}
	return func(name string) (string, bool) {
		value, ok := lookup(name)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.snapshot.Env[name] = variable(value, ok)
		return value, ok
	}
}

// Snapshot returns what was noted so far, and whether a later change of any of it
// is sure to show.
func (l *Log) Snapshot() (Snapshot, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.snapshot.clone(), !l.restless
}
