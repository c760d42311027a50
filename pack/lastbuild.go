package pack

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fwpack/fwpack/internal/inputs"
	"github.com/fwpack/fwpack/internal/stamp"
	"github.com/fwpack/fwpack/pack/cache"
)

// LastBuild is what a cache remembers of the last build that was asked for in the
// same words: which files it looked at and which it made. Where all of them are as
// they were, there is nothing to do, and nothing has to be read to know it.
//
// What programs do that sign, and what tokens hold, leaves no trace in files: they
// count as unchanged.
type LastBuild struct {
	cache *cache.Cache
	key   cache.Key
	out   string
	log   *inputs.Log
	from  []string // of a build that is up to date: the files that it was made from
}

// rememberedBuild is what is kept.
type rememberedBuild struct {
	Inputs  inputs.Snapshot         `json:"inputs"`
	Outputs map[string]inputs.State `json:"outputs"` // by their names in the folder
	Until   time.Time               `json:"until"`   // when a certificate expires; the zero time for none
	Report  *Report                 `json:"report"`
}

// Recall finds the last build into the folder out. words are all that decides what
// is built besides files and variables of the environment: the options and the
// working directory. program is the file that is running, nil where that
// is not known.
func Recall(c *cache.Cache, out string, now func() time.Time, program fs.FileInfo, words ...string) *LastBuild {
	parts := append([]string{"build", out}, words...)
	if program != nil {
		parts = append(parts, fmt.Sprint(stamp.Of(program)))
	}
	return &LastBuild{cache: c, out: out, key: cache.NewKey(parts...), log: inputs.New(now)}
}

// Log is to be given to Load: it notes what the build is made from.
func (l *LastBuild) Log() *inputs.Log { return l.log }

// Note notes a file that the build is going to be made from.
func (l *LastBuild) Note(path string) { l.log.Note(path) }

// UpToDate returns the report of the last build, if another one would make the same
// files that are there.
func (l *LastBuild) UpToDate(now time.Time, env func(string) (string, bool)) (report *Report, ok bool) {
	data, ok := l.cache.Record(l.key)
	if !ok {
		return nil, false
	}
	var last rememberedBuild
	if json.Unmarshal(data, &last) != nil || last.Report == nil || len(last.Outputs) == 0 {
		return nil, false
	}
	if !last.Until.IsZero() && now.After(last.Until) || last.Inputs.Changed(env) != "" {
		return nil, false
	}
	for name, was := range last.Outputs {
		if inputs.StateOf(filepath.Join(l.out, name)) != was {
			return nil, false
		}
	}
	l.from = last.Inputs.Paths()
	return last.Report, true
}

// Remember keeps what the build was made from and has made. Where a change of it
// could go unseen, the next build is to be a whole one.
func (l *LastBuild) Remember(report *Report) error {
	snapshot, sure := l.log.Snapshot()
	if !sure {
		l.cache.DropRecord(l.key)
		return nil
	}
	last := rememberedBuild{Inputs: snapshot, Outputs: report.made, Until: report.validUntil, Report: report}
	data, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return l.cache.PutRecord(l.key, data)
}

// statesOf looks at files in a folder.
func statesOf(folder string, names []string) map[string]inputs.State {
	states := map[string]inputs.State{}
	for _, name := range names {
		states[name] = inputs.StateOf(filepath.Join(folder, name))
	}
	return states
}

// files are all that the build has made, by their names in the output folder.
func (r *Report) files() []string {
	names := []string{reportName}
	for _, output := range r.Outputs {
		names = append(names, output.File)
		if output.Request != "" {
			names = append(names, output.Request)
		}
	}
	return names
}

// earlier is the earlier of two times, of which the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// validUntil is when the first of the certificates expires that the build depends on.
func (b *builder) validUntil() time.Time {
	var until time.Time
	for _, key := range b.keys.signing {
		if key.Certificate == nil {
			continue
		}
		until = earlier(until, key.Certificate.NotAfter)
		for _, c := range key.Chain {
			until = earlier(until, c.NotAfter)
		}
	}
	for _, s := range b.sealers {
		if s == nil {
			continue
		}
		for _, c := range s.recipients {
			until = earlier(until, c.NotAfter)
		}
	}
	return until
}
