package diff

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"slices"
)

// BlockSize is the size of the blocks that are compared, in bytes. The last one of
// a content may be smaller. It is that of most file systems, and of a page.
const BlockSize = 4096

// Blocks says how much of a content is in which place. Sizes are in blocks, where
// their name does not say otherwise.
type Blocks struct {
	Size     int   `json:"block_size"` // in bytes
	Old      int   `json:"old"`        // all
	New      int   `json:"new"`        // all
	Same     int   `json:"same"`       // that are the same in the same place
	Moved    int   `json:"moved"`      // of the new content, that the old one has elsewhere
	Fresh    int   `json:"fresh"`      // of the new content, that the old one has nowhere
	Gone     int   `json:"gone"`       // of the old content, that the new one has nowhere
	FreshLen int64 `json:"fresh_bytes"`
	GoneLen  int64 `json:"gone_bytes"`
}

// digest is as much of a block's SHA-256 as is kept, in bytes: nobody makes two
// blocks with the same one, and a content of 1 GiB needs 4 MiB.
type digest [16]byte

// maxBlocks is how many digests are kept of one file: those of 8 GiB, in 32 MiB of
// memory. Comparing sorts a copy of those of one content.
const maxBlocks = 2 << 20

// blockList takes what is written to it apart into blocks.
type blockList struct {
	digests []digest
	size    int64
	partial []byte
	room    *int   // how many more may be kept; nil for any number
	full    bool   // there are more blocks than there was room for
	last    []byte // the last complete block
}

// Write keeps the digests of all complete blocks.
func (l *blockList) Write(p []byte) (int, error) {
	n := len(p)
	l.size += int64(n)
	for len(p) > 0 && !l.full {
		if len(l.partial) == 0 && len(p) >= BlockSize {
			l.add(p[:BlockSize])
			p = p[BlockSize:]
			continue
		}
		some := min(len(p), BlockSize-len(l.partial))
		l.partial = append(l.partial, p[:some]...)
		p = p[some:]
		if len(l.partial) == BlockSize {
			l.add(l.partial)
			l.partial = l.partial[:0]
		}
	}
	return n, nil
}

func (l *blockList) add(block []byte) {
	if l.room != nil {
		if *l.room--; *l.room < 0 {
			*l.room = 0
			l.digests, l.full = nil, true
			return
		}
	}
	if n := len(l.digests); n > 0 && bytes.Equal(block, l.last) { // free room is long runs of zero
		l.digests = append(l.digests, l.digests[n-1])
		return
	}
	sum := sha256.Sum256(block)
	l.digests = append(l.digests, digest(sum[:len(digest{})]))
	if len(block) == BlockSize {
		l.last = append(l.last[:0], block...)
	}
}

// finish keeps the last block.
func (l *blockList) finish() *blockList {
	if len(l.partial) > 0 && !l.full {
		l.add(l.partial)
	}
	l.partial, l.last = nil, nil
	return l
}

// blocksOf are the blocks of something that is in memory.
func blocksOf(data []byte) *blockList {
	l := &blockList{}
	l.Write(data)
	return l.finish()
}

// lengthOf is the number of bytes in a block.
func (l *blockList) lengthOf(block int) int64 {
	return min(BlockSize, l.size-int64(block)*BlockSize)
}

// compareBlocks returns nil where there were too many to keep.
func compareBlocks(old, new *blockList) *Blocks {
	if old.full || new.full {
		return nil
	}
	b := &Blocks{Size: BlockSize, Old: len(old.digests), New: len(new.digests)}
	common := min(b.Old, b.New)
	for i := range common {
		if old.digests[i] == new.digests[i] {
			b.Same++
		}
	}
	for block := range new.lacking(old) {
		b.Fresh++
		b.FreshLen += new.lengthOf(block)
	}
	for block := range old.lacking(new) {
		b.Gone++
		b.GoneLen += old.lengthOf(block)
	}
	b.Moved = b.New - b.Same - b.Fresh
	return b
}

// lacking goes over the blocks that another content has nowhere.
func (l *blockList) lacking(other *blockList) iter.Seq[int] {
	return func(yield func(int) bool) {
		sorted := slices.SortedFunc(slices.Values(other.digests), compareDigests)
		for i, d := range l.digests {
			if i < len(other.digests) && other.digests[i] == d {
				continue
			}
			if _, found := slices.BinarySearchFunc(sorted, d, compareDigests); !found && !yield(i) {
				return
			}
		}
	}
}

func compareDigests(a, b digest) int { return bytes.Compare(a[:], b[:]) }
