package main

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/cache"
)

// buildMemory is what a build has from earlier ones and leaves to later ones. Its
// cache is nil where there is none.
type buildMemory struct {
	cache *cache.Cache
	last  *pack.LastBuild
	dir   string // working directory

	program string // see versionOf

	complaint sync.Once
}

// recallBuild finds the last build of the same words.
func recallBuild(opt buildOptions, s surroundings) (*buildMemory, error) {
	m := &buildMemory{}
	dir, err := s.dir()
	if !opt.noCache && !opt.dryRun && err == nil {
		m.dir = dir
		if m.cache, err = s.openCache(opt.cache); err != nil {
			return nil, err
		}
	}
	program, err := s.program()
	if err != nil {
		m.cache = nil // nobody could tell whether another program has made what is there
	}
	m.program = versionOf(program)
	m.last = pack.Recall(m.cache, opt.out, s.now, program, buildWords(opt, dir, s))
	return m, nil
}

// versionOf is the version of fwpack; of one that was built while it was worked on,
// which one version has many of, also when that was.
func versionOf(program fs.FileInfo) string {
	v := version()
	if program != nil && (v == "(devel)" || strings.Contains(v, "+dirty")) {
		v += program.ModTime().UTC().Format(time.RFC3339Nano)
	}
	return v
}

// buildWords are what decides what is built besides files and variables that a
// project asks for.
func buildWords(opt buildOptions, dir string, s surroundings) string {
	epoch, ok := s.env("SOURCE_DATE_EPOCH")
	return fmt.Sprintf("%#v", []any{
		dir, version(), epoch, ok, opt.project, opt.only, opt.vars, opt.varFiles, opt.noDigest, opt.release, opt.attach,
	})
}

// finish ends the build where the last one has made all that it would make. The
// outputs stay untouched.
func (m *buildMemory) finish(opt buildOptions, s surroundings) (done bool, err error) {
	report, ok := m.last.UpToDate(s.now(), s.env)
	if !ok {
		return false, nil
	}
	if s.interactive {
		fmt.Fprintln(s.stderr, "nothing has changed since the last build")
	}
	if err := m.writeDepfile(opt, report); err != nil {
		return true, err
	}
	return true, printReport(s.stdout, report, opt)
}

// keep remembers the build, and keeps the cache within its bounds. That neither
// works is no reason for the build to fail.
func (m *buildMemory) keep(ctx context.Context, report *pack.Report, s surroundings) {
	if m.cache == nil {
		return
	}
	if err := m.last.Remember(report); err != nil {
		m.warn(s, err)
	}
	if _, err := m.cache.Trim(ctx, 0, s.now()); err != nil && ctx.Err() == nil {
		m.warn(s, err)
	}
}

// warn tells once that the cache does not work, which the build can do without.
func (m *buildMemory) warn(s surroundings, err error) {
	m.complaint.Do(func() { fmt.Fprintf(s.stderr, "warning: %v\n", err) })
}

// writeDepfile writes the file of --depfile.
func (m *buildMemory) writeDepfile(opt buildOptions, report *pack.Report) error {
	if opt.depfile == "" {
		return nil
	}
	return m.last.WriteDepfile(opt.depfile, report)
}
