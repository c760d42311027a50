package payload

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/pierrec/lz4/v4"
)

// Examined is what decompressing a payload to its end found.
type Examined struct {
	Size     int64 // bytes after decompression
	Members  int   // gzip members; 1 for the others, which clients read as one stream
	Trailing int64 // bytes behind the last gzip member
	Problem  error // why decompression ended early, nil where it did not
}

// CanExamine tells whether [Examine] knows the method. XZ is not among them: the
// reader that there is allocates what a file asks for.
func CanExamine(m Compression) bool {
	return m == Zlib || m == Zstd || m == LZ4
}

// Examine decompresses r to its end and keeps nothing. The error is one of
// reading r; what is wrong with the data is in the result.
func Examine(m Compression, r io.Reader) (Examined, error) {
	source := &watched{r: r}
	var found Examined
	switch m {
	case Zlib:
		found = examineGzip(source)
	case Zstd:
		found = examineZstd(source)
	case LZ4:
		found = drain(lz4.NewReader(source))
	default:
		return Examined{}, fmt.Errorf("payloads compressed with %s cannot be examined", m)
	}
	return found, source.err
}

// watched keeps the error of a source apart from those of a decoder.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// maxUnpacked bounds how far a stream is followed: a few kilobytes can go on for
// days.
const maxUnpacked = 64 << 30

var errEndless = fmt.Errorf("it decompresses to more than %d GiB", maxUnpacked>>30)

// drain reads one stream to its end.
func drain(r io.Reader) Examined {
	n, err := discard(r, maxUnpacked)
	return Examined{Size: n, Members: 1, Problem: err}
}

// discard reads r to its end, which must come within limit bytes.
func discard(r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errEndless
	}
	return n, err
}

func examineZstd(r io.Reader) Examined {
	z, err := NewDecompressor(Zstd, r)
	if err != nil {
		return Examined{Problem: err}
	}
	defer z.Close()
	return drain(z)
}

// examineGzip reads member by member, since a device reads the first one only.
func examineGzip(r io.Reader) Examined {
	source := bufio.NewReader(r) // a ByteReader, so that the decoder takes no byte too many
	var found Examined
	z, err := gzip.NewReader(source)
	for err == nil {
		z.Multistream(false)
		var n int64
		n, err = discard(z, maxUnpacked-found.Size)
		found.Size += n
		found.Members++
		if err != nil || !gzipFollows(source) {
			break
		}
		err = z.Reset(source)
	}
	if found.Problem = err; err == nil {
		found.Trailing, _ = io.Copy(io.Discard, source) // its error is the watched one
	}
	return found
}

func gzipFollows(r *bufio.Reader) bool {
	next, _ := r.Peek(3)
	return Magic(next) == Zlib
}
