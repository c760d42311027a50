package filemap

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// Compressors, by their numbers in the superblock.
const (
	codecGzip = 1 + iota
	codecLZMA
	codecLZO
	codecXZ
	codecLZ4
	codecZstd
)

func compressorName(codec uint16) string {
	names := [...]string{codecGzip: "gzip", codecLZMA: "lzma", codecLZO: "lzo", codecXZ: "xz", codecLZ4: "lz4", codecZstd: "zstd"}
	if codec == 0 || int(codec) >= len(names) {
		return fmt.Sprintf("compressor %d", codec)
	}
	return names[codec]
}

// unpacker decompresses the blocks of tables.
type unpacker struct {
	// unpack fills dst and returns how many bytes there are. One that does
	// not fit is an error.
	unpack func(dst, src []byte) (int, error)
	close  func()
}

// newUnpacker returns the unpacker of a compressor.
func newUnpacker(codec uint16) (unpacker, error) {
	u := unpacker{close: func() {}}
	switch codec {
	case codecGzip:
		u.unpack = unpackZlib
	case codecXZ:
		u.unpack = unpackXZ
	case codecLZ4:
		u.unpack = func(dst, src []byte) (int, error) { return lz4.UncompressBlock(src, dst) }
	case codecZstd:
		return zstdUnpacker()
	default:
		return u, &UnsupportedError{"squashfs", compressorName(codec)}
	}
	return u, nil
}

func unpackZlib(dst, src []byte) (int, error) {
	r, err := zlib.NewReader(bytes.NewReader(src))
	if err != nil {
		return 0, err
	}
	return readAll(dst, r)
}

// readAll fills dst with all that r has.
func readAll(dst []byte, r io.Reader) (int, error) {
	all, err := io.ReadAll(io.LimitReader(r, int64(len(dst))+1))
	if err == nil && len(all) > len(dst) {
		err = fmt.Errorf("more than %d bytes", len(dst))
	}
	return copy(dst, all), err
}

// zstdUnpacker returns an unpacker with a decoder of its own.
func zstdUnpacker() (unpacker, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		return unpacker{}, err
	}
	unpack := func(dst, src []byte) (int, error) {
		out, err := d.DecodeAll(src, dst[:0:len(dst)])
		return len(out), err
	}
	return unpacker{unpack, d.Close}, nil
}

// maxDictionary is the largest dictionary that a block of a table may ask for;
// mksquashfs sets one of the size of a data block at most.
const maxDictionary = 1 << 20

func unpackXZ(dst, src []byte) (int, error) {
	if err := checkXZ(src); err != nil {
		return 0, err
	}
	r, err := xz.ReaderConfig{DictCap: metaSize, SingleStream: true}.NewReader(bytes.NewReader(src))
	if err != nil {
		return 0, err
	}
	return readAll(dst, r)
}

// checkXZ refuses a dictionary that is too large before memory is taken for it,
// and filters before the compressor is asked for them. The layout is that of
// the .xz file format 1.0.4, section 3.1.
func checkXZ(b []byte) error {
	const header = 12 // of the stream
	if len(b) < header+12 || b[header] == 0 {
		return fmt.Errorf("no block")
	}
	flags := b[header+1]
	rest := b[header+2:]
	for _, size := range []byte{0x40, 0x80} { // compressed, uncompressed
		for flags&size != 0 && len(rest) > 1 && rest[0]&0x80 != 0 {
			rest = rest[1:]
		}
		if flags&size != 0 {
			rest = rest[1:]
		}
	}
	const lzma2 = 0x21
	switch {
	case flags&3 != 0 || len(rest) < 3 || rest[0] != lzma2 || rest[1] != 1:
		return &UnsupportedError{"squashfs", "a filter for machine code (-Xbcj) in tables"}
	case dictionary(rest[2]) > maxDictionary:
		return fmt.Errorf("a dictionary of %d bytes, at most %d are allowed", dictionary(rest[2]), maxDictionary)
	}
	return nil
}

// dictionary is the size that a byte stands for, as in section 5.3.1.
func dictionary(b byte) uint64 {
	return uint64(2|b&1) << (b&0x3F/2 + 11)
}
