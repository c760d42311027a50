package zck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// spool keeps what has been made until the header, which comes first, can be
// written: the body, and the entries of the index. In a file they take turns.
type spool struct {
	file  io.ReadWriteSeeker // nil: all is in memory
	body  bytes.Buffer       // where there is no file
	index []byte             // entries that are not in the file
	turns []turn             // of the file
	tail  int64              // bytes of the body behind the last turn
}

// turn is a piece of the body in the file, and the entries behind it. Sizes are
// in bytes.
type turn struct{ body, index int64 }

// indexPiece is how many bytes of entries go to the file at a time. They stand
// for some 20 MiB of image.
const indexPiece = 32 << 10

// Write adds to the body.
func (s *spool) Write(p []byte) (n int, err error) {
	if s.file == nil {
		return s.body.Write(p)
	}
	n, err = s.file.Write(p)
	s.tail += int64(n)
	return n, err
}

// keep adds entries for chunks of h.
func (s *spool) keep(h *Header, chunks []Chunk) error {
	for i := range chunks {
		if err := h.checkChunk(&chunks[i]); err != nil {
			return fmt.Errorf("zck: header: %w", err)
		}
		s.index = h.appendEntry(s.index, &chunks[i])
	}
	if s.file == nil || len(s.index) < indexPiece {
		return nil
	}
	if _, err := s.file.Write(s.index); err != nil {
		return fmt.Errorf("zck: index: %w", err)
	}
	s.turns = append(s.turns, turn{s.tail, int64(len(s.index))})
	s.index, s.tail = s.index[:0], 0
	return nil
}

// writeIndex writes the entries.
func (s *spool) writeIndex(dst io.Writer) error {
	at := int64(0)
	for _, t := range s.turns {
		if _, err := s.file.Seek(at+t.body, io.SeekStart); err != nil {
			return err
		}
		if err := copyExactly(dst, s.file, t.index); err != nil {
			return err
		}
		at += t.body + t.index
	}
	_, err := dst.Write(s.index)
	return err
}

// writeBody writes the body.
func (s *spool) writeBody(ctx context.Context, dst io.Writer) error {
	if s.file == nil {
		_, err := s.body.WriteTo(dst)
		return err
	}
	at := int64(0)
	for _, t := range append(s.turns, turn{body: s.tail}) {
		if _, err := s.file.Seek(at, io.SeekStart); err != nil {
			return err
		}
		if err := copyBody(ctx, dst, s.file, t.body); err != nil {
			return err
		}
		at += t.body + t.index
	}
	return nil
}

// copyPiece is how much is copied before a look at the context. Between files
// the system copies by itself.
const copyPiece = 64 << 20

// copyBody copies size bytes.
func copyBody(ctx context.Context, dst io.Writer, src io.Reader, size int64) error {
	for size > 0 {
		n := min(size, copyPiece)
		if err := errors.Join(copyExactly(dst, src, n), context.Cause(ctx)); err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// copyExactly copies n bytes, or fails.
func copyExactly(dst io.Writer, src io.Reader, n int64) error {
	_, err := io.CopyN(dst, src, n)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
