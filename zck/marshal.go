package zck

import (
	"errors"
	"fmt"
	"hash"
)

// The ids that files begin with. A header's digest is computed with fileID
// always.
const (
	fileID     = "\x00ZCK1"
	detachedID = "\x00ZHR1"
	idLen      = len(fileID)
)

// The flags of the preface. Streams are specified, but neither written nor read
// by any release.
const (
	flagStreams      = 1 << 0
	flagElements     = 1 << 1
	flagUncompressed = 1 << 2
)

// restLimit is the largest header behind the lead: MaxChunks entries of the
// longest digests and sizes, and the rest. It is below the 2 GiB where libzck's
// size of an index ends.
const restLimit = (MaxChunks+1)*(2*64+2*4) + elementsLimit + 1<<10

// Marshal returns the header as it stands at the begin of a file, or in a
// detached one, where the stored dictionary follows if there is one. It refuses
// what ReadHeader would refuse.
func (h *Header) Marshal() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("zck: header: %w", err)
	}
	id := fileID
	if h.Detached {
		id = detachedID
	}
	rest := h.appendRest(make([]byte, 0, h.restLen()))
	lead := h.appendSums(nil, int64(len(rest)))
	data := make([]byte, 0, h.Len())
	data = append(data, id...)
	data = append(data, lead...)
	data = append(data, h.digestOf(lead, rest)...)
	return append(data, rest...), nil
}

// Digest returns the header's digest, which Marshal writes and ReadHeader has
// checked. It is "" where Marshal returns an error.
func (h *Header) Digest() Digest {
	if h.check() != nil {
		return ""
	}
	rest := h.appendRest(nil)
	return h.digestOf(h.appendSums(nil, int64(len(rest))), rest)
}

// digestOf returns the digest of all but the id, which does not count, and the
// digest itself.
func (h *Header) digestOf(lead, rest []byte) Digest {
	sum := h.newSum()
	sum.Write(lead)
	sum.Write(rest)
	return h.Hash.digest(sum)
}

// newSum begins the header's digest.
func (h *Header) newSum() hash.Hash {
	sum := h.Hash.new()
	sum.Write([]byte(fileID))
	return sum
}

// appendSums appends what stands between the id and the digest in the lead.
func (h *Header) appendSums(dst []byte, rest int64) []byte {
	dst = appendCompint(dst, uint64(hashTypes[h.Hash].id))
	return appendCompint(dst, uint64(rest))
}

// appendRest appends what the lead is followed by: preface, index and no
// signatures.
func (h *Header) appendRest(dst []byte) []byte {
	dst = appendDigest(dst, h.DataDigest, h.Hash)
	dst = appendCompint(dst, h.flags())
	dst = appendCompint(dst, uint64(compressionIDs[h.Compression]))
	dst = h.appendElements(dst)
	dst = appendCompint(dst, uint64(h.indexLen()))
	dst = appendCompint(dst, uint64(hashTypes[h.ChunkHash].id))
	dst = appendCompint(dst, uint64(len(h.Chunks)+1))
	dst = h.appendEntry(dst, &h.Dictionary)
	for i := range h.Chunks {
		dst = h.appendEntry(dst, &h.Chunks[i])
	}
	return appendCompint(dst, 0)
}

func (h *Header) flags() (flags uint64) {
	if len(h.Elements) > 0 {
		flags |= flagElements
	}
	if h.Uncompressed {
		flags |= flagUncompressed
	}
	return flags
}

func (h *Header) appendElements(dst []byte) []byte {
	if len(h.Elements) == 0 {
		return dst
	}
	dst = appendCompint(dst, uint64(len(h.Elements)))
	for _, e := range h.Elements {
		dst = appendCompint(dst, e.ID)
		dst = appendCompint(dst, uint64(len(e.Data)))
		dst = append(dst, e.Data...)
	}
	return dst
}

func (h *Header) appendEntry(dst []byte, c *Chunk) []byte {
	dst = appendDigest(dst, c.Digest, h.ChunkHash)
	if h.Uncompressed {
		dst = appendDigest(dst, c.RawDigest, h.ChunkHash)
	}
	dst = appendCompint(dst, uint64(c.Stored))
	return appendCompint(dst, uint64(c.Size))
}

// appendDigest appends d, or zero bytes for none.
func appendDigest(dst []byte, d Digest, h Hash) []byte {
	dst = append(dst, d...)
	return append(dst, make([]byte, h.Size()-len(d))...)
}

// Len is the number of bytes of the header: of what Marshal returns, and where
// in a file the body begins. zck_read_header calls it header size; the field of
// that name does not count the lead.
func (h *Header) Len() int64 {
	rest := h.restLen()
	return int64(idLen+1+compintLen(uint64(rest))+h.Hash.Size()) + int64(rest)
}

func (h *Header) restLen() int {
	index := h.indexLen()
	return h.Hash.Size() + 2 + len(h.appendElements(nil)) + compintLen(uint64(index)) + index + 1
}

// indexLen is the number of bytes from the chunk checksum type to the last
// entry.
func (h *Header) indexLen() int {
	n := 1 + compintLen(uint64(len(h.Chunks)+1)) + h.entryLen(&h.Dictionary)
	for i := range h.Chunks {
		n += h.entryLen(&h.Chunks[i])
	}
	return n
}

func (h *Header) entryLen(c *Chunk) int {
	n := h.ChunkHash.Size() + compintLen(uint64(c.Stored)) + compintLen(uint64(c.Size))
	if h.Uncompressed {
		n += h.ChunkHash.Size()
	}
	return n
}

// check returns what is wrong with h.
func (h *Header) check() error {
	switch {
	case h.Hash >= hashes || h.ChunkHash >= hashes:
		return fmt.Errorf("%s of %s is not known", h.Hash, h.ChunkHash)
	case h.Compression >= compressions:
		return fmt.Errorf("%s is not known", h.Compression)
	case len(h.Chunks) > MaxChunks:
		return fmt.Errorf("%d chunks, at most %d are allowed", len(h.Chunks), MaxChunks)
	case h.DataDigest == "" && h.Uncompressed:
	case len(h.DataDigest) != h.Hash.Size():
		return fmt.Errorf("data digest of %d bytes, %s has %d", len(h.DataDigest), h.Hash, h.Hash.Size())
	}
	if err := h.checkElements(); err != nil {
		return err
	}
	if err := h.checkDictionary(); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	for i := range h.Chunks {
		if err := h.checkChunk(&h.Chunks[i]); err != nil {
			return fmt.Errorf("chunk %d: %w", i+1, err)
		}
	}
	return nil
}

func (h *Header) checkElements() error {
	sum := 0
	for _, e := range h.Elements {
		sum += 1 + len(e.Data)
	}
	if sum > elementsLimit {
		return fmt.Errorf("optional elements of %d bytes, at most %d are allowed", sum, elementsLimit)
	}
	return nil
}

// checkDictionary judges entry 0 of the index, which is empty where there is no
// dictionary.
func (h *Header) checkDictionary() error {
	if d := h.Dictionary; d.Stored == 0 && d.Size == 0 {
		if !isZero(d.Digest + d.RawDigest) {
			return errors.New("a digest of no bytes; it is zero where there is no dictionary")
		}
		return nil
	}
	return h.checkChunk(&h.Dictionary)
}

func (h *Header) checkChunk(c *Chunk) error {
	if err := h.checkDigest("digest", c.Digest); err != nil {
		return err
	}
	if h.Uncompressed {
		if err := h.checkDigest("uncompressed digest", c.RawDigest); err != nil {
			return err
		}
	}
	return h.checkSizes(c)
}

func (h *Header) checkDigest(name string, d Digest) error {
	if len(d) != h.ChunkHash.Size() {
		return fmt.Errorf("%s of %d bytes, %s has %d", name, len(d), h.ChunkHash, h.ChunkHash.Size())
	}
	return nil
}

func (h *Header) checkSizes(c *Chunk) error {
	switch {
	case c.Size < 1 || c.Size > ChunkLimit:
		return fmt.Errorf("%d bytes; a chunk has 1 to %d", c.Size, ChunkLimit)
	case c.Stored < 1 || c.Stored > storedLimit:
		return fmt.Errorf("%d stored bytes; a chunk has 1 to %d", c.Stored, storedLimit)
	case h.Compression == None && c.Stored != c.Size:
		return fmt.Errorf("%d stored bytes of %d, without compression", c.Stored, c.Size)
	}
	return nil
}
