package deltafile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/zck"
)

// ReadHeader reads the header of a zchunk file, or a header that is a file by
// itself. What follows it is not looked at.
func ReadHeader(path string) (*zck.Header, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	h, err := zck.ReadHeader(bufio.NewReader(file))
	return h, inFile(path, err)
}

// Installable wants a header that a device can do something with: SWUpdate's handler
// decompresses zstd without a dictionary and compares the SHA-256 of raw chunks.
func Installable(h *zck.Header) error {
	switch {
	case !h.Uncompressed:
		return errors.New("has no uncompressed digests (zck -u): a device finds nothing to reuse and downloads everything")
	case h.ChunkHash != zck.SHA256:
		return fmt.Errorf("has chunks with %s: a device compares SHA-256", h.ChunkHash)
	case h.Compression != zck.Zstd:
		return fmt.Errorf("has compression %s: a device decompresses zstd", h.Compression)
	case h.Dictionary.Size > 0:
		return errors.New("has a dictionary, which a device does not know")
	}
	return nil
}

// CutHeader makes a file of the header of a zchunk file: its first bytes as they
// are, which is what SWUpdate wants in a bundle, or a detached header, which says
// by its id that there is no body. A detached header has the stored dictionary
// behind it, if there is one.
func CutHeader(ctx context.Context, path, out string, detached bool) (*zck.Header, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	h, err := zck.ReadHeader(r)
	if err != nil {
		return nil, inFile(path, err)
	}
	h.Detached = detached
	data, err := h.Marshal()
	if err != nil {
		return nil, inFile(path, err)
	}
	if detached {
		dictionary := make([]byte, h.Dictionary.Stored)
		if _, err := io.ReadFull(r, dictionary); err != nil {
			return nil, inFile(path, fmt.Errorf("dictionary: %w", noEOF(err)))
		}
		data = append(data, dictionary...)
	}
	return h, writeFile(ctx, out, data)
}

// noEOF is for where data must not end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	return data, err
}
