package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// An entry's data begins at offset 0, where it can be copied from without a copy in
// memory. Behind it are the caller's note, and a trailer of fixed size: a magic, the
// size of the data and of the note (8 and 4 bytes, big-endian), the SHA-256 of the
// data, and the SHA-256 of the key and all of this but the data.
const (
	trailerMagic = "fwpayld1"
	trailerSize  = len(trailerMagic) + 8 + 4 + sha256.Size + sha256.Size
	// maxMeta bounds the note, and what is read of a damaged file.
	maxMeta = 1 << 20
)

var errDamaged = errors.New("damaged")

// trailer is what an entry says of its data.
type trailer struct {
	size int64
	sum  [sha256.Size]byte
	meta []byte
}

// marshal returns the note and the trailer, as they follow the data.
func (t trailer) marshal(key Key) []byte {
	tail := append([]byte(nil), t.meta...)
	tail = append(tail, trailerMagic...)
	tail = binary.BigEndian.AppendUint64(tail, uint64(t.size))
	tail = binary.BigEndian.AppendUint32(tail, uint32(len(t.meta)))
	tail = append(tail, t.sum[:]...)
	check := checksum(payloads, key, tail)
	return append(tail, check[:]...)
}

// readTrailer reads the end of an entry of length bytes in all.
func readTrailer(r io.ReaderAt, length int64, key Key) (trailer, error) {
	if length < int64(trailerSize) {
		return trailer{}, errDamaged
	}
	var fixed [trailerSize]byte
	if _, err := r.ReadAt(fixed[:], length-int64(trailerSize)); err != nil {
		return trailer{}, err
	}
	rest, ok := bytes.CutPrefix(fixed[:], []byte(trailerMagic))
	size, metaSize := binary.BigEndian.Uint64(rest), binary.BigEndian.Uint32(rest[8:])
	if !ok || metaSize > maxMeta || size > math.MaxInt64/2 || int64(size)+int64(metaSize)+int64(trailerSize) != length {
		return trailer{}, errDamaged
	}
	tail := make([]byte, int(metaSize)+trailerSize)
	if _, err := r.ReadAt(tail, int64(size)); err != nil {
		return trailer{}, err
	}
	body, check := tail[:len(tail)-sha256.Size], tail[len(tail)-sha256.Size:]
	if want := checksum(payloads, key, body); !bytes.Equal(check, want[:]) {
		return trailer{}, errDamaged
	}
	return trailer{size: int64(size), sum: [sha256.Size]byte(rest[12:]), meta: body[:metaSize:metaSize]}, nil
}

// checksum is the digest of what a file says. The folder and the key are part of
// it: a file that was given another name is damaged.
func checksum(folder string, key Key, body []byte) [sha256.Size]byte {
	hash := sha256.New()
	writePart(hash, folder)
	hash.Write(key[:])
	hash.Write(body)
	return [sha256.Size]byte(hash.Sum(nil))
}

// checkMeta refuses a note that could not be read back.
func checkMeta(meta []byte) error {
	if len(meta) > maxMeta {
		return fmt.Errorf("a note of %d bytes: at most %d are allowed", len(meta), maxMeta)
	}
	return nil
}
