package deltafile

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/fwpack/fwpack/pack/payload"
)

// decompress writes what data holds, as the client that installs it would read it.
func decompress(ctx context.Context, w io.Writer, method payload.Compression, data *io.SectionReader) error {
	r, done, err := decompressor(method, io.NewSectionReader(data, 0, data.Size()))
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer done()
	if _, err := io.Copy(w, &stoppable{ctx, r}); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// maxWindow is how far zstd may look back, in bytes: as far as libzstd allows
// without further options, and SWUpdate with it.
const maxWindow = 128 << 20

// decompressor reads what r holds; done is to be called behind it.
func decompressor(method payload.Compression, r io.Reader) (_ io.Reader, done func(), err error) {
	switch method {
	case payload.Zlib:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		z.Multistream(false) // SWUpdate stops behind the first member
		return z, func() {}, nil
	case payload.Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case payload.LZ4:
		return lz4.NewReader(r), func() {}, nil
	case payload.None, "none":
		return r, func() {}, nil
	}
	return nil, nil, errors.New("is not unpacked here")
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
