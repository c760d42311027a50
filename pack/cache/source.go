package cache

import "crypto/sha256"

// noteKey is that of the note about the file at path.
func noteKey(path string) Key {
	return NewKey("source", path)
}

// note returns what is noted about the file at path.
func (c *Cache) note(path string) (stamp Stamp, digest [sha256.Size]byte, ok bool) {
	if c == nil {
		return stamp, digest, false
	}
	body, err := c.readBlob(sources, noteKey(path))
	if err != nil || len(body) != stampSize+sha256.Size {
		return stamp, digest, false
	}
	return parseStamp(body), [sha256.Size]byte(body[stampSize:]), true
}

// Digest returns the SHA-256 of the file at path, if it is known for the stamp s that
// the file has now. The path is absolute: relative ones mean other files elsewhere.
func (c *Cache) Digest(path string, s Stamp) (digest [sha256.Size]byte, ok bool) {
	stamp, digest, ok := c.note(path)
	if !ok || stamp != s || s == (Stamp{}) {
		return [sha256.Size]byte{}, false
	}
	return digest, true
}

// Known tells whether a digest was noted for the file at path when it had size bytes:
// it may have got another time only, and to hash it first may save the rest.
func (c *Cache) Known(path string, size int64) bool {
	stamp, _, ok := c.note(path)
	return ok && stamp.Size == size
}

// NoteDigest notes the SHA-256 of the file at path. The stamp must have been taken
// before the file was read, and have been Settled then. As with Put, an error is
// worth a warning.
func (c *Cache) NoteDigest(path string, s Stamp, digest [sha256.Size]byte) error {
	if c == nil {
		return nil
	}
	if s == (Stamp{}) {
		return c.failed(errNoStamp)
	}
	return c.writeBlob(sources, noteKey(path), append(s.append(nil), digest[:]...))
}
