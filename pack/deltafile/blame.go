package deltafile

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/fwpack/fwpack/zck/filemap"
	"github.com/fwpack/fwpack/zck/forecast"
)

// fileMap returns what lies where in the image of a release. An image that cannot
// be read so is no error: it gets a note, and the forecast is made without.
func (j *forecasting) fileMap(ctx context.Context, r *Release) (m *filemap.Map, note string, err error) {
	if !r.HasImage() {
		return nil, fmt.Sprintf("files of %s are not known: it is a header, and the image is not there", r.Name), nil
	}
	image, err := r.Image(ctx, j.opt.Scratch, j.opt.Jobs)
	if err != nil {
		return nil, "", err
	}
	m, err = filemap.Read(image, image.Size())
	var format *filemap.FormatError
	var unsupported *filemap.UnsupportedError
	switch {
	case errors.Is(err, filemap.ErrUnknown):
		note, err = fmt.Sprintf("files of %s are not known: the image is no ext2, ext3, ext4 or squashfs", r.Name), nil
	case errors.As(err, &format), errors.As(err, &unsupported):
		note, err = fmt.Sprintf("files of %s are not known: %v", r.Name, err), nil
	}
	return m, note, err
}

// mapNew maps the new image.
func (j *forecasting) mapNew(ctx context.Context) error {
	m, note, err := j.fileMap(ctx, j.release)
	if err != nil {
		return inFile(j.release.Name, err)
	}
	if m == nil {
		j.notes = append(j.notes, note)
		return nil
	}
	j.files = m
	j.input.Locate = locator(m)
	return nil
}

// advise says what of an older image could be the same in the new one and is not.
func (j *forecasting) advise(ctx context.Context, old *Release, base *forecast.Base) error {
	if j.files == nil {
		return nil
	}
	m, note, err := j.fileMap(ctx, old)
	switch {
	case err != nil:
		return inFile(old.Name, err)
	case m == nil:
		base.Notes = append(base.Notes, note)
	default:
		base.Notes = append(base.Notes, filemap.Advice(m, j.files)...)
	}
	return nil
}

// locator names what lies in a range: files by their paths, and the rest in
// brackets by what it is for.
func locator(m *filemap.Map) forecast.Locator {
	return func(offset, length int64) iter.Seq2[string, int64] {
		return func(yield func(string, int64) bool) {
			for e := range m.At(offset, length) {
				if !yield(nameOf(m, e), e.Length) {
					return
				}
			}
		}
	}
}

func nameOf(m *filemap.Map, e filemap.Extent) string {
	files := m.Files(e)
	switch len(files) {
	case 0:
		return "(" + e.What.String() + ")"
	case 1:
		return files[0]
	case 2:
		return files[0] + " and another one"
	}
	return fmt.Sprintf("%s and %d others", files[0], len(files)-1)
}
