package zck

import "fmt"

// known are the digests of the raw chunks of some headers.
type known map[Digest]struct{}

// knownOf collects the chunks of headers, which are comparable.
func knownOf(headers []*Header) known {
	k := known{}
	for _, h := range headers {
		for i := range h.Chunks {
			k[h.raw(&h.Chunks[i])] = struct{}{}
		}
	}
	return k
}

func (k known) has(d Digest) bool {
	_, has := k[d]
	return has
}

// checkComparable tells why the chunks of a header cannot be compared with raw
// digests of a type.
func checkComparable(h *Header, hash Hash) error {
	switch {
	case h.ChunkHash != hash:
		return fmt.Errorf("its chunks have %s digests, not %s", h.ChunkHash, hash)
	case h.Compression != None && !h.Uncompressed:
		return fmt.Errorf("it has no uncompressed digests")
	}
	return nil
}
