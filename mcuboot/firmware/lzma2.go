package firmware

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// The parameters of imgtool 2.4, which MCUboot's unpackers are built for. The
// dictionary is what they need in RAM.
const (
	dictSize = 128 << 10
	lc       = 3
	lp       = 1
	pb       = 2
)

// The two bytes in front of the stream.
const (
	headerSize = 2
	dictCode   = 0x0a // 128 KiB as in the LZMA2 filter flags of .xz
	propsByte  = (pb*5+lp)*9 + lc
)

// Compress packs the body of an image into raw LZMA2 behind MCUboot's two-byte
// header, with armThumb through the ARM-Thumb branch filter first. The same body
// gives the same bytes. They are not those of imgtool, whose encoder is
// liblzma, but unpack to the same: Compress has tried that when it returns. It
// may return more than it got; imgtool then keeps the body uncompressed.
func Compress(body []byte, armThumb bool) ([]byte, error) {
	plain := body
	if armThumb {
		plain = bytes.Clone(body)
		absoluteCalls(plain)
	}
	out := bytes.NewBuffer([]byte{dictCode, propsByte})
	if err := encode(out, plain); err != nil {
		return nil, fmt.Errorf("packing %d bytes as LZMA2: %v", len(body), err)
	}
	packed := out.Bytes()
	back, err := Decompress(packed, armThumb, max(int64(len(body)), 1))
	if err != nil {
		return nil, fmt.Errorf("packing %d bytes as LZMA2: %v", len(body), err)
	}
	if !bytes.Equal(back, body) {
		return nil, fmt.Errorf("packing %d bytes as LZMA2: internal error: they unpack to something else", len(body))
	}
	return packed, nil
}

func encode(w io.Writer, plain []byte) error {
	config := lzma.Writer2Config{
		Properties: &lzma.Properties{LC: lc, LP: lp, PB: pb},
		DictCap:    dictSize,
	}
	enc, err := config.NewWriter2(w)
	if err != nil {
		return err
	}
	if _, err := enc.Write(plain); err != nil {
		return err
	}
	return enc.Close()
}

// Decompress unpacks what Compress or imgtool packed: the compressed body of an
// image, decrypted, without the padding of an encrypted one (its size is in the
// TLV COMP_DEC_SIZE). A body that says it unpacks to more than limit bytes (0 or
// less: DefaultLimit) is refused before anything is unpacked; the TLV
// DECOMP_SIZE holds the size to expect. Refused are also a dictionary of more
// than 128 KiB, chunks with other parameters than the header, a stream that is
// cut off or damaged, and anything behind its end.
func Decompress(body []byte, armThumb bool, limit int64) ([]byte, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	size, err := checkStream(body, limit)
	if err != nil {
		return nil, err
	}
	plain, err := decode(body[headerSize:], dictOf(body[0]), size)
	if err != nil {
		return nil, fmt.Errorf("damaged LZMA2 stream: %v", err)
	}
	if armThumb {
		relativeCalls(plain)
	}
	return plain, nil
}

// dictOf is the size of the dictionary with the given code: 2 or 3 times a power
// of two (The .xz File Format 1.1.0, section 5.3.1).
func dictOf(code byte) int {
	return int(2|code&1) << (code/2 + 11)
}

// decode unpacks a stream of which checkStream says that it holds size bytes.
func decode(stream []byte, dict int, size int64) ([]byte, error) {
	src := bytes.NewReader(stream)
	dec, err := lzma.Reader2Config{DictCap: dict}.NewReader2(src)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	// One byte more shows a chunk that holds more than it says.
	n, err := io.Copy(&out, io.LimitReader(dec, size+1))
	switch {
	case err != nil:
		return nil, err
	case n != size:
		return nil, fmt.Errorf("chunks hold %d bytes and say %d", n, size)
	case !dec.EOS() || src.Len() != 0:
		return nil, errors.New("chunks are longer than they say")
	}
	return out.Bytes(), nil
}
