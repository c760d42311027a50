package payload

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/klauspost/pgzip"
)

func zlibCodec() codec {
	return codec{
		encoder:  modules("github.com/klauspost/pgzip", "github.com/klauspost/compress"),
		max:      9,
		standard: 6,
		section:  func(int) int64 { return zlibBlock },
		open:     openZlib,
	}
}

// zlibEffort maps a level of gzip to the encoder's own. The encoder is faster
// than zlib at the same number and its output larger, so most levels take a
// higher one; on the images in docs/compression.md the output is then between
// 4 % smaller and 4 % larger than gzip's. The default is the fastest within that.
func zlibEffort(level int) (int, bool) {
	efforts := [...]int{1: 4, 2: 5, 3: 6, 4: 7, 5: 7, 6: 7, 7: 9, 8: 9, 9: 9}
	if level < 1 || level >= len(efforts) {
		return 0, false
	}
	return efforts[level], true
}

// zlibBlock is compressed by one job. It is fixed, as it shapes the output.
const zlibBlock = 1 << 20

func openZlib(w outlet, level int, opt Options) (io.WriteCloser, error) {
	effort, ok := zlibEffort(level)
	if !ok {
		return nil, fmt.Errorf("internal: no setting for level %d", level)
	}
	z, err := takeZlib(w, effort)
	if err != nil {
		return nil, err
	}
	if err := z.SetConcurrency(zlibBlock, opt.jobs()); err != nil {
		return nil, err
	}
	z.ModTime = time.Unix(0, 0) // MTIME 0; Go's zero time would give 0x886e0900
	z.OS = 255                  // unknown, whatever this runs on
	return zlibWriter{z, effort}, nil
}

// zlibEncoders keeps encoders by their effort for the next run: one holds some
// megabytes, which for a small payload take longer to get than to use.
var zlibEncoders [10]sync.Pool

func takeZlib(w io.Writer, effort int) (*pgzip.Writer, error) {
	if z, ok := zlibEncoders[effort].Get().(*pgzip.Writer); ok {
		z.Reset(w)
		return z, nil
	}
	return pgzip.NewWriterLevel(w, effort)
}

type zlibWriter struct {
	*pgzip.Writer
	effort int
}

// Close gives the encoder back. Reset ends its goroutine after an error, which its
// own Close leaves running (pgzip v1.3.0), and lets go of what it writes to.
func (w zlibWriter) Close() error {
	err := w.Writer.Close()
	w.Reset(io.Discard)
	zlibEncoders[w.effort].Put(w.Writer)
	return err
}
