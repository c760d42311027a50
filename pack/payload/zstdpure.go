//go:build !cgo || !libzstd

package payload

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

func zstdCodec() codec {
	return codec{
		encoder:  modules("github.com/klauspost/compress"),
		max:      9,
		standard: 3,
		beyond:   beyondZstd,
		section:  func(int) int64 { return zstdSection },
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

// openZstd compresses sections into frames of their own, which SWUpdate reads as
// one stream. The encoder's own way to use several processors (version 1.20.3)
// makes one frame, but leaves buffers to the garbage collector: with a 2 MiB
// window it takes half as much memory again.
func openZstd(w outlet, level, jobs int) (io.WriteCloser, error) {
	effort, ok := zstdEffort(level)
	if !ok {
		return nil, fmt.Errorf("internal: no effort for level %d", level)
	}
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(effort),
		zstd.WithWindowSize(zstdSection),
		zstd.WithEncoderConcurrency(jobs),
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(true),
		zstd.WithZeroFrames(true), // an empty payload is a frame too
	)
	if err != nil {
		return nil, err
	}
	encode := func(dst, src []byte) ([]byte, error) { return encoder.EncodeAll(src, dst), nil }
	return newSections(w, zstdSection, jobs, encode), nil
}
