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
)

// Log looks at files and remembers that. The nil *Log only looks.
type Log struct {
	now func() time.Time

	mu       sync.Mutex
	snapshot Snapshot
	restless bool // a file may have changed since without a sign
}

// New returns an empty Log. now is the clock that files are dated by.
func New(now func() time.Time) *Log {
	return &Log{now: now, snapshot: Snapshot{Files: map[string]State{}, Patterns: map[string]string{}, Env: map[string]string{}}}
}

// Note remembers what is at paths that somebody is about to look at, by the names
// that will be used; of folders the names in them. What is noted after it was read
// could have changed in between.
func (l *Log) Note(paths ...string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, path := range paths {
		if _, known := l.snapshot.Files[path]; !known && path != "" {
			l.snapshot.Files[path] = l.look(path)
		}
	}
}

// longestWait is a bit more than file systems with fine times need.
const longestWait = 50 * time.Millisecond

// look waits for a file that was written just now, some milliseconds where the
// file system has fine times; else the next build would have to do everything once
// more.
func (l *Log) look(path string) State {
	seen := l.now()
	s := StateOf(path)
	if s.Kind == other {
		l.restless = true
	}
	if s.Kind != file {
		return s
	}
	if wait := s.Wait(seen); wait > 0 && wait < longestWait {
		time.Sleep(wait)
		seen, s = l.now(), StateOf(path)
	}
	if s.Kind != file || !s.Settled(seen) {
		l.restless = true
	}
	return s
}

// Unsure notes that something was used that has no sign of its own when it changes.
func (l *Log) Unsure() {
	if l != nil {
		l.mu.Lock()
		l.restless = true
		l.mu.Unlock()
	}
}

// ReadFile is os.ReadFile.
func (l *Log) ReadFile(path string) ([]byte, error) {
	l.Note(path)
	return os.ReadFile(path)
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
