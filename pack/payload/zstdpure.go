//go:build !cgo || !libzstd

package payload

import (
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress"
	"github.com/klauspost/compress/zstd"
)

func zstdCodec() codec {
	return codec{
		encoder:  modules("github.com/klauspost/compress"),
		max:      9,
		standard: 3,
		beyond:   beyondZstd,
		section:  func(int) int64 { return zstdSection },
		alone:    true,
		open:     openZstd,
	}
}

// beyondZstd says where a level is reached that is not reached here.
func beyondZstd(level int) string {
	switch {
	case level > maxZstdLevel:
		return zstdTooWide
	case level > 0:
		return fmt.Sprintf("a build with libzstd reaches 1 to %d", maxZstdLevel)
	}
	return ""
}

// zstdSection is compressed by one job into one frame, whose window is all of
// it. Larger sections would be smaller by some tenths of a percent and take
// that much more memory, on the device too; 8 MiB (log 23) is what zstd 1.5 and
// every decoder's default limit allow for (RFC 8878 section 3.1.1.1.2).
const zstdSection = 8 << 20

// zstdEffort maps a level to the fastest effort whose output is not more than
// 2 % larger than that of zstd 1.5.4 at that level, on each of the images in
// docs/compression.md. Nothing here comes near level 10 and above.
func zstdEffort(level int) (effort zstd.EncoderLevel, ok bool) {
	switch level {
	case 1:
		return zstd.SpeedFastest, true
	case 2, 3:
		return zstd.SpeedDefault, true
	case 4, 5:
		return zstd.SpeedBetterCompression, true
	case 6, 7, 8, 9:
		return zstd.SpeedBestCompression, true
	}
	return 0, false
}

// zstdSections and zstdEncoders, these by their effort, are kept for the next run:
// both are megabytes, which the system takes as long to give as an encoder to fill.
var (
	zstdSections sync.Pool
	zstdEncoders [zstd.SpeedBestCompression + 1]sync.Pool
)

// openZstd compresses sections into frames of their own, which SWUpdate reads as
// one stream. The encoder's own way to use several processors (version 1.20.3)
// makes one frame, but leaves buffers to the garbage collector: with a 2 MiB
// window it takes half as much memory again.
func openZstd(w outlet, level int, opt Options) (io.WriteCloser, error) {
	effort, ok := zstdEffort(level)
	if !ok {
		return nil, fmt.Errorf("internal: no effort for level %d", level)
	}
	z := &zstdWriter{effort: effort, idle: make(chan *zstd.Encoder, opt.jobs())}
	z.sections = newSections(w, &zstdSections, zstdSection, opt, z.encode)
	return z, nil
}

// zstdWriter keeps an encoder for each job until it is closed: what is in a pool
// is lost to the garbage collector, which is busy near the limit of memory.
type zstdWriter struct {
	*sections
	effort zstd.EncoderLevel
	idle   chan *zstd.Encoder // that no job is using
}

func (z *zstdWriter) encode(dst, src []byte) ([]byte, error) {
	encoder, err := z.take()
	if err != nil {
		return nil, err
	}
	dst = encodeZstd(encoder, dst, src)
	z.idle <- encoder
	return dst, nil
}

func (z *zstdWriter) take() (*zstd.Encoder, error) {
	select {
	case encoder := <-z.idle:
		return encoder, nil
	default:
		return takeZstd(z.effort)
	}
}

// Close leaves the encoders to the next run.
func (z *zstdWriter) Close() error {
	err := z.sections.Close()
	for len(z.idle) > 0 {
		zstdEncoders[z.effort].Put(<-z.idle)
	}
	return err
}

// encodeZstd appends a frame.
func encodeZstd(encoder *zstd.Encoder, dst, src []byte) []byte {
	if room := frameRoom(encoder, src); cap(dst)-len(dst) < room {
		dst = append(make([]byte, 0, len(dst)+room), dst...)
	}
	return encoder.EncodeAll(src, dst)
}

// frameRoom is about how long the frame of src is going to be. The encoder makes
// room bit by bit where there is none, which for a section that is compressed already
// takes longer than all the rest; and as much room as a frame can need for every
// section takes memory that firmware needs half of.
func frameRoom(encoder *zstd.Encoder, src []byte) int {
	most := encoder.MaxEncodedSize(len(src))
	if compressible(src) {
		return most / 8 * 5
	}
	return most
}

const (
	// samples of sampleSize are looked at: a twentieth of a millisecond in all.
	samples    = 16
	sampleSize = 2 << 10
	// squashed is more than compress.Estimate says on average of any section of a
	// squashfs (0.10 at most) and less than of any of an ext4 with programs in it (0.16
	// at least). A wrong guess costs some milliseconds.
	squashed = 0.13
)

// compressible tells whether src looks as if it could become smaller.
func compressible(src []byte) bool {
	step := max(len(src)/samples, sampleSize)
	var sum float64
	n := 0
	for ; len(src) > 0; n++ {
		sum += compress.Estimate(src[:min(len(src), sampleSize)])
		src = src[min(len(src), step):]
	}
	return sum > squashed*float64(n)
}

func takeZstd(effort zstd.EncoderLevel) (*zstd.Encoder, error) {
	if encoder, ok := zstdEncoders[effort].Get().(*zstd.Encoder); ok {
		return encoder, nil
	}
	return zstd.NewWriter(nil,
		zstd.WithEncoderLevel(effort),
		zstd.WithWindowSize(zstdSection),
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(true),
		zstd.WithZeroFrames(true), // an empty payload is a frame too
	)
}
