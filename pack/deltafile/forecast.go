package deltafile

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/filemap"
	"github.com/fwpack/fwpack/zck/forecast"
)

// ForecastOptions say what is compared, and how.
type ForecastOptions struct {
	New  string   // the new release, as OpenRelease takes it
	From []string // the older ones
	Full string   // the file that a full update downloads; "" for New itself

	Client forecast.Client
	Level  zck.Level // of the zchunk file, where New is an image
	Sample bool      // compress some of the missing chunks only
	Rdiff  bool      // make rdiff patches, too
	Files  bool      // tell files and give advice, where the images have a file system
	Jobs   int

	// Scratch is a folder for images that have to be unpacked.
	Scratch string
}

// Forecast tells what devices will download.
func Forecast(ctx context.Context, opt ForecastOptions) (*forecast.Forecast, error) {
	release, err := OpenRelease(ctx, opt.New)
	if err != nil {
		return nil, err
	}
	defer release.Close()
	job := &forecasting{opt: opt, release: release, input: forecast.Input{Client: opt.Client}}
	if opt.Full != "" {
		info, err := os.Stat(opt.Full)
		if err != nil {
			return nil, err
		}
		job.input.Full = info.Size()
	}
	if opt.Files {
		if err := job.mapNew(ctx); err != nil {
			return nil, err
		}
	}
	for _, name := range opt.From {
		if err := job.add(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := job.target(ctx); err != nil {
		return nil, err
	}
	f, err := forecast.Of(job.input)
	if err != nil {
		return nil, err
	}
	f.Notes = append(f.Notes, job.notes...)
	return f, nil
}

// forecasting is a forecast under way.
type forecasting struct {
	opt     ForecastOptions
	release *Release
	input   forecast.Input
	files   *filemap.Map // of the new image; nil where it is not known
	notes   []string     // about the new release
}

// add looks at an older release.
func (j *forecasting) add(ctx context.Context, name string) error {
	old, err := OpenRelease(ctx, name)
	if err != nil {
		return err
	}
	defer old.Close()
	base := forecast.Base{Name: name}
	if j.opt.Rdiff {
		if err := j.patch(ctx, old, &base); err != nil {
			return err
		}
	}
	if err := j.advise(ctx, old, &base); err != nil {
		return err
	}
	if base.Header, err = old.Installed(ctx, j.opt.Jobs); err != nil {
		return err
	}
	if !old.HasImage() && old.Joined() {
		base.Notes = append(base.Notes, "some of its chunks are larger than a device cuts them, and the image is not there: the device will find more than this")
	}
	j.input.Bases = append(j.input.Bases, base)
	return nil
}

// patch makes the rdiff patch, where both images are there.
func (j *forecasting) patch(ctx context.Context, old *Release, base *forecast.Base) error {
	for _, r := range []*Release{j.release, old} {
		if !r.HasImage() {
			base.Notes = append(base.Notes, fmt.Sprintf("no rdiff patch: %s is a header, and the image is not there", r.Name))
			return nil
		}
	}
	var images [2]*io.SectionReader
	for i, r := range []*Release{old, j.release} {
		var err error
		if images[i], err = r.Image(ctx, j.opt.Scratch, j.opt.Jobs); err != nil {
			return err
		}
	}
	var err error
	base.Patch, err = forecast.PatchSize(ctx, images[0], images[1], j.opt.Jobs)
	return err
}

// target looks at the new release, after the older ones: of an image, only what
// they lack is compressed.
func (j *forecasting) target(ctx context.Context) error {
	if h := j.release.Zchunk(); h != nil {
		j.input.Target = forecast.FileTarget(h)
		if j.input.Full == 0 {
			j.input.Full = h.Len() + h.BodySize()
		}
		return nil
	}
	index, err := j.release.Installed(ctx, j.opt.Jobs)
	if err != nil {
		return err
	}
	image, err := j.release.Image(ctx, j.opt.Scratch, j.opt.Jobs)
	if err != nil {
		return err
	}
	j.input.Target, err = forecast.NewTarget(ctx, image, index, j.input.Bases, j.opt.Client, forecast.ImageOptions{
		Level: j.opt.Level, Jobs: j.opt.Jobs, Sample: j.opt.Sample,
	})
	return err
}

// WriteSVG makes the file at path with the maps of f.
func WriteSVG(ctx context.Context, f *forecast.Forecast, path string) error {
	return output(ctx, path, func(file *os.File) error {
		return buffered(file, f.SVG)
	})
}
