package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swufile"
)

// DamageError says that a finished bundle is not what its description says, so
// that it must not be signed: no device would install it.
type DamageError struct {
	File     string
	Problems []string // at least one, a line each
}

// Error lists the problems, one a line.
func (e *DamageError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = e.File + ": " + problem
	}
	return strings.Join(lines, "\n")
}

// readFinished reads the .swu at path. Keys, where there are any, must open its
// description.
func readFinished(ctx context.Context, path string, keys *swufile.Keys) (*swufile.File, error) {
	b, err := swufile.Open(ctx, path, swufile.Options{Keys: keys})
	if err != nil {
		return nil, err
	}
	if failed, ok := errors.AsType[*swufile.OpenError](b.Unreadable); ok {
		return nil, fmt.Errorf("%s: %w", path, failed)
	}
	return b, nil
}

// intact wants the archive to be without fault and every payload to be the one
// that the description means.
func intact(b *swufile.File) error {
	problems := slices.Concat(b.Problems, b.Mismatches())
	if _, sealed := errors.AsType[*swufile.SealedError](b.Unreadable); sealed {
		problems = append(problems, b.Unreadable.Error())
	} else if b.Doc == nil {
		problems = append(problems, fmt.Sprintf("sw-description cannot be read: %v", b.Unreadable))
	}
	if len(problems) > 0 {
		return &DamageError{b.Name, problems}
	}
	return nil
}

// rewrite puts the bundle with another signature, nil for none, at out. The
// payloads are copied and, before the file gets its name, read back and compared
// with what was read of them first. It returns the size of the file.
func rewrite(ctx context.Context, b *swufile.File, from *os.File, out string, signature []byte) (int64, error) {
	file, err := atomicfile.Create(out)
	if err != nil {
		return 0, err
	}
	defer file.Discard()
	if err := copyTo(ctx, file, b, from, signature); err != nil {
		return 0, err
	}
	if err := prove(ctx, file, b, signature); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return info.Size(), file.Commit()
}

func copyTo(ctx context.Context, to io.Writer, b *swufile.File, from io.ReaderAt, signature []byte) error {
	w := swu.NewWriter(to)
	if err := writeEntry(ctx, w, swu.Description, b.Description.Data); err != nil {
		return err
	}
	if signature != nil {
		if err := writeEntry(ctx, w, swu.Signature, signature); err != nil {
			return err
		}
	}
	for _, entry := range b.Payloads {
		if err := w.WriteHeader(entry.Header); err != nil {
			return err
		}
		if err := copyAll(ctx, w, io.NewSectionReader(from, entry.Offset, entry.Size)); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return w.Close()
}

// errNotTheSame says that a copy is none: the source has changed under the copy,
// or a disk is broken.
var errNotTheSame = errors.New("is not what was read before: the file has changed meanwhile")

// prove reads the new file and finds the same description and payloads in it.
func prove(ctx context.Context, file *atomicfile.File, b *swufile.File, signature []byte) error {
	copied, err := swufile.Read(ctx, file.Name(), io.NewSectionReader(file, 0, math.MaxInt64), swufile.Options{Raw: true})
	if err != nil {
		return err
	}
	switch {
	case len(copied.Problems) > 0:
		return fmt.Errorf("internal error: the bundle just written: %s", copied.Problems[0])
	case !bytes.Equal(copied.Description.Data, b.Description.Data), !bytes.Equal(storedSignature(copied), signature), len(copied.Payloads) != len(b.Payloads):
		return errNotTheSame
	}
	for i, entry := range copied.Payloads {
		if entry.Header != b.Payloads[i].Header || entry.Stored != b.Payloads[i].Stored {
			return fmt.Errorf("entry %q: %w", b.Payloads[i].Name, errNotTheSame)
		}
	}
	return nil
}
