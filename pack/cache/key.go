package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// version is that of the files. It is part of every key, so that a program finds
// nothing that one with other files wrote; Trim takes that away in time.
const version = "fwpack cache 1"

// Key names something in a cache by all that it depends on.
type Key [sha256.Size]byte

// NewKey returns the SHA-256 of parts, each behind its length: no two lists of
// parts have the same key. The version of the cache's files is among them.
func NewKey(parts ...string) Key {
	hash := sha256.New()
	writePart(hash, version)
	for _, part := range parts {
		writePart(hash, part)
	}
	return Key(hash.Sum(nil))
}

// writePart writes part behind its length, 8 bytes big-endian.
func writePart(w io.Writer, part string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	w.Write(length[:])
	io.WriteString(w, part)
}

// String returns the key in lower-case hex, as the file is called.
func (k Key) String() string {
	return hex.EncodeToString(k[:])
}

// isKey tells whether name is that of a file of a cache.
func isKey(name string) bool {
	if len(name) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
