package cache

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
)

// Entry is a finished payload, open for reading. It stays readable until Close,
// also when Trim takes it away meanwhile.
type Entry struct {
	file *os.File
	trailer
}

// Get opens the payload of key, reads it to see that it is whole, and marks it as
// used. One that is not there, is damaged or cannot be read is a miss; the next Put
// takes its place. A miss may also mean that ctx has ended.
func (c *Cache) Get(ctx context.Context, key Key) (*Entry, bool) {
	e, ok := c.Peek(key)
	if !ok {
		return nil, false
	}
	if e.Check(ctx) != nil {
		e.file.Close()
		return nil, false
	}
	return e, true
}

// Check reads the data and returns an error if it is not what was put, or cannot be
// read.
func (e *Entry) Check(ctx context.Context) error {
	sum, err := digestOf(ctx, e.file, e.size)
	if err == nil && sum != e.sum {
		err = errDamaged
	}
	return err
}

// Peek is Get for a caller that reads all of the data anyway and holds it against
// SHA256, or calls Check while it goes on: damage has to count as a miss. Size and Meta
// are to be relied on.
func (c *Cache) Peek(key Key) (*Entry, bool) {
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
	return &Entry{file: f, trailer: t}, true
}

// digestBlock stays in a processor's second-level cache from being read to being
// hashed.
const digestBlock = 256 << 10

// digestOf is the SHA-256 of the first size bytes of r.
func digestOf(ctx context.Context, r io.ReaderAt, size int64) (sum [sha256.Size]byte, err error) {
	hash, block := sha256.New(), make([]byte, min(digestBlock, size))
	for at := int64(0); at < size; at += int64(len(block)) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		block = block[:min(int64(len(block)), size-at)]
		if n, err := r.ReadAt(block, at); n < len(block) {
			return sum, err
		}
		hash.Write(block)
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
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
