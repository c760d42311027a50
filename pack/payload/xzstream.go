//go:build !cgo || !liblzma

package payload

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// xzStream joins streams of one block each into a single stream: its header, the
// blocks as they are, and one index of them all (The .xz File Format 1.2.1,
// sections 2.1 and 4). Several streams would not do: SWUpdate reads the first.
type xzStream struct {
	dst    io.Writer
	header []byte // of the first stream; the others have the same
	blocks []byte // the records of the index
	count  uint64
}

const xzStreamFooter = 12 // bytes, as many as the header

var errXZStream = errors.New("internal: the encoder's stream is not of one block")

// Write takes one whole stream.
func (s *xzStream) Write(one []byte) (int, error) {
	block, record, err := onlyBlock(one)
	if err != nil {
		return 0, err
	}
	if s.header == nil {
		s.header = append(s.header, one[:xzStreamHeader]...)
		if _, err := s.dst.Write(s.header); err != nil {
			return 0, err
		}
	}
	s.blocks = append(s.blocks, record...)
	s.count++
	if _, err := s.dst.Write(block); err != nil {
		return 0, err
	}
	return len(one), nil
}

// onlyBlock finds the block of a stream, with its padding and check, and the
// record that the index has of it.
func onlyBlock(stream []byte) (block, record []byte, err error) {
	if len(stream) < xzStreamHeader+xzStreamFooter {
		return nil, nil, errXZStream
	}
	body, footer := stream[xzStreamHeader:len(stream)-xzStreamFooter], stream[len(stream)-xzStreamFooter:]
	size := 4 * (int64(binary.LittleEndian.Uint32(footer[4:])) + 1) // section 2.1.2.2
	if size > int64(len(body)) {
		return nil, nil, errXZStream
	}
	block, index := body[:len(body)-int(size)], body[len(body)-int(size):]
	if index[0] != 0 || index[1] != 1 { // indicator, and number of records
		return nil, nil, errXZStream
	}
	unpadded, n := binary.Uvarint(index[2:])
	_, m := binary.Uvarint(index[2+max(n, 0):])
	if n <= 0 || m <= 0 || (unpadded+3)/4*4 != uint64(len(block)) {
		return nil, nil, errXZStream
	}
	return block, index[2 : 2+n+m], nil
}

// end writes the index and the footer.
func (s *xzStream) end() error {
	index := append(binary.AppendUvarint([]byte{0}, s.count), s.blocks...)
	for len(index)%4 != 0 {
		index = append(index, 0)
	}
	index = binary.LittleEndian.AppendUint32(index, crc32.ChecksumIEEE(index))
	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)) // backward size
	footer = append(footer, s.header[6:8]...)                               // the flags of the stream
	sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(footer))
	end := append(append(append(index, sum...), footer...), "YZ"...)
	_, err := s.dst.Write(end)
	return err
}
