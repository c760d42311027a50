package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// createZck begins the file for the server.
func (j *payloadJob) createZck(b *builder) error {
	if j.plan.Delta == nil || j.plan.Delta.Kind != deltaZchunk {
		return nil
	}
	file, err := b.create(named(j.plan.Delta.Output, noDigest))
	j.zck = file
	return err
}

// packZchunk makes the file for the server and packs the header that it begins
// with: a device puts that file and the header in the bundle together.
func (j *payloadJob) packZchunk(ctx context.Context, source *os.File, width int, opt Options) error {
	if err := j.makeZck(ctx, source, width, opt); err != nil {
		return err
	}
	made, err := zck.Summarize(io.NewSectionReader(j.zck, 0, j.zckSize))
	if err != nil {
		return err
	}
	if err := j.checkReleases(ctx, width); err != nil {
		return err
	}
	header := func() io.Reader { return io.NewSectionReader(j.zck, 0, made.HeaderSize) }
	if err := j.recallIV(ctx, header(), opt); err != nil {
		return err
	}
	if err := j.process(ctx, header(), payload.Options{Jobs: width}); err != nil {
		return err
	}
	if j.result.SourceSize = made.Size; j.plan.Ready {
		j.result.SourceSize = j.zckSize
	}
	return nil
}

// makeZck writes the .zck, or copies the one that the artifact is.
func (j *payloadJob) makeZck(ctx context.Context, source *os.File, width int, opt Options) error {
	digest := &digester{hash: sha256.New(), to: j.zck}
	src := &counted{r: io.LimitReader(source, j.plan.Size+1), add: opt.Meter.add}
	if err := j.writeZck(ctx, digest, src, width, opt); err != nil {
		return err
	}
	j.zckSize, j.zckDigest = digest.size, hex.EncodeToString(digest.hash.Sum(nil))
	if sum := j.cached.sum(); sum != "" && sum != j.zckDigest {
		return errDamaged
	}
	return j.zck.Rename(named(j.plan.Delta.Output, j.zckDigest))
}

func (j *payloadJob) writeZck(ctx context.Context, dst io.Writer, src io.Reader, width int, opt Options) error {
	if j.cached.entry != nil {
		return j.copyZck(ctx, dst, opt)
	}
	if j.plan.Ready {
		_, err := zck.Verify(ctx, io.TeeReader(src, dst), width)
		return err
	}
	bases, err := readReleases(ctx, j.plan.Delta.Bases, width)
	if err != nil {
		return fmt.Errorf("bases: %w", err)
	}
	spool, err := atomicfile.Stage(opt.Out)
	if err != nil {
		return err
	}
	defer spool.Close()
	_, err = zck.Create(ctx, dst, src, zck.Options{Level: j.plan.Delta.Level, Bases: bases, Jobs: width, Spool: spool.File})
	return err
}

// copyZck takes the .zck that an earlier build has made.
func (j *payloadJob) copyZck(ctx context.Context, dst io.Writer, opt Options) error {
	entry := j.cached.entry
	if err := copyAll(ctx, dst, io.NewSectionReader(entry.File(), 0, entry.Size())); err != nil {
		return err
	}
	opt.Meter.add(j.plan.Size)
	return nil
}

// digester hashes and counts what passes.
type digester struct {
	hash hash.Hash
	size int64
	to   io.Writer
}

func (d *digester) Write(p []byte) (int, error) {
	n, err := d.to.Write(p)
	d.hash.Write(p[:n])
	d.size += int64(n)
	return n, err
}

// counted tells how much has been read.
type counted struct {
	r   io.Reader
	add func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.add(int64(n))
	return n, err
}

// packRdiff packs what is new since the base. The new image is hashed beside, for
// the entry that reads it back on the device.
func (j *payloadJob) packRdiff(ctx context.Context, source *os.File, width int, opt Options) error {
	base, err := openSource(j.plan.Delta.Base)
	if err != nil {
		return fmt.Errorf("base: %w", err)
	}
	defer base.Close()
	image := io.NewSectionReader(source, 0, j.plan.Size)
	group, working := errgroup.WithContext(ctx)
	read, write := io.Pipe()
	group.Go(func() error {
		_, err := rdiff.Encode(working, write, base.SectionReader, image, rdiff.EncodeOptions{Jobs: width})
		write.CloseWithError(err)
		return err
	})
	group.Go(func() error {
		content, err := DigestOf(working, io.NewSectionReader(source, 0, j.plan.Size))
		j.image = content.SHA256
		opt.Meter.add(content.Size)
		return err
	})
	group.Go(func() error {
		err := j.process(working, read, payload.Options{Jobs: width})
		read.CloseWithError(err)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	j.result.SourceSize = j.plan.Size
	if len(j.cached.sources) > 0 {
		j.cached.sources[0].digest, err = hex.DecodeString(j.image)
	}
	return err
}

// sourceFile is an open file of known size.
type sourceFile struct {
	*io.SectionReader
	file *os.File
}

func (s sourceFile) Close() error { return s.file.Close() }

func openSource(path string) (sourceFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return sourceFile{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return sourceFile{}, errors.Join(err, file.Close())
	}
	return sourceFile{io.NewSectionReader(file, 0, info.Size()), file}, nil
}

// guardScript checks on the device that a delta fits what is installed. Its
// argument is the device or file. An update that does not begin there would end
// with success and a broken image: SWUpdate compares nothing.
const guardScript = `#!/bin/sh
# Made by fwpack: the update is a patch for one old image.
have=$(head -c %d "$1" | sha256sum) || exit 1
[ "${have%%%% *}" = %s ] && exit 0
echo "$1 does not hold the image that this update starts from" >&2
exit 1
`

// inputSize is the size of what the pipeline takes, unless that is a delta.
func (p *PlannedPayload) inputSize() int64 {
	if p.Guards == nil || p.Size == unknownSize {
		return p.Size
	}
	return int64(len(fmt.Sprintf(guardScript, p.Size, noDigest)))
}

// packGuard packs the script that checks the base of a delta.
func (j *payloadJob) packGuard(ctx context.Context, opt Options) error {
	source, err := findDigest(j.plan.File, 0, opt)
	if err == nil {
		err = source.complete(ctx, opt)
	}
	if err != nil {
		return err
	}
	if source.digest == nil || source.stamp.Size != j.plan.Size {
		return fmt.Errorf("%s changed while it was being read", j.plan.File)
	}
	opt.Meter.add(j.plan.Size)
	script := fmt.Sprintf(guardScript, j.plan.Size, hex.EncodeToString(source.digest))
	if err := j.recallIV(ctx, strings.NewReader(script), opt); err != nil {
		return err
	}
	if err := j.process(ctx, strings.NewReader(script), payload.Options{Jobs: 1}); err != nil {
		return err
	}
	j.result.SourceSize = j.plan.Size
	return nil
}

// zckOutput describes the file for the server.
func (j *payloadJob) zckOutput() Output {
	return Output{
		Name: j.plan.Artifact, Kind: "zck", File: named(j.plan.Delta.Output, j.zckDigest), Size: j.zckSize, SHA256: j.zckDigest,
		URL: named(j.plan.Delta.URL, j.zckDigest), Downloads: j.downloads,
	}
}
