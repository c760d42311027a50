package inputs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/fwpack/fwpack/internal/stamp"
)

// Snapshot is what a Log has noted, in a form that can be kept. It holds no value
// of any variable: these may be secret.
type Snapshot struct {
	Files    map[string]State  `json:"files"`              // by the name that was used
	Patterns map[string]string `json:"patterns,omitempty"` // digests of what they matched
	Env      map[string]string `json:"env,omitempty"`      // digests of values, see variable
}

// State is how something was that has a path. The zero State is that of a path
// where nothing is.
type State struct {
	Kind string `json:"kind,omitempty"`
	stamp.Stamp
	Names string `json:"names,omitempty"` // of a folder: a digest of what is called what in it
}

// The kinds of what has a path.
const (
	file   = "file"
	folder = "folder"
	other  = "other" // a pipe, a device: nothing tells what comes out of it
)

// StateOf looks at a path.
func StateOf(path string) State {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return State{}
	case info.IsDir():
		return State{Kind: folder, Names: namesIn(path)}
	case info.Mode().IsRegular():
		return State{Kind: file, Stamp: stamp.Of(info)}
	}
	return State{Kind: other}
}

// namesIn is the digest of the names in a folder, "" where it cannot be read.
func namesIn(path string) string {
	entries, err := os.ReadDir(path)
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return digest(names...)
}

func (s Snapshot) clone() Snapshot {
	return Snapshot{maps.Clone(s.Files), maps.Clone(s.Patterns), maps.Clone(s.Env)}
}

// Changed names something that is not as it was; "" where everything is.
func (s Snapshot) Changed(env func(string) (string, bool)) string {
	for name, was := range s.Env {
		if variable(env(name)) != was {
			return "$" + name
		}
	}
	for path, was := range s.Files {
		if StateOf(path) != was {
			return path
		}
	}
	for pattern, was := range s.Patterns {
		if matches, err := filepath.Glob(pattern); err != nil || digest(matches...) != was {
			return pattern
		}
	}
	return ""
}

// Paths lists the files that were there, sorted.
func (s Snapshot) Paths() []string {
	paths := slices.Sorted(maps.Keys(s.Files))
	return slices.DeleteFunc(paths, func(path string) bool { return s.Files[path].Kind != file })
}

// variable tells values apart without giving them away, "" where there is none.
func variable(value string, ok bool) string {
	if !ok {
		return ""
	}
	return digest("variable", value)
}

// digest is that of a list of texts.
func digest(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		h.Write([]byte(text))
	}
	return hex.EncodeToString(h.Sum(nil))
}
