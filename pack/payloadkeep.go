package pack

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
)

// keptPayload is what a cache keeps beside the bytes.
type keptPayload struct {
	SourceSize     int64  `json:"source_size"`
	CompressedSize int64  `json:"compressed_size,omitempty"`
	Sum            uint32 `json:"sum,omitempty"`
	IV             string `json:"ivt,omitempty"`
	Sections       []byte `json:"sections,omitempty"` // see marshalSections
}

// keep puts what was made into the cache while the build goes on.
func (b *builder) keep(ctx context.Context, j *payloadJob) {
	if !j.cacheable(b.opt) || j.cached.found {
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
	if j.cached.last != nil && j.cached.lastKey == key {
		return nil // it has not changed
	}
	kept := keptPayload{
		SourceSize: j.plan.Size, CompressedSize: j.result.CompressedSize, Sum: j.result.Sum,
		Sections: marshalSections(j.cached.made),
	}
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
	if err := opt.Cache.Put(ctx, key, meta, sum, data); err != nil {
		return err
	}
	return j.noteLast(key, opt)
}
