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
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/internal/stamp"
	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// remembered is what a cache has to do with a payload. The zero one stands for no
// cache.
type remembered struct {
	path   string      // of the source, absolute
	stamp  stamp.Stamp // of the source, before it was read
	digest []byte      // SHA-256 of the source; nil where it is not known yet
	entry  *cache.Entry
	result payload.Result // of which entry holds the bytes
}

// keptPayload is what a cache keeps beside the bytes of a payload.
type keptPayload struct {
	SourceSize     int64  `json:"source_size"`
	CompressedSize int64  `json:"compressed_size"`
	Sum            uint32 `json:"sum"`
	IV             string `json:"ivt,omitempty"`
}

// cacheable tells whether it is worth while to keep what the pipeline makes: not
// where it only copies, and not under a key that no later build has.
func (j *payloadJob) cacheable(opt Options) bool {
	plain := j.spec.Encrypt == nil && !j.plan.compressed()
	return opt.Cache != nil && !plain && !j.plan.Fresh && j.plan.Delta == nil && j.plan.Guards == nil && j.of == nil
}

// recall looks for payloads that earlier builds have made, before the bundles are
// laid out: their sizes are known then.
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
	if err := group.Wait(); err != nil {
		return err
	}
	for _, job := range b.payloads {
		if job.cached.entry != nil {
			b.closers = append(b.closers, job.cached.entry.Close)
		}
	}
	return nil
}

// recall takes the finished payload out of the cache, if it is there.
func (j *payloadJob) recall(ctx context.Context, opt Options) error {
	if err := j.findDigest(ctx, opt); err != nil || j.cached.digest == nil {
		return err
	}
	entry, ok := opt.Cache.Get(j.cacheKey(opt))
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

// findDigest finds out the digest of the source without reading it, where it is as
// it was when it was read last. If only its times are new, reading it is cheaper
// than to process it once more.
func (j *payloadJob) findDigest(ctx context.Context, opt Options) error {
	info, err := os.Stat(j.plan.File)
	if err != nil {
		return err
	}
	j.cached.path, j.cached.stamp = absolute(opt.Dir, j.plan.File), stamp.Of(info)
	if digest, ok := opt.Cache.Digest(j.cached.path, j.cached.stamp); ok {
		j.cached.digest = digest[:]
		return nil
	}
	if !opt.Cache.Known(j.cached.path, info.Size()) {
		return nil
	}
	file, err := os.Open(j.plan.File)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, &stoppable{ctx, file}); err != nil {
		return err
	}
	if again, err := os.Stat(j.plan.File); err == nil && stamp.Of(again) == j.cached.stamp {
		j.cached.digest = hash.Sum(nil)
		j.noteDigest(opt)
	}
	return nil
}

// noteDigest remembers the digest of the source for as long as that is left alone.
func (j *payloadJob) noteDigest(opt Options) {
	if j.cached.stamp.Settled(opt.Now) {
		opt.warn(opt.Cache.NoteDigest(j.cached.path, j.cached.stamp, [sha256.Size]byte(j.cached.digest)))
	}
}

// cacheKey names all that the bytes of the payload depend on. The version of Go
// is among it, as that of fwpack is, whose ways to use an encoder may change.
func (j *payloadJob) cacheKey(opt Options) cache.Key {
	key := ""
	if j.spec.Encrypt != nil {
		key = j.spec.Encrypt.Key.Fingerprint()
	}
	return cache.NewKey("payload", opt.Tool, runtime.Version(), hex.EncodeToString(j.cached.digest), j.plan.Compress.Encoder(), key)
}

// take verifies an entry and makes it the payload. What is not what it should be
// is passed over.
func (j *payloadJob) take(ctx context.Context, entry *cache.Entry) error {
	var kept keptPayload
	if json.Unmarshal(entry.Meta(), &kept) != nil || kept.SourceSize != j.plan.Size {
		return nil
	}
	iv, err := hex.DecodeString(kept.IV)
	if err != nil || j.spec.Encrypt != nil && len(iv) != len(j.spec.Encrypt.IV) {
		return nil
	}
	data := io.NewSectionReader(entry.File(), 0, entry.Size())
	stored, err := payload.Run(ctx, io.Discard, data, payload.Spec{}, payload.Options{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || stored.SHA256 != entry.SHA256() || stored.Sum != kept.Sum {
		return nil
	}
	stored.SourceSize, stored.CompressedSize = kept.SourceSize, kept.CompressedSize
	j.cached.result = stored
	if j.spec.Encrypt != nil {
		copy(j.spec.Encrypt.IV[:], iv)
	}
	j.file, j.offset, j.cached.entry = entry.File(), 0, entry
	return nil
}

// keep puts the finished payload into the cache while the build goes on. It needs
// the digest of what was read, which hash has where it was not known before.
func (b *builder) keep(ctx context.Context, j *payloadJob) {
	if j.cached.digest == nil || j.cached.entry != nil {
		return
	}
	j.noteDigest(b.opt)
	b.keeping.Go(func() {
		kept := keptPayload{SourceSize: j.result.SourceSize, CompressedSize: j.result.CompressedSize, Sum: j.result.Sum}
		if j.spec.Encrypt != nil {
			kept.IV = hex.EncodeToString(j.spec.Encrypt.IV[:])
		}
		meta, err := json.Marshal(kept)
		if err == nil {
			err = b.opt.Cache.Put(ctx, j.cacheKey(b.opt), meta, j.result.SHA256, io.NewSectionReader(j.file, j.offset, j.result.Size))
		}
		if ctx.Err() == nil {
			b.opt.warn(err)
		}
	})
}

// hashed passes src on and digests it, where a cache wants to know what it was.
func (j *payloadJob) hashed(src io.Reader, opt Options) (io.Reader, hash.Hash) {
	if !j.cacheable(opt) || j.cached.digest != nil {
		return src, nil
	}
	h := sha256.New()
	return io.TeeReader(src, h), h
}

// warn tells of something that the build can do without.
func (o Options) warn(err error) {
	if err != nil && o.Warn != nil {
		o.Warn(err)
	}
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
