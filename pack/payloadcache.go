package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// remembered is what a cache has to do with a payload. The zero one stands for
// nothing.
type remembered struct {
	sources []sourceDigest // what the payload is made from, the artifact first
	entry   *cache.Entry   // what an earlier build made of it; nil where there is none
	result  payload.Result // that entry holds the bytes of, unless it is a .zck
}

// keptPayload is what a cache keeps beside the bytes.
type keptPayload struct {
	SourceSize     int64  `json:"source_size"`
	CompressedSize int64  `json:"compressed_size,omitempty"`
	Sum            uint32 `json:"sum,omitempty"`
	IV             string `json:"ivt,omitempty"`
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
func (j *payloadJob) recalled() bool { return j.cached.entry != nil && !j.isZchunk() }

// recall looks for what earlier builds have made, before the bundles are laid out:
// the sizes are known then.
func (b *builder) recall(ctx context.Context) error {
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(b.opt.Jobs)
	for _, job := range b.payloads {
		if !job.cacheable(b.opt) {
			continue
		}
		group.Go(func() error {
			if err := job.recall(working, b.opt); err != nil {
				return fmt.Errorf("artifact %q: %w", job.plan.Artifact, err)
			}
			return nil
		})
	}
	err := group.Wait()
	for _, job := range b.payloads {
		if job.cached.entry != nil {
			b.closers = append(b.closers, job.cached.entry.Close)
		}
	}
	return err
}

// recall takes what an earlier build has made out of the cache, if it is there.
func (j *payloadJob) recall(ctx context.Context, opt Options) error {
	for _, name := range append([]string{j.plan.File}, j.plan.Delta.bases()...) {
		source, err := findDigest(ctx, name, opt)
		if err != nil {
			return err
		}
		j.cached.sources = append(j.cached.sources, source)
	}
	key, known := j.cacheKey(opt)
	if !known {
		return nil
	}
	entry, ok := opt.Cache.Get(key)
	if !ok {
		return nil
	}
	if err := j.take(ctx, entry); err != nil {
		return errors.Join(err, entry.Close())
	}
	if j.cached.entry == nil {
		entry.Damaged()
		return entry.Close()
	}
	return nil
}

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

// take verifies an entry and makes it the payload. What is not what it should be
// is passed over.
func (j *payloadJob) take(ctx context.Context, entry *cache.Entry) error {
	var kept keptPayload
	if json.Unmarshal(entry.Meta(), &kept) != nil || kept.SourceSize != j.plan.Size {
		return nil
	}
	iv, err := hex.DecodeString(kept.IV)
	if err != nil || j.spec.Encrypt != nil && !j.isZchunk() && len(iv) != len(j.spec.Encrypt.IV) {
		return nil
	}
	data := io.NewSectionReader(entry.File(), 0, entry.Size())
	stored, err := payload.Run(ctx, io.Discard, data, payload.Spec{}, payload.Options{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || stored.SHA256 != entry.SHA256() || !j.isZchunk() && stored.Sum != kept.Sum {
		return nil
	}
	j.cached.entry = entry
	if j.isZchunk() {
		return nil
	}
	stored.SourceSize, stored.CompressedSize = kept.SourceSize, kept.CompressedSize
	j.cached.result = stored
	j.file, j.offset = entry.File(), 0
	if j.spec.Encrypt != nil {
		copy(j.spec.Encrypt.IV[:], iv)
	}
	return nil
}

// reuse makes what was recalled the result.
func (j *payloadJob) reuse(opt Options) {
	j.result = j.cached.result
	if j.plan.Delta != nil {
		j.image = hex.EncodeToString(j.cached.sources[0].digest)
	}
	opt.Meter.add(j.result.SourceSize)
}

// keep puts what was made into the cache while the build goes on.
func (b *builder) keep(ctx context.Context, j *payloadJob) {
	if !j.cacheable(b.opt) || j.cached.entry != nil {
		return
	}
	b.keeping.Go(func() {
		if err := j.keep(ctx, b.opt); ctx.Err() == nil {
			b.opt.warn(err)
		}
	})
}

func (j *payloadJob) keep(ctx context.Context, opt Options) error {
	for i := range j.cached.sources {
		if err := j.cached.sources[i].complete(ctx, opt); err != nil {
			return err
		}
	}
	key, known := j.cacheKey(opt)
	if !known {
		return nil // a source has changed: the build will say so
	}
	kept := keptPayload{SourceSize: j.plan.Size, CompressedSize: j.result.CompressedSize, Sum: j.result.Sum}
	data, sum := io.NewSectionReader(j.file, j.offset, j.result.Size), j.result.SHA256
	switch {
	case j.isZchunk():
		kept = keptPayload{SourceSize: j.plan.Size}
		data = io.NewSectionReader(j.zck, 0, j.zckSize)
		hex.Decode(sum[:], []byte(j.zckDigest))
	case j.spec.Encrypt != nil:
		kept.IV = hex.EncodeToString(j.spec.Encrypt.IV[:])
	}
	meta, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return opt.Cache.Put(ctx, key, meta, sum, data)
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
func (j *payloadJob) recallIV(content []byte, opt Options) {
	if opt.Cache == nil || j.spec.Encrypt == nil || j.plan.Fresh {
		return
	}
	key := cache.NewKey("iv", hexDigest(content), j.plan.Compress.Encoder(), j.fingerprint())
	if iv, ok := opt.Cache.Record(key); ok && len(iv) == len(j.spec.Encrypt.IV) {
		copy(j.spec.Encrypt.IV[:], iv)
		return
	}
	opt.warn(opt.Cache.PutRecord(key, j.spec.Encrypt.IV[:]))
}
