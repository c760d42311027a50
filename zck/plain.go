package zck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// createPlain makes a file without compression of a source that can be read
// twice. Its body is the source itself, which needs no spool: the first pass makes
// the header, the second copies. It is false where the source cannot be read so.
func createPlain(ctx context.Context, dst io.Writer, src io.Reader, opts Options) (h *Header, is bool, err error) {
	seeker, ok := src.(io.ReadSeeker)
	if !ok || opts.Compression != None {
		return nil, false, nil
	}
	begin, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, false, nil // a pipe
	}
	before := stateOf(src)
	b, err := newBuilder(ctx, &opts, io.Discard)
	if err != nil {
		return nil, true, err
	}
	b.ReadFrom(src) // finish returns the same error
	if h, err = b.finish(); err != nil {
		return nil, true, err
	}
	if _, err := seeker.Seek(begin, io.SeekStart); err != nil {
		return nil, true, err
	}
	if err := writePlain(ctx, dst, src, h); err != nil {
		return nil, true, err
	}
	if stateOf(src) != before {
		return nil, true, errors.New("zck: the source changed while it was read")
	}
	return h, true, nil
}

func writePlain(ctx context.Context, dst io.Writer, src io.Reader, h *Header) error {
	data, err := h.Marshal()
	if err != nil {
		return err
	}
	if _, err := dst.Write(data); err != nil {
		return fmt.Errorf("zck: header: %w", err)
	}
	if err := copyBody(ctx, dst, src, h.BodySize()); err != nil {
		return fmt.Errorf("zck: body: %w", err)
	}
	return nil
}

// state is what changes with a file that is written to.
type state struct {
	size, modified int64
}

// stateOf is the zero state for what is no file.
func stateOf(src io.Reader) state {
	file, ok := src.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return state{}
	}
	info, err := file.Stat()
	if err != nil {
		return state{}
	}
	return state{info.Size(), info.ModTime().UnixNano()}
}
