package zck

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
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
	t := h.totals()
	data := bytes.NewBuffer(make([]byte, 0, h.headerLen(t)))
	_, err := h.write(data, t, h.writeEntries)
	return data.Bytes(), err
}

// Digest returns the header's digest, which Marshal writes and ReadHeader has
// checked. It is "" where Marshal returns an error.
func (h *Header) Digest() Digest {
	if h.check() != nil {
		return ""
	}
	t := h.totals()
	digest, _ := h.digestWith(h.appendSums(nil, h.restLen(t)), h.appendPreface(nil, t), h.writeEntries)
	return digest
}

// write writes a header to dst and returns its digest. The entries of chunks are
// asked for twice, as the digest stands in front of them, and need not be in
// h.Chunks.
func (h *Header) write(dst io.Writer, t totals, entries func(io.Writer) error) (Digest, error) {
	lead, preface := h.appendSums(nil, h.restLen(t)), h.appendPreface(nil, t)
	digest, err := h.digestWith(lead, preface, entries)
	if err != nil {
		return "", err
	}
	id := fileID
	if h.Detached {
		id = detachedID
	}
	for _, part := range []string{id, string(lead), string(digest), string(preface)} {
		if _, err := io.WriteString(dst, part); err != nil {
			return "", err
		}
	}
	if err := entries(dst); err != nil {
		return "", err
	}
	_, err = dst.Write(noSignatures)
	return digest, err
}

// noSignatures is the number of signatures, which end a header.
var noSignatures = []byte{0x80}

// digestWith returns the digest of all but the id, which does not count, and the
// digest itself.
func (h *Header) digestWith(lead, preface []byte, entries func(io.Writer) error) (Digest, error) {
	sum := h.newSum()
	sum.Write(lead)
	sum.Write(preface)
	if err := entries(sum); err != nil {
		return "", err
	}
	sum.Write(noSignatures)
	return h.Hash.digest(sum), nil
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

// appendPreface appends what stands between the lead and the entries of chunks.
func (h *Header) appendPreface(dst []byte, t totals) []byte {
	dst = appendDigest(dst, h.DataDigest, h.Hash)
	dst = appendCompint(dst, h.flags())
	dst = appendCompint(dst, uint64(compressionIDs[h.Compression]))
	dst = h.appendElements(dst)
	dst = appendCompint(dst, uint64(h.indexLen(t)))
	dst = appendCompint(dst, uint64(hashTypes[h.ChunkHash].id))
	dst = appendCompint(dst, uint64(t.chunks+1))
	return h.appendEntry(dst, &h.Dictionary)
}

// writeEntries writes the entries of h.Chunks.
func (h *Header) writeEntries(dst io.Writer) error {
	var entry []byte
	for i := range h.Chunks {
		entry = h.appendEntry(entry[:0], &h.Chunks[i])
		if _, err := dst.Write(entry); err != nil {
			return err
		}
	}
	return nil
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
func (h *Header) Len() int64 { return h.headerLen(h.totals()) }

func (h *Header) headerLen(t totals) int64 {
	rest := h.restLen(t)
	return int64(idLen+1+compintLen(uint64(rest))+h.Hash.Size()) + rest
}

// restLen is the number of bytes behind the lead.
func (h *Header) restLen(t totals) int64 {
	index := h.indexLen(t)
	front := h.Hash.Size() + 2 + len(h.appendElements(nil)) + compintLen(uint64(index))
	return int64(front) + index + int64(len(noSignatures))
}

// indexLen is the number of bytes from the chunk checksum type to the last
// entry.
func (h *Header) indexLen(t totals) int64 {
	return int64(1+compintLen(uint64(t.chunks+1))+h.entryLen(&h.Dictionary)) + t.entries
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
	if err := h.checkFields(len(h.Chunks)); err != nil {
		return err
	}
	for i := range h.Chunks {
		if err := h.checkChunk(&h.Chunks[i]); err != nil {
			return fmt.Errorf("chunk %d: %w", i+1, err)
		}
	}
	return nil
}

// checkFields returns what is wrong with all but the chunks, of which there are so
// many.
func (h *Header) checkFields(chunks int) error {
	switch {
	case h.Hash >= hashes || h.ChunkHash >= hashes:
		return fmt.Errorf("%s of %s is not known", h.Hash, h.ChunkHash)
	case h.Compression >= compressions:
		return fmt.Errorf("%s is not known", h.Compression)
	case chunks > MaxChunks:
		return fmt.Errorf("%d chunks, at most %d are allowed", chunks, MaxChunks)
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
