package diff

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Files compares two files by their paths. See Compare. They are read several times,
// so that pipes are refused.
func Files(ctx context.Context, old, new string, o Options) (*Difference, error) {
	var inputs [2]Input
	for i, path := range []string{old, new} {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		size, err := file.Seek(0, io.SeekEnd) // a block device says its size only so
		if err != nil {
			return nil, fmt.Errorf("%s: it cannot be read several times: %w", path, err)
		}
		inputs[i] = Input{Name: path, ReaderAt: file, Size: size}
	}
	return Compare(ctx, inputs[0], inputs[1], o)
}
