package cache

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// maxBlob bounds a small file, and what is read of a damaged one: 16 MiB are what is
// to say of some ten thousand files.
const maxBlob = 16 << 20

// readBlob reads a small file, and marks it as used. It checks itself: its first 32
// bytes are the digest of the rest.
func (c *Cache) readBlob(folder string, key Key) ([]byte, error) {
	f, info, err := c.open(folder, key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() < sha256.Size || info.Size() > sha256.Size+maxBlob {
		return nil, errDamaged
	}
	blob := make([]byte, info.Size())
	if _, err := io.ReadFull(f, blob); err != nil {
		return nil, err
	}
	check, body := blob[:sha256.Size], blob[sha256.Size:]
	if want := checksum(folder, key, body); !bytes.Equal(check, want[:]) {
		return nil, errDamaged
	}
	c.markUsed(folder, key, info)
	return body, nil
}

// writeBlob writes a small file over the one that is there.
func (c *Cache) writeBlob(folder string, key Key, body []byte) error {
	if len(body) > maxBlob {
		return c.failed(fmt.Errorf("%d bytes in one of the %s: at most %d are allowed", len(body), folder, maxBlob))
	}
	check := checksum(folder, key, body)
	err := c.store(folder, key, func(f *os.File) error {
		_, err := f.Write(append(check[:], body...))
		return err
	})
	if err != nil {
		return c.failed(err)
	}
	return nil
}

// Record returns what PutRecord kept for key, and marks it as used.
func (c *Cache) Record(key Key) ([]byte, bool) {
	if c == nil {
		return nil, false
	}
	data, err := c.readBlob(records, key)
	return data, err == nil
}

// PutRecord keeps data for key: at most 16 MiB. As with Put, an error is worth a
// warning.
func (c *Cache) PutRecord(key Key, data []byte) error {
	if c == nil {
		return nil
	}
	return c.writeBlob(records, key, data)
}

// DropRecord forgets what is kept for key.
func (c *Cache) DropRecord(key Key) {
	if c != nil {
		c.remove(records, key)
	}
}
