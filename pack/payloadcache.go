package pack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// remembered is what a cache has to do with a payload. The zero one stands for
// nothing.
type remembered struct {
	sources []sourceDigest    // what the payload is made from, the artifact first
	found   bool              // what an earlier build has made of it: the payload, or the .zck in entry
	entry   *cache.Entry      // that is kept open for as long as the build needs it; nil for none
	result  payload.Result    // of the payload
	last    *cache.Entry      // what was made of sources[0] before it changed; nil for nothing
	lastKey cache.Key         // that it has
	made    []payload.Section // of which the payload consists that was made now
}

// sum is the digest of the entry in hex, "" where there is none.
func (r *remembered) sum() string {
	if r.entry == nil {
		return ""
	}
	sum := r.entry.SHA256()
	return hex.EncodeToString(sum[:])
}

// cacheable tells whether it is worth while to keep what is made: not where bytes
// are only copied, and not under a key that no later build has.
func (j *payloadJob) cacheable(opt Options) bool {
	switch {
	case opt.Cache == nil, j.of != nil, j.plan.Guards != nil:
		return false
	case j.isZchunk():
		return !j.plan.Ready
	case j.plan.Fresh:
		return false
	}
	return j.plan.Delta != nil || j.spec.Encrypt != nil || j.plan.compressed()
}

func (j *payloadJob) isZchunk() bool {
	return j.plan.Delta != nil && j.plan.Delta.Kind == deltaZchunk
}

// recalled tells whether the payload itself is there already.
func (j *payloadJob) recalled() bool { return j.cached.found && !j.isZchunk() }

// recall looks for what earlier builds have made, before the bundles are laid out:
// the sizes are known then.
func (b *builder) recall(ctx context.Context) error {
	jobs := slices.DeleteFunc(slices.Clone(b.payloads), func(j *payloadJob) bool { return !j.cacheable(b.opt) })
	if err := b.forEach(ctx, jobs, b.findSources); err != nil {
		return err
	}
	slices.SortStableFunc(jobs, func(x, y *payloadJob) int { return cmp.Compare(y.cached.toRead(), x.cached.toRead()) })
	err := b.forEach(ctx, jobs, b.recallOne)
	for _, job := range jobs {
		for _, entry := range []*cache.Entry{job.cached.entry, job.cached.last} {
			if entry != nil {
				b.closers = append(b.closers, entry.Close)
			}
		}
	}
	return err
}

// forEach does step with several jobs at a time, beginning with the first.
func (b *builder) forEach(ctx context.Context, jobs []*payloadJob, step func(context.Context, *payloadJob) error) error {
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(b.opt.Jobs)
	for _, job := range jobs {
		group.Go(func() error {
			if err := step(working, job); err != nil {
				return fmt.Errorf("artifact %q: %w", job.plan.Artifact, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// findSources looks up what the payload is made from, and reads no more of it than a
// sample.
func (b *builder) findSources(_ context.Context, j *payloadJob) error {
	for _, name := range append([]string{j.plan.File}, j.plan.Delta.bases()...) {
		source, err := findDigest(name, j.sectionSize(), b.opt)
		if err != nil {
			return err
		}
		j.cached.sources = append(j.cached.sources, source)
	}
	return nil
}

// toRead is how many bytes recallOne reads to tell what the sources are. It is worth
// while to begin with the most: one processor has to read a file to its end.
func (r *remembered) toRead() (size int64) {
	for _, source := range r.sources {
		if source.likely {
			size += source.stamp.Size
		}
	}
	return size
}

// recallOne takes what an earlier build has made out of the cache, if it is there.
func (b *builder) recallOne(ctx context.Context, j *payloadJob) error {
	if b.findLast(ctx, j) {
		return nil
	}
	for i := range j.cached.sources {
		if source := &j.cached.sources[i]; source.likely {
			if err := source.complete(ctx, b.opt); err != nil {
				return err
			}
		}
	}
	key, known := j.cacheKey(b.opt)
	if !known {
		return nil
	}
	entry, ok := b.entry(ctx, key)
	if !ok {
		return ctx.Err()
	}
	err := b.take(j, entry)
	if j.cached.entry == nil {
		err = errors.Join(err, entry.Close())
	}
	return err
}

// entry looks a payload up. It is read only when it is used: where it turns out to be
// damaged then, the build ends with errDamaged.
func (b *builder) entry(ctx context.Context, key cache.Key) (*cache.Entry, bool) {
	if b.wary {
		return b.opt.Cache.Get(ctx, key)
	}
	return b.opt.Cache.Peek(key)
}

// errDamaged is the end of a build that has relied on a damaged cache.
var errDamaged = errors.New("the cache changed while it was being read")

// cacheKey names all that the bytes depend on, if the digests of all sources are
// known. The versions of fwpack and Go are among it: they may use an encoder in
// another way.
func (j *payloadJob) cacheKey(opt Options) (key cache.Key, known bool) {
	parts := []string{"payload", opt.Program, runtime.Version()}
	if j.plan.Delta != nil {
		parts = append(parts, j.plan.Delta.Kind, fmt.Sprint(j.plan.Delta.Level, j.plan.Delta.entries()))
	}
	if !j.isZchunk() { // of which the server's file is kept, which nothing more is done to
		parts = append(parts, j.plan.Compress.Encoder(), j.fingerprint())
	}
	for _, source := range j.cached.sources {
		if source.digest == nil {
			return key, false
		}
		parts = append(parts, hex.EncodeToString(source.digest))
	}
	return cache.NewKey(parts...), true
}

// fingerprint is that of the AES key, "" where there is none.
func (j *payloadJob) fingerprint() string {
	if j.spec.Encrypt == nil {
		return ""
	}
	return j.spec.Encrypt.Key.Fingerprint()
}

// take makes an entry the payload. One that is not of this source is passed over. A
// small payload is copied, as a process may not have any number of files open.
func (b *builder) take(j *payloadJob, entry *cache.Entry) error {
	var kept keptPayload
	if json.Unmarshal(entry.Meta(), &kept) != nil || kept.SourceSize != j.plan.Size {
		return nil
	}
	if j.isZchunk() {
		j.cached.found, j.cached.entry = true, entry
		return nil
	}
	iv, err := hex.DecodeString(kept.IV)
	if err != nil || j.spec.Encrypt != nil && len(iv) != len(j.spec.Encrypt.IV) {
		return nil
	}
	switch j.file, j.offset, err = b.room(entry); {
	case errors.Is(err, errDamaged):
		return nil
	case err != nil:
		return err
	}
	if j.file == entry.File() {
		j.cached.entry = entry
	}
	if j.spec.Encrypt != nil {
		copy(j.spec.Encrypt.IV[:], iv)
	}
	j.cached.found = true
	j.cached.result = payload.Result{
		SourceSize:     kept.SourceSize,
		CompressedSize: kept.CompressedSize,
		Size:           entry.Size(),
		SHA256:         entry.SHA256(),
		Sum:            kept.Sum,
	}
	return nil
}

// room is where the data of an entry is for as long as the build runs.
func (b *builder) room(entry *cache.Entry) (*os.File, int64, error) {
	if entry.Size() > sharedSize {
		return entry.File(), 0, nil
	}
	file, offset, err := b.share(entry.Size())
	if err != nil {
		return nil, 0, err
	}
	data := make([]byte, entry.Size())
	if _, err := entry.File().ReadAt(data, 0); err != nil || sha256.Sum256(data) != entry.SHA256() {
		return nil, 0, errDamaged
	}
	_, err = file.WriteAt(data, offset)
	return file, offset, err
}

// copyEntry writes a payload out of the cache to its bundle.
func (j *payloadJob) copyEntry(ctx context.Context, dst io.Writer) error {
	copied, err := payload.Run(ctx, dst, j.open(), payload.Spec{}, payload.Options{NoSum: true}) // reads and writes while it digests
	if err == nil && copied.SHA256 != j.result.SHA256 {
		return errDamaged
	}
	return err
}

// reuse makes what was recalled the result.
func (j *payloadJob) reuse(opt Options) {
	j.result = j.cached.result
	if j.plan.Delta != nil {
		j.image = hex.EncodeToString(j.cached.sources[0].digest)
	}
	opt.Meter.add(j.result.SourceSize)
}

// hashed passes the artifact on and digests it, where a cache wants to know what it
// was.
func (j *payloadJob) hashed(src io.Reader) (io.Reader, hash.Hash) {
	if len(j.cached.sources) == 0 || j.cached.sources[0].digest != nil {
		return src, nil
	}
	h := sha256.New()
	return io.TeeReader(src, h), h
}

// recallIV gives content that is encrypted the IV that it had before, or else has
// the one it gets now remembered: so what has not changed is encrypted to the same.
func (j *payloadJob) recallIV(ctx context.Context, content io.Reader, opt Options) error {
	if opt.Cache == nil || j.spec.Encrypt == nil || j.plan.Fresh {
		return nil
	}
	digest, err := DigestOf(ctx, content)
	if err != nil {
		return err
	}
	key := cache.NewKey("iv", digest.SHA256, j.plan.Compress.Encoder(), j.fingerprint())
	if iv, ok := opt.Cache.Record(key); ok && len(iv) == len(j.spec.Encrypt.IV) {
		copy(j.spec.Encrypt.IV[:], iv)
		return nil
	}
	opt.warn(opt.Cache.PutRecord(key, j.spec.Encrypt.IV[:]))
	return nil
}
