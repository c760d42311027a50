package firmware

import (
	"encoding/binary"
	"fmt"
)

// checkStream walks over the chunks of a compressed body without unpacking them
// and returns the number of bytes that they say they hold. The layout of chunks
// is that of the LZMA2 filter in liblzma 5 and in the LZMA SDK:
//
//	00                        end
//	01 or 02, u16             data as it is, 01 with a new dictionary; size-1
//	80-ff, u16, u16[, props]  packed data; size-1, of which bits 16 to 20 are in
//	                          the first byte, packed size-1; props from c0 on
func checkStream(body []byte, limit int64) (int64, error) {
	if err := checkHeader(body); err != nil {
		return 0, err
	}
	var total int64
	for pos := headerSize; ; {
		c, err := readChunk(body, pos)
		if err != nil {
			return 0, err
		}
		if c.isEnd() {
			return total, checkEnd(body, pos+c.length)
		}
		pos += c.length
		if total += c.size; total > limit {
			return 0, fmt.Errorf("compressed body unpacks to more than the %d bytes that are allowed", limit)
		}
	}
}

// checkHeader checks the two bytes in front of the stream.
func checkHeader(body []byte) error {
	if len(body) < headerSize+1 {
		return fmt.Errorf("compressed body of %d bytes, the shortest has %d", len(body), headerSize+1)
	}
	if body[0] > dictCode {
		return fmt.Errorf("compressed body needs a dictionary of code 0x%02x, at most 0x%02x (128 KiB) is allowed", body[0], dictCode)
	}
	return checkProps(body[1], 1)
}

// checkProps checks a byte of LZMA parameters. Values beyond 224 mean nothing,
// and LZMA2 allows lc and lp to be 4 together.
func checkProps(props byte, pos int) error {
	lc, lp := int(props)%9, int(props)/9%5
	if props > 224 || lc+lp > 4 {
		return fmt.Errorf("LZMA parameters 0x%02x at offset %d of the compressed body are not possible in LZMA2", props, pos)
	}
	return nil
}

func checkEnd(body []byte, pos int) error {
	if rest := len(body) - pos; rest > 0 {
		return fmt.Errorf("%d bytes follow the end of the LZMA2 stream at offset %d of the compressed body", rest, pos)
	}
	return nil
}

// chunk is the frame of one LZMA2 chunk.
type chunk struct {
	length int   // in the stream, header included
	size   int64 // unpacked; 0 is the end of the stream
}

func (c chunk) isEnd() bool { return c.size == 0 }

// readChunk reads the frame of the chunk at offset pos.
func readChunk(body []byte, pos int) (chunk, error) {
	rest := body[pos:]
	if len(rest) == 0 {
		return chunk{}, cutOff(pos)
	}
	control := rest[0]
	var c chunk
	switch {
	case control == 0:
		return chunk{length: 1}, nil
	case control >= 0x80:
		return packedChunk(body, pos)
	case control > 2:
		return c, fmt.Errorf("chunk type 0x%02x at offset %d of the compressed body is unknown", control, pos)
	case len(rest) < 3:
		return c, cutOff(pos)
	}
	c.size = int64(binary.BigEndian.Uint16(rest[1:])) + 1
	c.length = 3 + int(c.size)
	if c.length > len(rest) {
		return c, cutOff(pos)
	}
	return c, nil
}

func packedChunk(body []byte, pos int) (chunk, error) {
	rest := body[pos:]
	header := 5
	hasProps := rest[0] >= 0xc0
	if hasProps {
		header++
	}
	if len(rest) < header {
		return chunk{}, cutOff(pos)
	}
	c := chunk{
		size:   int64(rest[0]&0x1f)<<16 + int64(binary.BigEndian.Uint16(rest[1:])) + 1,
		length: header + int(binary.BigEndian.Uint16(rest[3:])) + 1,
	}
	if c.length > len(rest) {
		return c, cutOff(pos)
	}
	if hasProps && rest[5] != body[1] {
		return c, fmt.Errorf("LZMA parameters 0x%02x at offset %d of the compressed body differ from 0x%02x in its header", rest[5], pos+5, body[1])
	}
	return c, nil
}

func cutOff(pos int) error {
	return fmt.Errorf("LZMA2 stream is cut off in the chunk at offset %d of the compressed body", pos)
}
