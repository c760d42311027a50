package zck

import "fmt"

// Compression says how chunks are stored. The zero Compression is zstd.
type Compression uint8

// The compression types that zchunk knows.
const (
	Zstd Compression = iota // a zstd frame for each chunk
	None                    // as they are; SWUpdate cannot install that
	compressions
)

// compressionIDs are the types in files. Type 1 is reserved for gzip, which was
// never implemented.
var compressionIDs = [compressions]byte{Zstd: 2, None: 0}

// String returns "zstd" or "none".
func (c Compression) String() string {
	switch c {
	case Zstd:
		return "zstd"
	case None:
		return "none"
	}
	return fmt.Sprintf("compression %d", uint8(c))
}

// MarshalText returns the same as String.
func (c Compression) MarshalText() ([]byte, error) {
	if c >= compressions {
		return nil, fmt.Errorf("zck: no name for compression %d", uint8(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText takes "zstd" and "none".
func (c *Compression) UnmarshalText(text []byte) error {
	switch string(text) {
	case "zstd":
		*c = Zstd
	case "none":
		*c = None
	default:
		return fmt.Errorf("compression %q: zstd and none are known", text)
	}
	return nil
}

// Limits of what is read and written. A reader's memory is bounded by them.
const (
	// ChunkLimit is the largest chunk and the largest dictionary, in bytes
	// when decoded. libzck has the same limit for chunks cut by hand.
	ChunkLimit = 10 << 20
	// MaxChunks is the largest number of chunks in a file. Images of 160 GiB
	// have as many.
	MaxChunks = 1 << 22

	// storedLimit is the largest stored chunk: ChunkLimit and what zstd adds
	// at most to what it cannot compress.
	storedLimit = ChunkLimit + ChunkLimit>>8 + 64
	// elementsLimit is the largest sum of optional elements, in bytes. No
	// element has a meaning yet.
	elementsLimit = 64 << 10
)

// Chunk is one entry of the index.
type Chunk struct {
	Digest    Digest // of the stored bytes
	RawDigest Digest // of the raw bytes; "" in headers without uncompressed digests
	Stored    int64  // bytes in the body
	Size      int64  // raw bytes
}

// Element is an optional element of a header. None is defined up to zchunk 1.5,
// and readers skip them.
type Element struct {
	ID   uint64
	Data []byte
}

// Header is all of a zchunk file but its body: what SWUpdate's delta handler
// wants inside a bundle.
type Header struct {
	Detached     bool        // begins with the id of a header without body (.zhr)
	Hash         Hash        // of the header and of the body
	ChunkHash    Hash        // of the chunks
	Compression  Compression // of the chunks
	Uncompressed bool        // chunks have a RawDigest, as after zck -u
	DataDigest   Digest      // of the whole body; "" (in a file zero bytes) if Uncompressed
	Elements     []Element
	Dictionary   Chunk // entry 0 of the index; the zero Chunk without a dictionary
	Chunks       []Chunk
}

// Size is the number of raw bytes: the size of the image.
func (h *Header) Size() int64 { return h.totals().size }

// BodySize is the number of bytes behind the header in a complete file.
func (h *Header) BodySize() int64 { return h.Dictionary.Stored + h.totals().stored }

// Offsets returns where the chunks are stored, in bytes from the begin of a
// complete file.
func (h *Header) Offsets() []int64 {
	at := h.Len() + h.Dictionary.Stored
	all := make([]int64, len(h.Chunks))
	for i := range h.Chunks {
		all[i] = at
		at += h.Chunks[i].Stored
	}
	return all
}

// raw returns the digest of a chunk's raw bytes, "" where the header has none.
func (h *Header) raw(c *Chunk) Digest {
	if h.Compression == None && c.RawDigest == "" {
		return c.Digest
	}
	return c.RawDigest
}
