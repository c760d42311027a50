package cache

import (
	"context"
	"crypto/sha256"
	"io"
	"math"
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
// After an error nothing is kept. A build can go on without: the error is worth a
// warning, unless ctx ended.
func (c *Cache) Put(ctx context.Context, key Key, meta []byte, sum [sha256.Size]byte, data io.Reader) error {
	if c == nil {
		return nil
	}
	err := checkMeta(meta)
	if err == nil {
		err = c.store(payloads, key, func(f *os.File) error {
			size, err := copyAll(ctx, f, data)
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

// copyStep is how much the kernel copies between two looks at the context: some
// hundredths of a second.
const copyStep = 32 << 20

// copyAll copies data to its end. The kernel copies from file to file, if the
// reader is one or an io.LimitedReader of one: io.CopyN wraps another around it.
func copyAll(ctx context.Context, dst *os.File, data io.Reader) (int64, error) {
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
	var total int64
	for total < left {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := io.CopyN(dst, src, min(copyStep, left-total))
		total += n
		if err == io.EOF {
			break
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
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
