package pack

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/pack/cache"
)

// A sample is this many blocks of this size: enough for one of them to hold what
// changes whenever an image is made anew, such as the dates in the first block of a
// file system or the version of a kernel, and little to read.
const (
	sampleBlocks = 64
	sampleBlock  = 4 << 10
)

// sampleOf names a file of size bytes by blocks that are spread over it from its
// first to its last. Files with the same name may differ; with different ones they do.
func sampleOf(file io.ReaderAt, size int64) (cache.Key, error) {
	hash, block := sha256.New(), make([]byte, min(sampleBlock, size))
	for i := range int64(sampleBlocks) {
		at := (size - int64(len(block))) * i / (sampleBlocks - 1)
		if _, err := file.ReadAt(block, at); err != nil {
			return cache.Key{}, err
		}
		hash.Write(block)
	}
	return cache.NewKey("sample", fmt.Sprint(size), string(hash.Sum(nil))), nil
}
