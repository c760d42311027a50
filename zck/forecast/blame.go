package forecast

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/zck"
)

// File says how much of a download is there for one file, or for what else a file
// system consists of.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`  // its share of the missing chunks, as stored
	Raw    int64  `json:"raw"`    // its bytes that lie in missing chunks
	Chunks int    `json:"chunks"` // missing ones that it lies in
}

// Elsewhere is the name for bytes that belong to nothing known.
const Elsewhere = "(nothing known)"

// blame divides the missing chunks among what lies in them. A chunk is missing
// as a whole, so that files get their share of it which did not change themselves.
func blame(target *zck.Header, missing *zck.Download, locate Locator) []File {
	if locate == nil {
		return nil
	}
	files := map[string]*File{}
	offsets := rawOffsets(target)
	for _, i := range missing.Chunks {
		c := &target.Chunks[i]
		divide(c, shares(locate, offsets[i], c.Size), files)
	}
	all := make([]File, 0, len(files))
	for _, file := range files {
		all = append(all, *file)
	}
	slices.SortFunc(all, func(a, b File) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Raw, a.Raw), strings.Compare(a.Name, b.Name))
	})
	return all
}

// share is a part of a chunk.
type share struct {
	name string
	raw  int64
}

// shares asks what lies in a chunk. What nobody claims is Elsewhere.
func shares(locate Locator, offset, size int64) (all []share) {
	rest := size
	for name, n := range locate(offset, size) {
		if n = min(n, rest); n > 0 {
			all = append(all, share{name, n})
			rest -= n
		}
	}
	if rest > 0 {
		all = append(all, share{Elsewhere, rest})
	}
	return all
}

// divide adds the shares of a chunk to files. The stored bytes are divided as the
// raw ones are, to the last.
func divide(c *zck.Chunk, all []share, files map[string]*File) {
	var raw, stored int64
	last := map[string]bool{}
	for _, s := range all {
		file := files[s.name]
		if file == nil {
			file = &File{Name: s.name}
			files[s.name] = file
		}
		raw += s.raw
		upTo := c.Stored * raw / c.Size
		file.Bytes += upTo - stored
		file.Raw += s.raw
		stored = upTo
		if !last[s.name] {
			last[s.name] = true
			file.Chunks++
		}
	}
}
