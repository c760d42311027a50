package payload

import (
	"io"

	"github.com/pierrec/lz4/v4"
)

func lz4Codec() codec {
	return codec{
		encoder:  modules("github.com/pierrec/lz4/v4"),
		max:      3,
		standard: 1,
		section:  func(int) int64 { return lz4Block },
		open:     openLZ4,
	}
}

// lz4Effort maps a level of lz4. Its levels 1 and 2 are the same, and 3 is the
// first of high compression. The encoder's own high levels gain next to nothing
// over its first, which is 2 to 3 % larger than lz4 -3 and more from -4 on.
func lz4Effort(level int) lz4.CompressionLevel {
	if level < 3 {
		return lz4.Fast
	}
	return lz4.Level1
}

// lz4Block is compressed by one job; it is the block size of the lz4 program.
const lz4Block = 4 << 20

func openLZ4(w outlet, level int, opt Options) (io.WriteCloser, error) {
	z := lz4.NewWriter(w)
	err := z.Apply(
		lz4.CompressionLevelOption(lz4Effort(level)),
		lz4.BlockSizeOption(lz4Block),
		lz4.ChecksumOption(true),
		lz4.ConcurrencyOption(opt.jobs()),
	)
	if err != nil {
		return nil, err
	}
	return lz4Writer{z}, nil
}

// lz4Writer ends the encoder's goroutine after an error, which its Close may
// leave running. It does not have the encoder's ReadFrom: after an error of the
// source, that one does not wait for the blocks at work (both lz4 v4.1.33).
type lz4Writer struct{ encoder *lz4.Writer }

func (w lz4Writer) Write(p []byte) (int, error) { return w.encoder.Write(p) }

func (w lz4Writer) Close() error {
	err := w.encoder.Close()
	if err != nil {
		w.encoder.Reset(io.Discard)
	}
	return err
}
