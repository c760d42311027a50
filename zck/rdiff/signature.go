package rdiff

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	sigHeader  = 12 // magic, block length, strong length
	weakLength = 4
	// maxSums bounds a signature in memory, and keeps its size an int
	// everywhere.
	maxSums = 1 << 30
)

// Signature is a signature in memory. Its blocks are numbered from 0.
type Signature struct {
	Magic        Magic
	BlockLength  int // bytes of a block, of the last one at most
	StrongLength int // bytes of each strong sum

	sums []byte // per block: weak sum, strong sum
}

// Blocks returns the number of blocks.
func (s *Signature) Blocks() int {
	return len(s.sums) / s.stride()
}

// Block returns the weak sum of block i and its strong sum, which must not be
// changed.
func (s *Signature) Block(i int) (weak uint32, strong []byte) {
	p := s.block(i)
	return binary.BigEndian.Uint32(p), p[weakLength:]
}

// block returns both sums of block i as they are in the file.
func (s *Signature) block(i int) []byte {
	return s.sums[i*s.stride():][:s.stride():s.stride()]
}

// stride is what a block takes in bytes.
func (s *Signature) stride() int {
	return weakLength + s.StrongLength
}

// header returns the first bytes of a signature made with resolved options.
func (o SignatureOptions) header() []byte {
	p := binary.BigEndian.AppendUint32(nil, uint32(o.Magic))
	p = binary.BigEndian.AppendUint32(p, uint32(o.BlockLength))
	return binary.BigEndian.AppendUint32(p, uint32(o.StrongLength))
}

// ReadSignature reads a signature, which is the rest of r. It takes all four
// magics, block lengths up to MaxBlockLength and sums of up to 1 GiB in all.
// Errors are of type *FormatError, or those of r.
func ReadSignature(r io.Reader) (*Signature, error) {
	r = bufio.NewReader(r)
	s, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	s.sums, err = io.ReadAll(io.LimitReader(r, maxSums+1))
	if err != nil {
		return nil, err
	}
	if len(s.sums) > maxSums {
		return nil, &FormatError{sigHeader + maxSums, "block", fmt.Sprintf("more than %d bytes of sums", maxSums)}
	}
	if rest := len(s.sums) % s.stride(); rest != 0 {
		end := sigHeader + int64(len(s.sums))
		return nil, &FormatError{end - int64(rest), "block", fmt.Sprintf("the signature ends after %d of its %d bytes", rest, s.stride())}
	}
	return s, nil
}

// readHeader reads what stands before the blocks.
func readHeader(r io.Reader) (*Signature, error) {
	var p [sigHeader]byte
	n, err := io.ReadFull(r, p[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, &FormatError{int64(n), "header", fmt.Sprintf("the signature ends here; its header takes %d bytes", sigHeader)}
	}
	if err != nil {
		return nil, err
	}
	magic := Magic(binary.BigEndian.Uint32(p[0:]))
	block := binary.BigEndian.Uint32(p[4:])
	strong := binary.BigEndian.Uint32(p[8:])
	switch limit := magic.MaxStrong(); {
	case limit == 0:
		return nil, &FormatError{0, "magic", fmt.Sprintf("%#08x; a signature begins with 0x72730136, 37, 46 or 47", uint32(magic))}
	case block == 0 || block > MaxBlockLength:
		return nil, &FormatError{4, "block length", fmt.Sprintf("%d; 1 to %d is allowed", block, MaxBlockLength)}
	case strong == 0 || strong > uint32(limit):
		return nil, &FormatError{8, "strong length", fmt.Sprintf("%d; 1 to %d is allowed for %s", strong, limit, magic)}
	}
	return &Signature{Magic: magic, BlockLength: int(block), StrongLength: int(strong)}, nil
}
