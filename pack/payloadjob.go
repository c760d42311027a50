package pack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
)

// payloadJob is one payload on its way into the bundles that hold it. It is
// written once, straight to its place in a bundle where that place is known
// ahead of time, else to a spool file.
type payloadJob struct {
	plan   *PlannedPayload
	spec   payload.Spec
	file   *os.File // where the processed bytes are
	offset int64    // from here on
	room   int64    // up to what another payload begins; 0: there is none behind it
	result payload.Result
	of     *imageJob // the image that it is; nil for a file
	cached remembered

	zck       *atomicfile.File // of a zchunk delta: the file for the server
	zckSize   int64
	zckDigest string // of that file in hex; zeros before it is made
	downloads []Download
	image     string // of an rdiff delta: the digest of the new image in hex; zeros before it is made
}

// noDigest has the length of a digest.
var noDigest = strings.Repeat("0", hex.EncodedLen(sha256.Size))

// knownSize is the size in the archive, where it can be told before.
func (j *payloadJob) knownSize() (int64, bool) {
	if j.plan.Delta != nil {
		return 0, false
	}
	if j.of != nil {
		size, known := j.of.knownSize(j.plan.Purpose)
		packed, stays := j.spec.KnownSize(size)
		return packed, known && stays
	}
	return j.spec.KnownSize(j.plan.inputSize())
}

// placedSize is the size in the archive, where the place of what comes behind can
// be told by it.
func (j *payloadJob) placedSize() (int64, bool) {
	if j.recalled() {
		return j.cached.result.Size, true
	}
	return j.knownSize()
}

func (b *builder) newPayloadJob(plan *PlannedPayload) (*payloadJob, error) {
	job := &payloadJob{plan: plan, spec: payload.Spec{Compress: plan.Compress}, zckDigest: noDigest, image: noDigest, of: b.imageJobOf(plan.Image)}
	if err := job.createZck(b); err != nil {
		return nil, err
	}
	if plan.Encrypt == "" {
		return job, nil
	}
	key := b.keys.aes[plan.Encrypt]
	if plan.Fresh {
		var err error
		if key, err = drawAESKey(b.opt.Rand); err != nil {
			return nil, err
		}
	}
	job.spec.Encrypt = &payload.Encrypt{Key: key}
	if _, err := io.ReadFull(b.opt.Rand, job.spec.Encrypt.IV[:]); err != nil {
		return nil, fmt.Errorf("drawing an IV: %w", err)
	}
	return job, nil
}

// drawAESKey draws a key of the one length that SWUpdate 2025.12 takes in aes-key.
func drawAESKey(rand io.Reader) (payload.AESKey, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return payload.AESKey{}, fmt.Errorf("drawing an AES key: %w", err)
	}
	return payload.NewAESKey(secret)
}

// runPayloads processes all payloads of which wanted says so, the largest first so that none of them
// is left over at the end while the other processors idle. One that keeps
// several processors busy by itself takes the place of so many others: that
// bounds the memory of encoders, too.
func (b *builder) runPayloads(ctx context.Context, wanted func(*PlannedPayload) bool) error {
	order := slices.DeleteFunc(slices.Clone(b.payloads), func(j *payloadJob) bool { return !wanted(j.plan) })
	slices.SortStableFunc(order, func(x, y *payloadJob) int { return cmp.Compare(y.plan.Size, x.plan.Size) })
	group, working := errgroup.WithContext(ctx)
	processors := semaphore.NewWeighted(int64(b.opt.Jobs))
	var reporting sync.Mutex
	for _, job := range order {
		width := job.width(b.opt.Jobs)
		if processors.Acquire(working, int64(width)) != nil {
			break // a payload has failed, which Wait returns, or ctx has ended
		}
		group.Go(func() error {
			defer processors.Release(int64(width))
			if err := job.run(working, width, b.opt); err != nil {
				return fmt.Errorf("artifact %q: %w", job.plan.Artifact, err)
			}
			b.keep(ctx, job)
			if b.opt.Packed != nil {
				reporting.Lock()
				defer reporting.Unlock()
				b.opt.Packed(job.packed())
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// run reads the source once and notices if it is not the file that was planned
// with, or changes underneath.
func (j *payloadJob) run(ctx context.Context, width int, opt Options) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case j.recalled():
		j.reuse(opt)
		return nil
	case j.of != nil:
		return j.packImage(ctx, width, opt)
	}
	source, err := os.Open(j.plan.File)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := j.pack(ctx, source, width, opt); err != nil {
		return err
	}
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if j.changed(info) {
		return fmt.Errorf("%s changed while it was being read", j.plan.File)
	}
	return j.checkSize()
}

// packImage packs an image that has been signed.
func (j *payloadJob) packImage(ctx context.Context, width int, opt Options) error {
	content, err := j.of.content(j.plan.Purpose)
	if err != nil {
		return err
	}
	if err := j.recallIV(ctx, bytes.NewReader(content), opt); err != nil {
		return err
	}
	if err := j.process(ctx, bytes.NewReader(content), payload.Options{Jobs: width, Progress: opt.Meter.add}); err != nil {
		return err
	}
	return j.checkSize()
}

// width is how many processors the job keeps busy.
func (j *payloadJob) width(jobs int) int {
	if j.plan.Delta != nil {
		return jobs
	}
	return j.spec.Width(j.plan.Size, jobs)
}

// pack writes to the bundle what it holds of source: the bytes themselves, or
// what is made of them.
func (j *payloadJob) pack(ctx context.Context, source *os.File, width int, opt Options) error {
	switch {
	case j.plan.Guards != nil:
		return j.packGuard(ctx, opt)
	case j.plan.Delta != nil && j.plan.Delta.Kind == deltaRdiff:
		return j.packRdiff(ctx, source, width, opt)
	case j.plan.Delta != nil:
		return j.packZchunk(ctx, source, width, opt)
	}
	src := io.LimitReader(source, j.plan.Size+1) // a file that grows must come to an end, too
	run := payload.Options{Jobs: width, Progress: opt.Meter.add}
	if len(j.cached.sources) > 0 && j.sectionSize() > 0 {
		return j.packSections(ctx, src, run)
	}
	src, hash := j.hashed(src)
	if err := j.process(ctx, src, run); err != nil || hash == nil {
		return err
	}
	j.cached.sources[0].digest = hash.Sum(nil)
	return nil
}

// process runs the pipeline over what the bundle is to hold.
func (j *payloadJob) process(ctx context.Context, src io.Reader, run payload.Options) (err error) {
	dst := io.NewOffsetWriter(j.file, j.offset)
	j.result, err = payload.Run(ctx, dst, src, j.spec, run)
	if err == nil && j.room > 0 && j.result.Size > j.room {
		return fmt.Errorf("internal error: %d bytes where there is room for %d", j.result.Size, j.room)
	}
	return err
}

func (j *payloadJob) changed(now fs.FileInfo) bool {
	return j.result.SourceSize != j.plan.Size || now.Size() != j.plan.Size || !now.ModTime().Equal(j.plan.ModTime)
}

// checkSize holds the payload against the limit of the container, which is
// known only now where it was compressed.
func (j *payloadJob) checkSize() error {
	if j.result.Size <= swu.MaxSize {
		return nil
	}
	return errors.New(tooLarge(j.result.Size))
}

// open returns a fresh reader over the processed bytes.
func (j *payloadJob) open() *io.SectionReader {
	return io.NewSectionReader(j.file, j.offset, j.result.Size)
}
