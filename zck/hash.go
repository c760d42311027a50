package zck

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
)

// Hash is one of zchunk's checksum types. The zero Hash is SHA-256, which is
// what SWUpdate needs of the chunks.
type Hash uint8

// The checksum types that zchunk knows.
const (
	SHA256    Hash = iota
	SHA512         // all 64 bytes
	SHA512128      // the first 16 bytes of a SHA-512; chunks of zck without -u
	SHA1           // read by zchunk, no longer written by its program
	hashes
)

// hashTypes are the checksum types in the order of Hash: id in a file, length
// of a digest in bytes, the name zck_read_header prints and the one zck takes.
var hashTypes = [hashes]struct {
	id           byte
	size         int
	name, option string
}{
	SHA256:    {1, sha256.Size, "SHA-256", "sha256"},
	SHA512:    {2, sha512.Size, "SHA-512", "sha512"},
	SHA512128: {3, 16, "SHA-512/128", "sha512_128"},
	SHA1:      {0, sha1.Size, "SHA-1", "sha1"},
}

// Size is the length of a digest in bytes.
func (h Hash) Size() int { return hashTypes[h].size }

// String returns the name as zck_read_header prints it: "SHA-256", "SHA-512",
// "SHA-512/128" or "SHA-1".
func (h Hash) String() string {
	if h >= hashes {
		return fmt.Sprintf("hash %d", uint8(h))
	}
	return hashTypes[h].name
}

// MarshalText returns the name as zck's --chunk-hash-type takes it: "sha256",
// "sha512", "sha512_128" or "sha1".
func (h Hash) MarshalText() ([]byte, error) {
	if h >= hashes {
		return nil, fmt.Errorf("zck: no name for hash %d", uint8(h))
	}
	return []byte(hashTypes[h].option), nil
}

// UnmarshalText takes the names that MarshalText returns.
func (h *Hash) UnmarshalText(text []byte) error {
	for i, t := range hashTypes {
		if t.option == string(text) {
			*h = Hash(i)
			return nil
		}
	}
	return fmt.Errorf("hash %q: sha256, sha512, sha512_128 and sha1 are known", text)
}

// hashOfID returns the type with an id in a file.
func hashOfID(id int64) (Hash, bool) {
	for i, t := range hashTypes {
		if int64(t.id) == id {
			return Hash(i), true
		}
	}
	return 0, false
}

// new returns a hash whose sum begins with the digest.
func (h Hash) new() hash.Hash {
	switch h {
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	default:
		return sha512.New()
	}
}

// digest returns the digest that a hash made by new has come to.
func (h Hash) digest(sum hash.Hash) Digest {
	return Digest(sum.Sum(nil)[:h.Size()])
}

// append appends the digest of data.
func (h Hash) append(dst, data []byte) []byte {
	switch h {
	case SHA1:
		sum := sha1.Sum(data)
		return append(dst, sum[:]...)
	case SHA256:
		sum := sha256.Sum256(data)
		return append(dst, sum[:]...)
	default:
		sum := sha512.Sum512(data)
		return append(dst, sum[:h.Size()]...)
	}
}

// of returns the digest of data.
func (h Hash) of(data []byte) Digest {
	var buf [sha512.Size]byte
	return Digest(h.append(buf[:0], data))
}

// Digest holds the bytes of a checksum as they are, not in hex. Being a string
// it can be compared and can be the key of a map.
type Digest string

// String returns d in lower-case hex.
func (d Digest) String() string { return hex.EncodeToString([]byte(d)) }

// MarshalText returns d in lower-case hex.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
