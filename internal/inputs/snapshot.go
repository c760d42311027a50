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
	Files    map[string]stamp.Stamp `json:"files"`              // by the name that was used; a zero Stamp was not there
	Folders  map[string]string      `json:"folders,omitempty"`  // digests of the names in them
	Patterns map[string]string      `json:"patterns,omitempty"` // digests of what they matched
	Env      map[string]string      `json:"env,omitempty"`      // digests of values, see variable
}

func (s Snapshot) clone() Snapshot {
	return Snapshot{maps.Clone(s.Files), maps.Clone(s.Folders), maps.Clone(s.Patterns), maps.Clone(s.Env)}
}

// Changed names something that is not as it was; "" where everything is.
func (s Snapshot) Changed(env func(string) (string, bool)) string {
	for name, was := range s.Env {
		if variable(env(name)) != was {
			return "$" + name
		}
	}
	for path, was := range s.Files {
		if stampOf(path) != was {
			return path
		}
	}
	for path, was := range s.Folders {
		if namesIn(path) != was {
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

// Paths lists the files that were there, sorted.
func (s Snapshot) Paths() []string {
	paths := slices.Sorted(maps.Keys(s.Files))
	return slices.DeleteFunc(paths, func(path string) bool { return !s.Files[path].Exists() || s.Files[path].Folder })
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
