//go:build !cgo || !liblzma

package payload

import (
	"bytes"
	"io"
	"sync"

	"github.com/ulikunitz/xz"
)

func xzCodec() codec {
	return codec{
		encoder: modules("github.com/ulikunitz/xz"),
		beyond:  beyondXZ,
		section: func(int) int64 { return xzSection },
		open: func(w outlet, _ int, opt Options) (io.WriteCloser, error) {
			return newXZWriter(w, xzSection, opt.jobs()), nil
		},
	}
}

// beyondXZ says where there are levels.
func beyondXZ(level int) string {
	if level < 1 || level > 9 {
		return ""
	}
	return "a build with liblzma reaches 1 to 9"
}

// xzSection is compressed by one job into one block, which knows nothing of the
// data before it. Two dictionaries are the least that xz's manual advises: the
// output is 1 % smaller than with one, and 0.6 % larger at most than that of a
// single block (docs/compression.md has sizes and memory).
const xzSection = 16 << 20

// xzSections keeps sections for the next run.
var xzSections sync.Pool

// xzPiece is what is compressed between two looks at the run.
const xzPiece = 256 << 10

// encodeXZ appends a stream of one block. It ends early once failure is not nil,
// as a section takes seconds. There are no levels to choose from: the encoder's
// output has about the size of "xz -0", some 24 % more than "xz -6" makes of
// executables, and its other match finder takes minutes for a few megabytes. A
// larger dictionary gains 4 % at best for four times the memory on the device.
func encodeXZ(dst, src []byte, failure func() error) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	z, err := xz.WriterConfig{
		DictCap:  8 << 20, // as xz -6; what the device must have to decompress
		CheckSum: xz.CRC64,
		Matcher:  0, // the hash table
	}.NewWriter(out)
	for err == nil && len(src) > 0 {
		piece := src[:min(len(src), xzPiece)]
		src = src[len(piece):]
		if err = failure(); err == nil {
			_, err = z.Write(piece)
		}
	}
	if err == nil {
		err = z.Close()
	}
	return out.Bytes(), err
}

// xzWriter writes one stream, of a block for each section.
type xzWriter struct {
	*sections
	stream *xzStream
}

func newXZWriter(w outlet, section, jobs int) *xzWriter {
	stream := &xzStream{dst: w}
	encode := func(dst, src []byte) ([]byte, error) { return encodeXZ(dst, src, w.failure) }
	return &xzWriter{sections: newSections(outlet{stream, w.trouble}, &xzSections, section, Options{Jobs: jobs}, encode), stream: stream}
}

// Close writes the last block, and behind it the index of all.
func (w *xzWriter) Close() error {
	if err := w.sections.Close(); err != nil {
		return err
	}
	if err := w.failure(); err != nil {
		return err
	}
	return w.stream.end()
}
