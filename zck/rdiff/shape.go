package rdiff

import (
	"bufio"
	"fmt"
	"io"
)

// Shape says what a signature is made of.
type Shape struct {
	Magic        Magic
	BlockLength  int   // bytes of a block, of the last one at most
	StrongLength int   // bytes of each strong sum
	Blocks       int64 // as many as the base has
}

// InspectSignature reads a signature to its end, as ReadSignature does, and keeps
// nothing of it.
func InspectSignature(r io.Reader) (Shape, error) {
	r = bufio.NewReader(r)
	s, err := readHeader(r)
	if err != nil {
		return Shape{}, err
	}
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		return Shape{}, err
	}
	stride := int64(s.stride())
	if rest := size % stride; rest != 0 {
		return Shape{}, &FormatError{sigHeader + size - rest, "block", fmt.Sprintf("the signature ends after %d of its %d bytes", rest, stride)}
	}
	return Shape{s.Magic, s.BlockLength, s.StrongLength, size / stride}, nil
}
