package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/internal/atomicfile"
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

// packZchunk makes the file for the server and packs its header.
func (j *payloadJob) packZchunk(ctx context.Context, source *os.File, width int, opt Options) error {
	header, err := j.makeZck(ctx, source, width, opt)
	if err != nil {
		return err
	}
	if err := j.checkReleases(ctx, header, width); err != nil {
		return err
	}
	shipped, err := header.Marshal()
	if err != nil {
		return err
	}
	if err := j.checkPair(shipped); err != nil {
		return err
	}
	j.recallIV(shipped, opt)
	if err := j.process(ctx, bytes.NewReader(shipped), width, nil); err != nil {
		return err
	}
	if j.result.SourceSize = header.Size(); j.plan.Ready {
		j.result.SourceSize = j.zckSize
	}
	return nil
}

// makeZck writes the .zck, or copies the one that the artifact is.
func (j *payloadJob) makeZck(ctx context.Context, source *os.File, width int, opt Options) (*zck.Header, error) {
	digest := &digester{hash: sha256.New(), to: j.zck}
	src := &counted{r: io.LimitReader(source, j.plan.Size+1), add: opt.Meter.add}
	header, err := j.writeZck(ctx, digest, src, width, opt)
	if err != nil {
		return nil, err
	}
	j.zckSize, j.zckDigest = digest.size, hex.EncodeToString(digest.hash.Sum(nil))
	if sum := j.cached.sum(); sum != "" && sum != j.zckDigest {
		return nil, errors.New("the cache changed while it was being read")
	}
	return header, j.zck.Rename(named(j.plan.Delta.Output, j.zckDigest))
}

func (j *payloadJob) writeZck(ctx context.Context, dst io.Writer, src io.Reader, width int, opt Options) (*zck.Header, error) {
	if j.cached.entry != nil {
		return j.copyZck(ctx, dst, opt)
	}
	if j.plan.Ready {
		return zck.Verify(ctx, io.TeeReader(src, dst), width)
	}
	bases, err := readReleases(ctx, j.plan.Delta.Bases, width)
	if err != nil {
		return nil, fmt.Errorf("bases: %w", err)
	}
	spool, err := atomicfile.Stage(opt.Out)
	if err != nil {
		return nil, err
	}
	defer spool.Close()
	return zck.Create(ctx, dst, src, zck.Options{Level: j.plan.Delta.Level, Bases: bases, Jobs: width, Spool: spool.File})
}

// copyZck takes the .zck that an earlier build has made.
func (j *payloadJob) copyZck(ctx context.Context, dst io.Writer, opt Options) (*zck.Header, error) {
	entry := j.cached.entry
	if err := copyAll(ctx, dst, io.NewSectionReader(entry.File(), 0, entry.Size())); err != nil {
		return nil, err
	}
	opt.Meter.add(j.plan.Size)
	return zck.ReadHeader(io.NewSectionReader(entry.File(), 0, entry.Size()))
}

// checkPair reads the header of the .zck again: a device puts that file and the
// header in the bundle together.
func (j *payloadJob) checkPair(shipped []byte) error {
	again := make([]byte, len(shipped))
	if _, err := j.zck.ReadAt(again, 0); err != nil {
		return err
	}
	if !bytes.Equal(again, shipped) {
		return errors.New("internal error: the .zck does not begin with the header in the bundle")
	}
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
		err := j.process(working, read, width, nil)
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
	source, err := findDigest(j.plan.File, opt)
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
	j.recallIV([]byte(script), opt)
	if err := j.process(ctx, bytes.NewReader([]byte(script)), 1, nil); err != nil {
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
