package deltafile

import "github.com/fwpack/fwpack/zck"

// HeaderSummary sums up the header of a zchunk file. Sizes are in bytes.
type HeaderSummary struct {
	Detached     bool            `json:"detached"` // it says by its magic that it is a header
	Hash         zck.Hash        `json:"hash"`
	ChunkHash    zck.Hash        `json:"chunk_hash"`
	Compression  zck.Compression `json:"compression"`
	Uncompressed bool            `json:"uncompressed_digests"`
	HeaderSize   int64           `json:"header_size"`
	HeaderDigest zck.Digest      `json:"header_digest"`
	BodySize     int64           `json:"body_size"` // of what follows the header in the file
	BodyDigest   zck.Digest      `json:"body_digest,omitempty"`
	Size         int64           `json:"size"` // of the image
	Dictionary   int64           `json:"dictionary_size"`
	ChunkCount   int             `json:"chunk_count"`
}

// SummarizeHeader sums up h.
func SummarizeHeader(h *zck.Header) HeaderSummary {
	sum := h.Summary()
	return HeaderSummary{
		Detached: h.Detached, Hash: h.Hash, ChunkHash: h.ChunkHash, Compression: h.Compression,
		Uncompressed: h.Uncompressed, HeaderSize: sum.HeaderSize, HeaderDigest: sum.HeaderDigest,
		BodySize: sum.BodySize, BodyDigest: h.DataDigest, Size: sum.Size,
		Dictionary: h.Dictionary.Size, ChunkCount: sum.Chunks,
	}
}
