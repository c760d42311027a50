package diff

import (
	"fmt"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/forecast"
)

// Zchunk is what is different between two zchunk files, by their headers.
type Zchunk struct {
	Changes []Change `json:"changes,omitempty"`
	Chunks  Chunks   `json:"chunks"`
	Notes   []string `json:"notes,omitempty"`
}

// Chunks says how many chunks of an image the other one has as well, by the digests
// of the chunks in the clear, or where one of the files has none of those, as they
// are stored.
type Chunks struct {
	Old      int   `json:"old"`   // all
	New      int   `json:"new"`   // all
	Fresh    int   `json:"fresh"` // of the new image, that the old one has nowhere
	Gone     int   `json:"gone"`  // of the old image, that the new one has nowhere
	FreshLen int64 `json:"fresh_bytes"`
	GoneLen  int64 `json:"gone_bytes"`
}

// Download is what devices download where the old content is installed and the new
// one comes as a zchunk delta; see docs/zck.md.
type Download struct {
	Full int64 `json:"full"` // what a full update downloads of it, in bytes
	forecast.Download
}

func compareZchunk(old, new *zck.Header) *Zchunk {
	d := &Zchunk{}
	was, is := zchunkFields(old), zchunkFields(new)
	for i := range was {
		if c, different := change(was[i].name, was[i].value, is[i].value); different {
			c.Detail = was[i].detail
			d.Changes = append(d.Changes, c)
		}
	}
	key := rawDigest
	if !comparable(old, new) {
		key = storedDigest
	}
	d.Chunks = Chunks{Old: len(old.Chunks), New: len(new.Chunks)}
	d.Chunks.Fresh, d.Chunks.FreshLen = lackingChunks(new, old, key)
	d.Chunks.Gone, d.Chunks.GoneLen = lackingChunks(old, new, key)
	return d
}

// comparable tells whether the digests of raw chunks can be compared.
func comparable(old, new *zck.Header) bool {
	return old.Uncompressed && new.Uncompressed && old.ChunkHash == new.ChunkHash
}

func rawDigest(c *zck.Chunk) zck.Digest    { return c.RawDigest }
func storedDigest(c *zck.Chunk) zck.Digest { return c.Digest }

// lackingChunks counts the chunks of a file that another one has nowhere.
func lackingChunks(h, other *zck.Header, key func(*zck.Chunk) zck.Digest) (chunks int, size int64) {
	known := make(map[zck.Digest]struct{}, len(other.Chunks))
	for i := range other.Chunks {
		known[key(&other.Chunks[i])] = struct{}{}
	}
	for i := range h.Chunks {
		if _, found := known[key(&h.Chunks[i])]; !found {
			chunks++
			size += h.Chunks[i].Size
		}
	}
	return chunks, size
}

// zchunkFields are the same ones of each header, in the same order.
func zchunkFields(h *zck.Header) []field {
	is := func(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }
	return []field{
		{"image size", fmt.Sprint(h.Size()), false},
		{"detached header", is(h.Detached), false},
		{"compression", h.Compression.String(), false},
		{"checksum", h.Hash.String(), false},
		{"chunk checksum", h.ChunkHash.String(), false},
		{"uncompressed digests", is(h.Uncompressed), false},
		{"dictionary", h.Dictionary.Digest.String(), false},
		{"optional elements", fmt.Sprint(len(h.Elements)), false},
		{"header digest", h.Digest().String(), true},
		{"header size", fmt.Sprint(h.Len()), true},
		{"body size", fmt.Sprint(h.BodySize()), true},
	}
}

// matters tells whether the images are different, or how they are packed.
func (d *Zchunk) matters() bool {
	return matter(d.Changes) || d.Chunks.Fresh > 0 || d.Chunks.Gone > 0
}
