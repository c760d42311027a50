package deltafile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// MismatchError says that two things that belong together do not, or that a result
// is not the one that was expected.
type MismatchError struct {
	File string
	Msg  string
}

// Error formats e as "file: message".
func (e *MismatchError) Error() string { return e.File + ": " + e.Msg }

// Damaged tells whether an error says that a file is not what it should be, rather
// than that something could not be done.
func Damaged(err error) bool {
	var mismatch *MismatchError
	var zchunk *zck.FormatError
	var patch *rdiff.FormatError
	return errors.As(err, &mismatch) || errors.As(err, &zchunk) || errors.As(err, &patch)
}

// Unpack makes the image out of a zchunk file. Every digest is checked before the
// image gets its name. An error of type *zck.FormatError says that the file is
// damaged.
func Unpack(ctx context.Context, path, out string, jobs int) (h *zck.Header, err error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	err = output(ctx, out, func(file *os.File) error {
		h, err = zck.Unpack(ctx, file, in, jobs)
		return inFile(path, err)
	})
	return h, err
}

// Verify checks a zchunk file, and that header is the file of its header, cut or
// detached; "" stands for none. An error of type *zck.FormatError or
// *MismatchError says that something is wrong with a file.
func Verify(ctx context.Context, path, header string, jobs int) (*zck.Header, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	h, err := zck.Verify(ctx, in, jobs)
	if err != nil || header == "" {
		return h, inFile(path, err)
	}
	return h, sameHeader(path, h, header)
}

// sameHeader compares the header of a file with the one in another file.
func sameHeader(path string, h *zck.Header, header string) error {
	other, err := ReadHeader(header)
	if err != nil {
		return err
	}
	other.Detached = false
	want, err := other.Marshal()
	if err != nil {
		return inFile(header, err)
	}
	got, err := h.Marshal()
	if err != nil {
		return inFile(path, err)
	}
	if !bytes.Equal(got, want) {
		return &MismatchError{header, fmt.Sprintf("is not the header of %s: its digest is %s, that of the file %s", path, other.Digest(), h.Digest())}
	}
	return nil
}
