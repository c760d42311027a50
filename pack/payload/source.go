package payload

import (
	"context"
	"io"
)

const (
	maxRead       = 1 << 20 // between two looks at the context
	maxEmptyReads = 100     // as bufio allows
)

// source reads the payload. It stops as soon as anything else in the run has
// failed: some encoders tell of a failed write only when they are closed.
type source struct {
	ctx      context.Context
	r        io.Reader
	trouble  *firstError
	progress func(int64)
	read     int64
	ended    bool
}

// Read never returns data together with io.EOF, whatever the reader below does:
// the zstd encoder would end its last job differently, with other bytes.
func (s *source) Read(p []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	if err := s.stopped(); err != nil {
		return 0, err
	}
	n, err := readSome(s.r, p[:min(len(p), maxRead)])
	s.count(n)
	if err == nil {
		return n, nil
	}
	s.ended = err == io.EOF
	if s.ended && n > 0 {
		return n, nil
	}
	if s.ended {
		return 0, io.EOF
	}
	return n, s.trouble.record(stageError("read", err))
}

func (s *source) stopped() error {
	if err := s.ctx.Err(); err != nil {
		return s.trouble.record(err)
	}
	return s.trouble.get()
}

func (s *source) count(n int) {
	s.read += int64(n)
	if n > 0 && s.progress != nil {
		s.progress(int64(n))
	}
}

// readSome reads until there is data or an error.
func readSome(r io.Reader, p []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.Read(p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
