package cache

import (
	"context"
	"hash/crc32"
	"io"
)

// castagnoli is the polynomial of CRC-32C (RFC 3720, section 12.1), for which
// processors have an instruction: file systems check what they store by it, too.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crcBlock stays in a processor's second-level cache from being read to being
// checked.
const crcBlock = 256 << 10

// crcOf is the CRC-32C of the first size bytes of r.
func crcOf(ctx context.Context, r io.ReaderAt, size int64) (uint32, error) {
	var crc uint32
	block := make([]byte, min(crcBlock, size))
	for at := int64(0); at < size; at += int64(len(block)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		block = block[:min(int64(len(block)), size-at)]
		if n, err := r.ReadAt(block, at); n < len(block) {
			return 0, err
		}
		crc = crc32.Update(crc, castagnoli, block)
	}
	return crc, nil
}
