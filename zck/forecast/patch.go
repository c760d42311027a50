package forecast

import (
	"context"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/zck/rdiff"
)

// Patch is an rdiff patch, in bytes.
type Patch struct {
	Packed   int64 `json:"total"`    // what is downloaded: compressed, inside the bundle
	Raw      int64 `json:"raw"`      // the patch itself
	Literals int64 `json:"literals"` // bytes of the new image that the patch holds
	Copied   int64 `json:"copied"`   // bytes of the new image that are read from the old one
}

// PatchSize makes the patch from base to image, compresses it as zstd -3 does, and
// keeps nothing but the sizes. It costs what rdiff.Encode does.
func PatchSize(ctx context.Context, base, image rdiff.Source, jobs int) (*Patch, error) {
	var packed counter
	z, err := zstd.NewWriter(&packed, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	stats, err := rdiff.Encode(ctx, z, base, image, rdiff.EncodeOptions{Jobs: jobs})
	if closed := z.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return &Patch{Packed: int64(packed), Raw: stats.Size, Literals: stats.LiteralBytes, Copied: stats.CopyBytes}, nil
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
