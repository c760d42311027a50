package pack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// Where sections of a source are compressed by themselves, the source is known by
// their digests, which several processors can work out at the same time; and those
// that an earlier build has compressed are not compressed again.

// sectionsOf returns the SHA-256 of each section of size bytes of a file of length
// bytes. One of an empty file is empty, as the encoder has it.
func sectionsOf(ctx context.Context, file io.ReaderAt, length, size int64, jobs int) ([][sha256.Size]byte, error) {
	digests := make([][sha256.Size]byte, max(1, (length+size-1)/size))
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(max(1, jobs))
	for i := range digests {
		group.Go(func() error {
			hash := sha256.New()
			section := io.NewSectionReader(file, int64(i)*size, min(size, length-int64(i)*size))
			if err := copyAll(working, hash, section); err != nil {
				return err
			}
			hash.Sum(digests[i][:0])
			return nil
		})
	}
	return digests, group.Wait()
}

// digestOfSections names a source by its sections.
func digestOfSections(sections [][sha256.Size]byte) []byte {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d sections\n", len(sections))
	for _, digest := range sections {
		hash.Write(digest[:])
	}
	return hash.Sum(nil)
}

// sectionSize is that of the sections by which the artifact is known, 0 where it is
// known as a whole.
func (j *payloadJob) sectionSize() int64 {
	if j.plan.Delta != nil {
		return 0
	}
	return j.spec.SectionSize()
}

// hasSections tells whether there may be sections that have not changed where others
// have.
func (j *payloadJob) hasSections() bool {
	return j.sectionSize() > 0 && j.plan.Size > j.sectionSize()
}

// packSections packs the artifact, and takes sections that have not changed from what
// the last build has made. That is checked meanwhile.
func (j *payloadJob) packSections(ctx context.Context, src io.Reader, run payload.Options) error {
	run.Earlier = j.cached.earlier()
	var digests [][sha256.Size]byte
	run.Section = func(s payload.Section) {
		j.cached.made, digests = append(j.cached.made, s), append(digests, s.Source)
	}
	group, working := errgroup.WithContext(ctx)
	group.Go(func() error { return j.process(working, src, run) })
	group.Go(func() error { return j.cached.checkLast(working) })
	if err := group.Wait(); err != nil {
		return err
	}
	source, read := &j.cached.sources[0], digestOfSections(digests)
	if !bytes.Equal(source.digest, read) {
		source.digest, source.noted = read, false
	}
	return nil
}

// earlier is what the last build has made, nil where there is nothing.
func (r *remembered) earlier() *payload.Earlier {
	var kept keptPayload
	if r.last == nil || json.Unmarshal(r.last.Meta(), &kept) != nil {
		return nil
	}
	return payload.NewEarlier(r.last.File(), r.last.Size(), unmarshalSections(kept.Sections))
}

func (r *remembered) checkLast(ctx context.Context) error {
	if r.last == nil || r.last.Check(ctx) == nil {
		return nil
	}
	return cmp.Or(ctx.Err(), errDamaged)
}

// marshalSections is the digest of each section and its size, 8 bytes big-endian.
func marshalSections(sections []payload.Section) (data []byte) {
	for _, s := range sections {
		data = append(data, s.Source[:]...)
		data = binary.BigEndian.AppendUint64(data, uint64(s.Size))
	}
	return data
}

func unmarshalSections(data []byte) (sections []payload.Section) {
	const size = sha256.Size + 8
	for ; len(data) >= size; data = data[size:] {
		sections = append(sections, payload.Section{
			Source: [sha256.Size]byte(data[:sha256.Size]),
			Size:   int64(binary.BigEndian.Uint64(data[sha256.Size:])),
		})
	}
	return sections
}

// findLast looks for what the last build with the same encoder has made of an artifact
// in the same place that seems to have changed since. There is no need to be sure: what
// has not changed comes from there.
func (b *builder) findLast(ctx context.Context, j *payloadJob) (found bool) {
	if j.cached.sources[0].digest != nil || !j.hasSections() {
		return false
	}
	key, ok := b.opt.Cache.Record(j.lastKey(b.opt))
	if !ok || len(key) != len(cache.Key{}) {
		return false
	}
	j.cached.lastKey = cache.Key(key)
	j.cached.last, found = b.entry(ctx, j.cached.lastKey)
	return found
}

// lastKey is that of the record of what was built last.
func (j *payloadJob) lastKey(opt Options) cache.Key {
	return cache.NewKey("last", opt.Program, runtime.Version(), j.plan.Compress.Encoder(), absolute(opt.Dir, j.plan.File))
}

// noteLast remembers what was built.
func (j *payloadJob) noteLast(key cache.Key, opt Options) error {
	if !j.hasSections() {
		return nil
	}
	return opt.Cache.PutRecord(j.lastKey(opt), key[:])
}
