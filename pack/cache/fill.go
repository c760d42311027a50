package cache

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
)

// copyStep is how much the kernel copies between two looks at the context: some
// hundredths of a second.
const copyStep = 32 << 20

// fill copies data to its end, and returns its size. The kernel copies from file to
// file, if the reader is one or an io.LimitedReader of one: io.CopyN wraps another
// around it.
func (c *Cache) fill(ctx context.Context, dst *os.File, data io.Reader) (int64, error) {
	src, left := data, int64(math.MaxInt64)
	switch r := data.(type) {
	case *io.LimitedReader:
		src, left = r.R, r.N
	case *io.SectionReader:
		if f, n, ok := sectionFile(r); ok {
			defer f.Close()
			src, left = f, n
		}
	}
	if err := c.checkSize(min(left, restOf(src))); err != nil {
		return 0, err
	}
	var total int64
	for total < left {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := io.CopyN(dst, src, min(copyStep, left-total))
		total += n
		if err == io.EOF {
			left = total
		} else if err != nil {
			return total, err
		}
		if err := c.checkSize(total); err != nil {
			return total, err
		}
	}
	return total, nil
}

// checkSize refuses a payload for which everything else would have to go.
func (c *Cache) checkSize(size int64) error {
	if size > c.limits.Size {
		return fmt.Errorf("a payload of more than the %d bytes that the cache may hold", c.limits.Size)
	}
	return nil
}

// restOf is how much can be read from r, 0 where that is not known.
func restOf(r io.Reader) int64 {
	f, ok := r.(*os.File)
	if !ok {
		return 0
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return info.Size() - at
}

// sectionFile opens the file of a section once more, at the place where r stands,
// and returns it with the number of bytes left there.
func sectionFile(r *io.SectionReader) (f *os.File, left int64, ok bool) {
	outer, begin, length := r.Outer()
	file, isFile := outer.(*os.File)
	at, err := r.Seek(0, io.SeekCurrent)
	if !isFile || err != nil || at > length {
		return nil, 0, false
	}
	if f, err = reopen(file); err != nil {
		return nil, 0, false
	}
	if _, err := f.Seek(begin+at, io.SeekStart); err != nil {
		f.Close()
		return nil, 0, false
	}
	return f, length - at, true
}
