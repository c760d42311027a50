package diff

import (
	"context"
	"errors"
	"io"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/forecast"
)

// download tells what devices download of a new content. It reads image, which holds
// the new content, once and in order, and compresses a sample of what is missing.
func download(ctx context.Context, image io.Reader, old, new *zck.Header, full int64) (*Download, error) {
	base := []forecast.Base{{Name: "old", Header: old}}
	target, err := forecast.NewTarget(ctx, &forward{r: image}, new, base, forecast.Client{}, forecast.ImageOptions{Jobs: 1, Sample: true})
	if err != nil {
		return nil, err
	}
	return downloadOf(target, base, full)
}

// downloadOfFile is the same where there is a zchunk file.
func downloadOfFile(old, new *zck.Header) (*Download, error) {
	base := []forecast.Base{{Name: "old", Header: old}}
	return downloadOf(forecast.FileTarget(new), base, new.Len()+new.BodySize())
}

func downloadOf(target forecast.Target, base []forecast.Base, full int64) (*Download, error) {
	f, err := forecast.Of(forecast.Input{Target: target, Bases: base, Full: full})
	if err != nil {
		return nil, err
	}
	return &Download{Full: f.Full, Download: f.Bases[0].Zchunk}, nil
}

// forward reads a stream at offsets that never go back.
type forward struct {
	r  io.Reader
	at int64
}

// ReadAt reads at an offset behind all that was read.
func (f *forward) ReadAt(p []byte, offset int64) (int, error) {
	if offset < f.at {
		return 0, errors.New("read backwards") // no caller does
	}
	skipped, err := io.CopyN(io.Discard, f.r, offset-f.at)
	f.at += skipped
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(f.r, p)
	f.at += int64(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
