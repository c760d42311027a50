package payload

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

func zstdCodec() codec {
	return codec{
		modules:  []string{"github.com/klauspost/compress"},
		max:      9,
		standard: 3,
		open:     openZstd,
	}
}

// zstdSetting is what the encoder is told for a level.
type zstdSetting struct {
	effort zstd.EncoderLevel
	window int // bytes; a job holds four windows, so this is what memory follows
}

// zstdSettings maps a level to the cheapest setting whose output is not more
// than 2 % larger than that of zstd 1.5.4 at that level, on each of the images
// in docs/compression.md. Nothing here comes near level 10 and above.
func zstdSettings(level int) (zstdSetting, bool) {
	switch level {
	case 1:
		return zstdSetting{zstd.SpeedFastest, 2 << 20}, true
	case 2, 3:
		return zstdSetting{zstd.SpeedDefault, 2 << 20}, true
	case 4:
		return zstdSetting{zstd.SpeedBetterCompression, 2 << 20}, true
	case 5:
		return zstdSetting{zstd.SpeedBetterCompression, 4 << 20}, true
	case 6, 7, 8:
		return zstdSetting{zstd.SpeedBestCompression, 2 << 20}, true
	case 9:
		return zstdSetting{zstd.SpeedBestCompression, 4 << 20}, true
	}
	return zstdSetting{}, false
}

// openZstd compresses large sections at the same time. The encoder cuts them
// in other places, or not at all, where there is only one job, hence two always:
// the bytes are the same for any number from two up.
func openZstd(w io.Writer, level, jobs int) (io.WriteCloser, error) {
	set, ok := zstdSettings(level)
	if !ok {
		return nil, fmt.Errorf("internal: no setting for level %d", level)
	}
	return zstd.NewWriter(w,
		zstd.WithEncoderLevel(set.effort),
		zstd.WithWindowSize(set.window),
		zstd.WithConcurrentBlocks(true),
		zstd.WithEncoderConcurrency(max(jobs, 2)),
		zstd.WithEncoderCRC(true),
		zstd.WithZeroFrames(true), // an empty payload is a frame too
	)
}
