package deltafile

import (
	"context"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/pack/payload"
)

// decompress writes what data holds, as the client that installs it would read it.
func decompress(ctx context.Context, w io.Writer, method payload.Compression, data *io.SectionReader) error {
	r, err := payload.NewDecompressor(method, io.NewSectionReader(data, 0, data.Size()))
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer r.Close()
	if _, err := io.Copy(w, &stoppable{ctx, r}); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
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
