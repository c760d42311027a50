package payload

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ulikunitz/xz"
)

// maxXZDictionary is the largest dictionary that is allocated, in bytes: that of
// "xz -9". A file may ask for 4 GiB, and the library allocates what it asks for.
const maxXZDictionary = 64 << 20

// newXZReader reads .xz as the library does, but no block that wants too much
// memory.
func newXZReader(r io.Reader) (io.Reader, error) {
	return xz.ReaderConfig{SingleStream: true}.NewReader(&xzGuard{src: r})
}

// xzGuard passes .xz on and looks at each block's header before it does (The .xz
// File Format 1.2.1, sections 2.1 and 3.1; LZMA2 chunks as in xz 5.4,
// lzma2_decoder.c). What it does not understand it passes on: the library refuses
// that.
type xzGuard struct {
	src     io.Reader
	pending []byte // read and looked at, not yet passed on
	state   func(*xzGuard) error
	check   int // length of the check behind a block, in bytes
	size    int // of the block that is being read, without its header
	err     error
}

func (g *xzGuard) Read(p []byte) (int, error) {
	for len(g.pending) == 0 && g.err == nil {
		if g.state == nil {
			g.state = (*xzGuard).streamHeader
		}
		g.err = g.state(g)
	}
	if len(g.pending) == 0 {
		return 0, g.err
	}
	n := copy(p, g.pending)
	g.pending = g.pending[n:]
	return n, nil
}

// take reads n bytes more, which are passed on.
func (g *xzGuard) take(n int) ([]byte, error) {
	start := len(g.pending)
	g.pending = append(g.pending, make([]byte, n)...)
	read, err := io.ReadFull(g.src, g.pending[start:])
	g.pending = g.pending[:start+read]
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return g.pending[start:], err
}

const xzStreamHeader = 12

func (g *xzGuard) streamHeader() error {
	header, err := g.take(xzStreamHeader)
	if err != nil {
		return err
	}
	g.check = checkSize(header[7])
	g.state = (*xzGuard).blockHeader
	return nil
}

// checkSize is the length of the check that the second byte of the stream flags
// names (section 2.1.1.2).
func checkSize(flags byte) int {
	kind := int(flags & 0x0f)
	if kind == 0 {
		return 0
	}
	return 4 << ((kind - 1) / 3)
}

// blockHeader reads the header of a block; the index, which may stand there
// instead, and all behind it need no guard.
func (g *xzGuard) blockHeader() error {
	size, err := g.take(1)
	if err != nil {
		return err
	}
	if size[0] == 0 {
		g.state = (*xzGuard).rest
		return nil
	}
	header, err := g.take(4*(int(size[0])+1) - 1)
	if err != nil {
		return err
	}
	if dictionary, ok := xzDictionary(header); ok && dictionary > maxXZDictionary {
		g.pending = nil // the library must not see what it would act on
		return fmt.Errorf("xz: dictionary of %d MiB: at most %d MiB are read here", dictionary>>20, maxXZDictionary>>20)
	}
	g.size, g.state = 0, (*xzGuard).chunk
	return nil
}

// xzDictionary finds the size of the LZMA2 dictionary in a block header without
// its first byte.
func xzDictionary(header []byte) (int64, bool) {
	flags, fields := header[0], header[1:]
	for range int(flags>>6&1) + int(flags>>7) { // the sizes of the block
		_, n := binary.Uvarint(fields)
		if n <= 0 {
			return 0, false
		}
		fields = fields[n:]
	}
	for range int(flags&3) + 1 {
		id, n := binary.Uvarint(fields)
		if n <= 0 {
			return 0, false
		}
		size, m := binary.Uvarint(fields[n:])
		if m <= 0 || size > uint64(len(fields)-n-m) {
			return 0, false
		}
		properties := fields[n+m : n+m+int(size)]
		if id == 0x21 && size == 1 {
			return dictionarySize(properties[0]), true
		}
		fields = fields[n+m+int(size):]
	}
	return 0, false
}

// dictionarySize decodes the one byte of LZMA2's properties: 40 is 4 GiB - 1.
func dictionarySize(code byte) int64 {
	if code >= 40 {
		return 1<<32 - 1
	}
	return int64(2|code&1) << (code/2 + 11)
}

// chunk passes one LZMA2 chunk on.
func (g *xzGuard) chunk() error {
	control, err := g.take(1)
	if err != nil {
		return err
	}
	head, size := 0, 0
	switch c := control[0]; {
	case c == 0: // the end of the block's data; its padding and check follow
		g.state = (*xzGuard).blockEnd
		g.size++
		return nil
	case c >= 0xc0:
		head = 5
	case c >= 0x80:
		head = 4
	case c <= 2:
		head = 2
	default:
		return errors.New("xz: not an LZMA2 chunk")
	}
	fields, err := g.take(head)
	if err != nil {
		return err
	}
	size = int(binary.BigEndian.Uint16(fields[max(0, min(head, 4)-2):])) + 1
	g.size += 1 + head + size
	_, err = g.take(size)
	return err
}

// blockEnd passes on what fills a block up to a multiple of 4, and its check.
func (g *xzGuard) blockEnd() error {
	g.state = (*xzGuard).blockHeader
	_, err := g.take((4-g.size%4)%4 + g.check)
	return err
}

// rest passes everything on.
func (g *xzGuard) rest() error {
	const block = 4 << 10
	_, err := g.take(block)
	return err
}
