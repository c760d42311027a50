package deltafile

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fwpack/fwpack/zck/rdiff"
)

// bufferSize is that of outputs that are written in small pieces.
const bufferSize = 256 << 10

// buffered writes to a file through a buffer.
func buffered(file *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(file, bufferSize)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// Signature makes the signature out of a base, which may be a pipe.
func Signature(ctx context.Context, base, out string, opt rdiff.SignatureOptions) error {
	in, err := os.Open(base)
	if err != nil {
		return err
	}
	defer in.Close()
	size := int64(rdiff.UnknownSize)
	if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	return output(ctx, out, func(file *os.File) error {
		return buffered(file, func(w io.Writer) error {
			return inFile(base, rdiff.WriteSignature(ctx, w, in, size, opt))
		})
	})
}

// Delta makes the patch out that turns base into image: both are at hand, so that
// copies begin and end at any byte.
func Delta(ctx context.Context, base, image, out string, opt rdiff.EncodeOptions) (stats rdiff.Stats, err error) {
	from, err := openSource(base)
	if err != nil {
		return stats, err
	}
	defer from.Close()
	to, err := openSource(image)
	if err != nil {
		return stats, err
	}
	defer to.Close()
	err = output(ctx, out, func(file *os.File) error {
		return buffered(file, func(w io.Writer) error {
			stats, err = rdiff.Encode(ctx, w, from, to, opt)
			return err
		})
	})
	return stats, err
}

// DeltaFromSignature makes the patch that rdiff makes: the base is known by its
// signature only, and whole blocks are copied. The image may be a pipe.
func DeltaFromSignature(ctx context.Context, signature, image, out string) (stats rdiff.Stats, err error) {
	sig, err := readSignature(signature)
	if err != nil {
		return stats, err
	}
	in, err := os.Open(image)
	if err != nil {
		return stats, err
	}
	defer in.Close()
	err = output(ctx, out, func(file *os.File) error {
		return buffered(file, func(w io.Writer) error {
			stats, err = rdiff.DeltaFromSignature(ctx, w, sig, in)
			return err
		})
	})
	return stats, err
}

func readSignature(path string) (*rdiff.Signature, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sig, err := rdiff.ReadSignature(bufio.NewReaderSize(file, bufferSize))
	return sig, inFile(path, err)
}

// PatchOptions say what is demanded of the result of a patch, which says nothing
// about that itself.
type PatchOptions struct {
	SHA256  string // of the result, in hex; "" for any
	MaxSize int64  // of the result in bytes; 0 for any
}

// Patched is the result of a patch.
type Patched struct {
	rdiff.Stats
	SHA256 string // of the result, in hex
}

// Patch makes out of base and patch what the patch was made for, if base is the one
// it was made from: that cannot be told, except by the digest of the result. Where
// that is another one the error is a *MismatchError, and there is no out.
func Patch(ctx context.Context, base, patch, out string, opt PatchOptions) (result Patched, err error) {
	from, err := openSource(base)
	if err != nil {
		return result, err
	}
	defer from.Close()
	in, err := os.Open(patch)
	if err != nil {
		return result, err
	}
	defer in.Close()
	hash := sha256.New()
	err = output(ctx, out, func(file *os.File) error {
		err := buffered(file, func(w io.Writer) error {
			result.Stats, err = rdiff.Patch(ctx, io.MultiWriter(w, hash), from, in, rdiff.PatchOptions{MaxSize: opt.MaxSize})
			return inFile(patch, err)
		})
		if err != nil {
			return err
		}
		result.SHA256 = hex.EncodeToString(hash.Sum(nil))
		return opt.check(out, result.SHA256)
	})
	return result, err
}

func (o PatchOptions) check(out, got string) error {
	if o.SHA256 == "" || strings.EqualFold(o.SHA256, got) {
		return nil
	}
	return &MismatchError{out, fmt.Sprintf("the result has SHA-256 %s, not %s: the patch is for another base", got, strings.ToLower(o.SHA256))}
}
