package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/internal/depfile"
	"github.com/fwpack/fwpack/internal/stamp"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/cache"
)

// buildMemory is what a build has from earlier ones and leaves to later ones. Its
// cache is nil where there is none.
type buildMemory struct {
	cache *cache.Cache
	last  *pack.LastBuild
	dir   string // working directory
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
	words, err := buildWords(opt, dir, s)
	if err != nil {
		m.cache = nil // what this program is cannot be told
	}
	m.last = pack.Recall(m.cache, opt.out, s.now, words...)
	return m, nil
}

// buildWords are what decides what is built besides files and variables that a
// project asks for.
func buildWords(opt buildOptions, dir string, s surroundings) ([]string, error) {
	program, err := s.program()
	if err != nil {
		return nil, err
	}
	epoch, ok := s.env("SOURCE_DATE_EPOCH")
	words, err := json.Marshal([]any{
		dir, version(), stamp.Of(program), epoch, ok,
		opt.project, opt.only, opt.vars, opt.varFiles, opt.noDigest, opt.release, opt.attach,
	})
	return []string{string(words)}, err
}

// finish ends the build where the last one has made all that it would make. The
// outputs stay untouched.
func (m *buildMemory) finish(opt buildOptions, s surroundings) (done bool, err error) {
	report, from, ok := m.last.UpToDate(s.now(), s.env)
	if !ok {
		return false, nil
	}
	if s.interactive {
		fmt.Fprintln(s.stderr, "nothing has changed since the last build")
	}
	if err := writeDepfile(opt, report, from); err != nil {
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
		s.warn(err)
	}
	if _, err := m.cache.Trim(ctx, 0, s.now()); err != nil && ctx.Err() == nil {
		s.warn(err)
	}
}

// warn tells of something that is done without.
func (s surroundings) warn(err error) {
	fmt.Fprintf(s.stderr, "warning: %v\n", err)
}

// writeDepfile writes the file of --depfile. One that says the same already stays as
// it is.
func writeDepfile(opt buildOptions, report *pack.Report, from []string) error {
	if opt.depfile == "" {
		return nil
	}
	var targets []string
	for _, output := range report.Outputs { // not artifacts.json: ninja refuses what no rule declares
		targets = append(targets, filepath.Join(opt.out, output.File))
	}
	content, err := depfile.Format(targets, from)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(opt.depfile); err == nil && bytes.Equal(old, content) {
		return nil
	}
	file, err := atomicfile.Create(opt.depfile)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Commit()
}
