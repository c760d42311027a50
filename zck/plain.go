package zck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// createPlain makes a file without compression of a source that can be read
// twice. Its body is the source itself: the first pass makes the header, the
// second copies. It is false where the source cannot be read so.
func createPlain(ctx context.Context, dst io.Writer, src io.Reader, opts Options) (sum Summary, is bool, err error) {
	seeker, ok := src.(io.ReadSeeker)
	if !ok || opts.Compression != None {
		return sum, false, nil
	}
	begin, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return sum, false, nil // a pipe
	}
	before := stateOf(src)
	entries := spool{file: opts.Spool}
	b, err := newBuilder(ctx, &opts, io.Discard, entries.keep)
	if err != nil {
		return sum, true, err
	}
	b.ReadFrom(src) // finish returns the same error
	if err := b.finish(); err != nil {
		return sum, true, err
	}
	if _, err := seeker.Seek(begin, io.SeekStart); err != nil {
		return sum, true, err
	}
	made, err := b.writeHeader(dst, &entries)
	if err != nil {
		return sum, true, err
	}
	if err := copyBody(ctx, dst, src, made.BodySize); err != nil {
		return sum, true, fmt.Errorf("zck: body: %w", err)
	}
	if stateOf(src) != before {
		return sum, true, errors.New("zck: the source changed while it was read")
	}
	return made, true, nil
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
