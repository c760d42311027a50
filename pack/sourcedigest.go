package pack

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/stamp"
	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/payload"
)

// sourceDigest is a file that something is made from, and the digest of its content
// where that is known: of a file that is as it was when it was read last, a cache
// knows it.
type sourceDigest struct {
	name    string
	section int64       // size of the sections that are digested; 0: the digest is that of all of it
	stamp   stamp.Stamp // before anything was read
	digest  []byte      // SHA-256; nil where it is not known
	sample  cache.Key   // of a large file whose digest was not known; else zero
	noted   bool        // the cache knows the digest, or has been told
	likely  bool        // the cache may well know what is made of it: to hash it costs less than to make it
}

// findDigest finds out the digest of a file without reading it, or else by a sample
// whether it looks like one that was read before: that was copied, or only touched.
func findDigest(name string, section int64, opt Options) (sourceDigest, error) {
	s := sourceDigest{name: name, section: section}
	info, err := os.Stat(name)
	if err != nil {
		return s, err
	}
	s.stamp = stamp.Of(info)
	if digest, ok := opt.Cache.Digest(absolute(opt.Dir, name), s.kind(), s.stamp); ok {
		s.digest, s.noted = digest[:], true
		return s, nil
	}
	if s.stamp.Size <= sharedSize { // hashing costs next to nothing
		s.likely = s.stamp != stamp.Stamp{}
		return s, nil
	}
	return s, s.takeSample(opt)
}

// takeSample asks the cache about a sample of a large file. Where there is none, the
// file is getting shorter, as the build will find out.
func (s *sourceDigest) takeSample(opt Options) error {
	file, err := os.Open(s.name)
	if err != nil {
		return err
	}
	defer file.Close()
	sample, err := sampleOf(file, s.stamp.Size)
	if err == nil {
		_, s.likely = opt.Cache.Record(sample)
		s.sample = sample
	}
	return nil
}

// complete reads the file where its digest is not known yet, and remembers that. It
// stays unknown where the file is not the one that was looked at.
func (s *sourceDigest) complete(ctx context.Context, opt Options) error {
	if s.digest == nil {
		if err := s.read(ctx, opt.Jobs); err != nil || s.digest == nil {
			return err
		}
	}
	if s.noted {
		return nil
	}
	s.noted = true
	if s.stamp.Settled(opt.Now) {
		opt.warn(opt.Cache.NoteDigest(absolute(opt.Dir, s.name), s.kind(), s.stamp, [sha256.Size]byte(s.digest)))
	}
	if s.sample != (cache.Key{}) && !s.likely {
		opt.warn(opt.Cache.PutRecord(s.sample, nil))
	}
	return nil
}

func (s *sourceDigest) read(ctx context.Context, jobs int) error {
	file, err := os.Open(s.name)
	if err != nil {
		return err
	}
	defer file.Close()
	digest, err := s.digestOf(ctx, file, jobs)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && stamp.Of(info) == s.stamp {
		s.digest = digest
	}
	return err
}

func (s *sourceDigest) digestOf(ctx context.Context, file *os.File, jobs int) ([]byte, error) {
	if s.section > 0 {
		sections, err := sectionsOf(ctx, file, s.stamp.Size, s.section, jobs)
		return digestOfSections(sections), err
	}
	content, err := payload.Run(ctx, io.Discard, file, payload.Spec{}, payload.Options{}) // reads while it digests
	return content.SHA256[:], err
}

// kind is that of the digest in a cache.
func (s *sourceDigest) kind() string {
	if s.section == 0 {
		return ""
	}
	return fmt.Sprintf("sections of %d", s.section)
}

// absolute is path seen from dir.
func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// warn tells of something that the build can do without.
func (o Options) warn(err error) {
	if err != nil && o.Warn != nil {
		o.Warn(err)
	}
}
