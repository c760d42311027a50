package cache

import (
	"crypto/sha256"
	"os"
)

// Entry is a finished payload, open for reading. It stays readable until Close,
// also when Trim takes it away meanwhile.
type Entry struct {
	cache *Cache
	key   Key
	file  *os.File
	trailer
}

// Get opens the payload of key, and marks it as used. One that is not there, is
// damaged or cannot be read is a miss. The data itself is not looked at: the caller
// compares what it reads with SHA256, and calls Damaged where that differs.
func (c *Cache) Get(key Key) (*Entry, bool) {
	if c == nil {
		return nil, false
	}
	f, info, err := c.open(payloads, key)
	if err != nil {
		return nil, false
	}
	t, err := readTrailer(f, info.Size(), key)
	if err != nil {
		f.Close()
		return nil, false
	}
	c.markUsed(payloads, key, info)
	return &Entry{cache: c, key: key, file: f, trailer: t}, true
}

// File returns the open file. The data is its first Size bytes, and it stands at
// offset 0: io.Copy from an io.LimitReader of it into another file lets the kernel
// copy. More than the data must not be read.
func (e *Entry) File() *os.File {
	return e.file
}

// Size returns the size of the data in bytes.
func (e *Entry) Size() int64 {
	return e.size
}

// Meta returns the note that was put with the data.
func (e *Entry) Meta() []byte {
	return e.meta
}

// SHA256 returns the digest of the data that was given to Put.
func (e *Entry) SHA256() [sha256.Size]byte {
	return e.sum
}

// Close closes the file.
func (e *Entry) Close() error {
	return e.file.Close()
}

// Damaged takes the entry away, as its data is not what it should be. An entry that
// another build has put in its place since Get stays.
func (e *Entry) Damaged() {
	mine, err := e.file.Stat()
	if err != nil {
		return
	}
	there, err := os.Lstat(e.cache.path(payloads, e.key))
	if err == nil && os.SameFile(mine, there) {
		e.cache.remove(payloads, e.key)
	}
}
