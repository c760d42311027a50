package payload

import (
	"bufio"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// maxWindow is the largest zstd window that SWUpdate's libzstd accepts unless it
// is told otherwise: 27 bits (seen with 2022.12; `zstd --long=31` fails).
const maxWindow = 1 << 27

// Decompressor reads what was compressed, as a client does that installs it.
type Decompressor struct {
	io.Reader
	close func()
	after func(limit int64) (members int, trailing int64, err error) // nil where clients read everything as one stream
}

// NewDecompressor reads r, which was compressed with the method. It allocates no
// more than the largest window or dictionary that is allowed, whatever r asks for.
func NewDecompressor(method Compression, r io.Reader) (*Decompressor, error) {
	switch method {
	case None, "none": // which is how a description may say it
		return &Decompressor{Reader: r}, nil
	case Zlib:
		return newGzip(r)
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return &Decompressor{Reader: z, close: z.Close}, nil
	case XZ:
		x, err := newXZReader(r)
		return &Decompressor{Reader: x}, err
	case LZ4:
		return &Decompressor{Reader: lz4.NewReader(r)}, nil
	}
	return nil, fmt.Errorf("unknown compression %q; %s are allowed", method, methods)
}

// Close gives back what the decompressor needed.
func (d *Decompressor) Close() {
	if d.close != nil {
		d.close()
	}
}

// After is called where reading ended with io.EOF. It reads what a device passes
// over: gzip members behind the first one, counted with it, and bytes that are no
// member. It ends where more than limit bytes come out of members.
func (d *Decompressor) After(limit int64) (members int, trailing int64, err error) {
	if d.after == nil {
		return 1, 0, nil
	}
	return d.after(limit)
}

// newGzip reads the first member, as SWUpdate does.
func newGzip(r io.Reader) (*Decompressor, error) {
	source := bufio.NewReader(r) // a ByteReader, so that the decoder takes no byte too many
	z, err := gzip.NewReader(source)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &Decompressor{Reader: z, after: func(limit int64) (int, int64, error) {
		members := 1
		for gzipFollows(source) {
			if err := z.Reset(source); err != nil {
				return members, 0, err
			}
			z.Multistream(false)
			members++
			n, err := discard(z, limit)
			if err != nil {
				return members, 0, err
			}
			limit -= n
		}
		trailing, err := io.Copy(io.Discard, source)
		return members, trailing, err
	}}, nil
}

func gzipFollows(r *bufio.Reader) bool {
	next, _ := r.Peek(3)
	return Magic(next) == Zlib
}

// discard reads r to its end, which must come within limit bytes.
func discard(r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = ErrBudget
	}
	return n, err
}
