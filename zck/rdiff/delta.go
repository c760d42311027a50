package rdiff

import (
	"context"
	"io"
)

// scanBuffer is what DeltaFromSignature reads ahead.
const scanBuffer = 256 << 10

// askEvery is how many places may be looked at without asking the context.
const askEvery = 256

// DeltaFromSignature writes a delta that makes the content of image from the
// base that sig is the signature of: the bytes that `rdiff delta` 2.3.2 writes.
// It copies whole blocks only, and believes in their sums; where the base
// itself is at hand Encode is the better choice.
//
// A match costs a strong sum, and so does every place of the image that has a
// block's weak sum but not its strong one. A signature made up for the image can
// abound with those; ctx ends the work then as well.
//
// Memory: sig, 16 to 32 bytes for each of its blocks, and about three times its
// block length.
func DeltaFromSignature(ctx context.Context, dst io.Writer, sig *Signature, image io.Reader) (Stats, error) {
	limit := maxLiteral
	if sig.Blocks() == 0 {
		limit = sig.BlockLength // librsync's way, which only shows in the bytes
	}
	s := &blockScanner{
		image: image,
		table: newBlockTable(sig),
		block: sig.BlockLength,
		buf:   make([]byte, 0, scanBuffer),
		weak:  newWeakSum(sig.Magic),
		out:   newEmitter(dst, limit),
	}
	if err := s.scan(ctx); err != nil {
		return s.out.stats, err
	}
	return s.out.close()
}

// blockScanner looks for blocks of a signature in an image.
type blockScanner struct {
	image io.Reader
	table *blockTable
	block int
	buf   []byte // bytes of the image, those before literal are done with
	eof   bool   // the image's end is in buf

	literal, pos int // bytes between them match nothing; pos is looked at next
	weak         weakSum
	out          *emitter
}

// scan goes through the image.
func (s *blockScanner) scan(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.fill(); err != nil {
			return err
		}
		if err := s.scanBuffer(ctx); err != nil {
			return err
		}
		if err := s.flush(); err != nil || s.eof {
			return err
		}
	}
}

// fill drops what is done with and reads until the buffer is full, which
// grows while it has no room for a block and as much again.
func (s *blockScanner) fill() error {
	s.buf = append(s.buf[:0], s.buf[s.pos:]...)
	s.pos, s.literal = 0, 0
	for !s.eof {
		if len(s.buf) == cap(s.buf) {
			if len(s.buf) >= 2*s.block {
				return nil
			}
			s.buf = append(s.buf, 0)[:len(s.buf)]
		}
		n, err := s.image.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// scanBuffer looks at every place of the buffer that a whole block and one byte
// follow, at the end of the image at every place.
func (s *blockScanner) scanBuffer(ctx context.Context) error {
	for s.pos+s.block < len(s.buf) || s.eof && s.pos < len(s.buf) {
		if s.pos%askEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		i := s.findBlock()
		if i < 0 {
			s.roll()
			continue
		}
		if err := s.flush(); err != nil {
			return err
		}
		if err := s.out.addCopy(int64(i)*int64(s.block), int64(s.weak.n)); err != nil {
			return err
		}
		s.pos += int(s.weak.n)
		s.literal = s.pos
		s.weak.reset()
	}
	return nil
}

// findBlock returns the block that stands at pos, or -1. The window of the weak
// sum is a block long, or what is left of the image.
func (s *blockScanner) findBlock() int {
	if s.weak.n == 0 {
		s.weak.update(s.buf[s.pos:min(s.pos+s.block, len(s.buf))])
	}
	return s.table.find(s.weak.digest(), s.buf[s.pos:s.pos+int(s.weak.n)])
}

// roll moves the window by a byte, which becomes a literal.
func (s *blockScanner) roll() {
	if end := s.pos + s.block; end < len(s.buf) {
		s.weak.rotate(s.buf[s.pos], s.buf[end])
	} else {
		s.weak.rollout(s.buf[s.pos])
	}
	s.pos++
}

// flush writes the literal before pos.
func (s *blockScanner) flush() error {
	if s.literal == s.pos {
		return nil
	}
	p := s.buf[s.literal:s.pos]
	s.literal = s.pos
	return s.out.addLiteral(p)
}
