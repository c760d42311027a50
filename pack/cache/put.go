package cache

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
)

// Put keeps data, read to its end, as the payload of key; over an entry that is
// there. sum is the SHA-256 of the data, which the caller knows from making it; meta
// is returned by Entry.Meta: at most 1 MiB.
//
// Where data is an *os.File, or an io.LimitedReader or io.SectionReader of one, the
// kernel copies it (and shares the blocks, on file systems that can); the offset of
// the file of a section stays where it is, on Linux.
//
// What is larger than the cache may be is refused: to keep it, all the rest would
// have to go. After any error nothing is kept. A build can go on without: the error is worth a
// warning, unless ctx ended.
func (c *Cache) Put(ctx context.Context, key Key, meta []byte, sum [sha256.Size]byte, data io.Reader) error {
	if c == nil {
		return nil
	}
	err := checkMeta(meta)
	if err == nil {
		err = c.store(payloads, key, func(f *os.File) error {
			size, err := c.fill(ctx, f, data)
			if err != nil {
				return err
			}
			_, err = f.Write(trailer{size: size, sum: sum, meta: meta}.marshal(key))
			return err
		})
	}
	if err != nil {
		return c.failed(err)
	}
	return nil
}
