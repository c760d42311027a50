package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/fwpack/fwpack/internal/stamp"
)

// noteKey is that of the note about the file at path.
func noteKey(path, kind string) Key {
	return NewKey("source", kind, path)
}

// note returns what is noted about the file at path.
func (c *Cache) note(path, kind string) (seen stamp.Stamp, digest [sha256.Size]byte, ok bool) {
	if c == nil {
		return seen, digest, false
	}
	body, err := c.readBlob(sources, noteKey(path, kind))
	if err != nil || len(body) != stampSize+sha256.Size {
		return seen, digest, false
	}
	return parseStamp(body), [sha256.Size]byte(body[stampSize:]), true
}

// Digest returns the digest of the file at path, if it is known for the stamp s that
// the file has now. The path is absolute: relative ones mean other files elsewhere.
// A file may have digests of several kinds, which are the caller's: "" of all of it,
// say, and another of its parts.
func (c *Cache) Digest(path, kind string, s stamp.Stamp) (digest [sha256.Size]byte, ok bool) {
	seen, digest, ok := c.note(path, kind)
	if !ok || seen != s { // the zero stamp is never noted
		return [sha256.Size]byte{}, false
	}
	return digest, true
}

// NoteDigest notes a digest of the file at path. The stamp must have been taken
// before the file was read, and have been Settled then. As with Put, an error is
// worth a warning.
func (c *Cache) NoteDigest(path, kind string, s stamp.Stamp, digest [sha256.Size]byte) error {
	if c == nil {
		return nil
	}
	if s == (stamp.Stamp{}) {
		return c.failed(errNoStamp)
	}
	return c.writeBlob(sources, noteKey(path, kind), append(appendStamp(nil, s), digest[:]...))
}

// stampSize is the size of a stamp in a file: five numbers of 8 bytes, big-endian.
const stampSize = 5 * 8

func appendStamp(b []byte, s stamp.Stamp) []byte {
	for _, n := range []uint64{uint64(s.Size), uint64(s.Modified), uint64(s.Changed), s.Inode, s.Device} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// parseStamp reads the stamp at the begin of b, which is long enough.
func parseStamp(b []byte) stamp.Stamp {
	number := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	return stamp.Stamp{Size: int64(number(0)), Modified: int64(number(1)), Changed: int64(number(2)), Inode: number(3), Device: number(4)}
}

// errNoStamp refuses the zero stamp.
var errNoStamp = errors.New("not a regular file: nothing tells when it changes")
