package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// part is a file of the bytes of the ext4 image from offset on, which begins
// again at its start where that is not enough.
type part struct {
	name   string
	offset int64
	size   int64
}

func (p part) path(b *bench) string {
	return b.path(filepath.Join("parts", fmt.Sprintf("%d-%s", b.mib, p.name)))
}

// make writes the file, or reads the one made before.
func (p part) make(b *bench) error {
	path := p.path(b)
	if info, err := os.Stat(path); err == nil && info.Size() == p.size {
		return warm(path)
	}
	image, err := os.Open(b.data.ext4)
	if err != nil {
		return err
	}
	defer image.Close()
	var pieces []io.Reader
	for offset, left := p.offset, p.size; left > 0; offset = 0 {
		n := min(left, b.imageSize()-offset)
		pieces = append(pieces, io.NewSectionReader(image, offset, n))
		left -= n
	}
	return copyTo(path, io.MultiReader(pieces...))
}

// imageSize is in bytes.
func (b *bench) imageSize() int64 {
	return int64(b.mib) << 20
}

// head is the first so many bytes of the image.
func (b *bench) head(size int64) part {
	return part{fmt.Sprintf("head-%d", size), 0, size}
}

// parted is count files of sizes that size tells, one behind the other in the image.
func (b *bench) parted(kind string, count int, size func(i int) int64) []part {
	parts := make([]part, count)
	var offset int64
	for i := range parts {
		parts[i] = part{fmt.Sprintf("%s-%d", kind, i), offset, size(i)}
		offset = (offset + size(i)) % b.imageSize()
	}
	return parts
}
