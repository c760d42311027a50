package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template/swdesc"
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

// intact wants the archive to be without fault and every payload to be the one
// that the description means.
func (b *bundleFile) intact(path string) error {
	problems := b.archive.Problems
	switch {
	case b.doc != nil:
		problems = append(problems, b.mismatches()...)
	case b.open == nil && isEncrypted(b.stored):
		problems = append(problems, b.unreadable())
	default:
		problems = append(problems, fmt.Sprintf("sw-description cannot be read: %v", b.syntax))
	}
	if len(problems) > 0 {
		return &DamageError{path, problems}
	}
	return nil
}

// unreadable says why a description that is no text cannot be read.
func (b *bundleFile) unreadable() string {
	sealed := sealedFor(b.stored)
	switch {
	case sealed == nil:
		return "the description is not text: it may be encrypted, and the key is not given"
	case len(sealed.Recipients) == 1:
		return "the description is encrypted for " + sealed.Recipients[0]
	}
	return fmt.Sprintf("the description is encrypted for %d recipients", len(sealed.Recipients))
}

// mismatches are payloads other than described, or not there.
func (b *bundleFile) mismatches() []string {
	entries := map[string]storedEntry{}
	for _, entry := range b.payloads {
		entries[entry.Name] = entry
	}
	var problems []string
	for group, filename := range payloadGroups(b.doc) {
		name, ok := filename.Value().(*swdesc.String)
		if !ok {
			continue
		}
		entry, there := entries[name.Value()]
		want := describedBy(group).sha256
		switch {
		case !there:
			problems = append(problems, fmt.Sprintf("%s: the description names it, but it is not in the bundle", name.Value()))
		case want != "" && !strings.EqualFold(want, entry.sha256):
			problems = append(problems, fmt.Sprintf("%s: sha256 is %s, but the description says %s", name.Value(), entry.sha256, want))
		}
	}
	return problems
}

// rewrite puts the bundle with another signature, nil for none, at out. The
// payloads are copied and, before the file gets its name, read back and compared
// with what was read of them first. It returns the size of the file.
func (b *bundleFile) rewrite(ctx context.Context, from *os.File, out string, signature []byte) (int64, error) {
	file, err := atomicfile.Create(out)
	if err != nil {
		return 0, err
	}
	defer file.Discard()
	if err := b.copyTo(ctx, file, from, signature); err != nil {
		return 0, err
	}
	if err := b.prove(ctx, file, signature); err != nil {
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

func (b *bundleFile) copyTo(ctx context.Context, to io.Writer, from io.ReaderAt, signature []byte) error {
	w := swu.NewWriter(to)
	if err := writeEntry(ctx, w, swu.Description, b.stored); err != nil {
		return err
	}
	if signature != nil {
		if err := writeEntry(ctx, w, swu.Signature, signature); err != nil {
			return err
		}
	}
	for _, entry := range b.payloads {
		if err := w.WriteHeader(entry.Header); err != nil {
			return err
		}
		if err := copyAll(ctx, w, io.NewSectionReader(from, entry.data, entry.Size)); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return w.Close()
}

// errNotTheSame says that a copy is none: the source has changed under the copy,
// or a disk is broken.
var errNotTheSame = errors.New("is not what was read before: the file has changed meanwhile")

// prove reads the new file and finds the same description and payloads in it.
func (b *bundleFile) prove(ctx context.Context, file *atomicfile.File, signature []byte) error {
	copied := &bundleFile{hashOnly: true}
	if err := copied.readAll(ctx, io.NewSectionReader(file, 0, math.MaxInt64)); err != nil {
		return err
	}
	switch {
	case len(copied.archive.Problems) > 0:
		return fmt.Errorf("internal error: the bundle just written: %s", copied.archive.Problems[0])
	case !bytes.Equal(copied.stored, b.stored), !bytes.Equal(copied.signature, signature), len(copied.payloads) != len(b.payloads):
		return errNotTheSame
	}
	for i, entry := range copied.payloads {
		if entry.Header != b.payloads[i].Header || entry.sha256 != b.payloads[i].sha256 {
			return fmt.Errorf("entry %q: %w", b.payloads[i].Name, errNotTheSame)
		}
	}
	return nil
}
