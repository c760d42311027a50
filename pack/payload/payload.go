// Package payload turns a source file into the bytes that a bundle carries.
//
// [Run] is the function to call. It reads the source once and, as SWUpdate
// undoes it in the opposite order, compresses, encrypts, digests and writes:
//
//	source ──▶ compress ──▶ AES-CBC ──▶ SHA-256, sum and destination
//
// [Spec] says which of these steps are wanted; [Compress.Check] refuses a
// compression level that the encoder cannot reach, before anything is read.
//
// What the steps write is what SWUpdate reads:
//
//	zlib   one gzip member (RFC 1952), without name or time; the client stops after the first member
//	zstd   frames (RFC 8878) of 8 MiB each, with checksums; SWUpdate reads them as one stream
//	xz     one stream of blocks of 16 MiB each, with CRC64; the client stops after the first stream
//	lz4    one frame of independent 4 MiB blocks with a content checksum
//	AES    CBC with PKCS #7 padding, no salt header; the key's length chooses 128, 192 or 256 bits
//
// Built with cgo and the tag libzstd, zstd is the C library's, in one frame; with
// liblzma, xz is, in blocks of three dictionaries (24 MiB at level 6). Both then
// have all levels that devices can read.
//
// The same source and Spec give the same bytes for any number of jobs or
// processors and however the source delivers its data. They may differ between
// versions of the encoder, which [Compress.Encoder] names for the record.
package payload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Spec says what is done to a payload. The zero Spec stores it as it is.
type Spec struct {
	Compress Compress
	Encrypt  *Encrypt // nil: not encrypted
}

// KnownSize returns the size that a source of sourceSize bytes will have in the
// bundle, and true, where it can be told ahead of time: for a payload that is
// stored or only encrypted.
func (s Spec) KnownSize(sourceSize int64) (int64, bool) {
	switch {
	case sourceSize < 0 || s.Compress.Method != None:
		return 0, false
	case s.Encrypt != nil:
		return paddedSize(sourceSize)
	}
	return sourceSize, true
}

// Width returns how many processors a run over a source of sourceSize bytes
// keeps busy with compressing when it is given jobs of them.
func (s Spec) Width(sourceSize int64, jobs int) int {
	codec, ok := s.Compress.Method.codec()
	if !ok {
		return 1
	}
	section := codec.section(s.Compress.level(codec))
	return int(max(1, min(int64(jobs), (sourceSize+section-1)/section)))
}

func (s Spec) check() error {
	if err := s.Compress.Check(); err != nil {
		return err
	}
	if s.Encrypt != nil && s.Encrypt.Key.isZero() {
		return errors.New("encrypt: no AES key")
	}
	return nil
}

// Options tune a run. None of them changes the bytes written.
type Options struct {
	// Jobs is the number of goroutines, or of the C library's threads, that
	// compress at the same time; 0 means 2. Each one costs about 24 MiB of memory
	// with zstd at its default level, 16 MiB with lz4, 5 MiB with zlib and 110 MiB
	// with xz, and less for small payloads; docs/compression.md has the figures of
	// other levels and of the C libraries. Encryption uses one goroutine.
	Jobs int

	// Progress, if set, is called from the goroutine that called Run, with the
	// number of source bytes read since the last call.
	Progress func(n int64)

	// Section, if set, is called for each section of [Spec.SectionSize] bytes of
	// the source, in order, and not any more once Run has returned. It costs the
	// SHA-256 of the source.
	Section func(Section)

	// Earlier, if set, is where sections are taken from that are in this source
	// again. It is for a Spec that has a SectionSize.
	Earlier *Earlier

	// NoSum leaves Result.Sum at 0, for a caller who knows it.
	NoSum bool
}

const defaultJobs = 2

func (o Options) jobs() int {
	if o.Jobs <= 0 {
		return defaultJobs
	}
	return o.Jobs
}

// Result describes the bytes that Run wrote.
type Result struct {
	Size           int64    // bytes written
	SHA256         [32]byte // of the bytes written
	Sum            uint32   // of the bytes written, as a 070702 header wants it (see swu.Sum); 0 with Options.NoSum
	SourceSize     int64    // bytes read
	CompressedSize int64    // bytes after compression and before encryption
}

// Run writes src to dst as spec demands. It reads src to its end, closes
// neither, and returns when all its goroutines have ended.
//
// The context is looked at before every block of at most 1 MiB. Encoders end what
// they are at: that takes a second or two, but libzstd's threads at level 19 may
// take a minute. An error is the first one that happened and names the step
// ("compress zstd: ..."), except that an [fs.PathError], which names operation and
// file, is returned as it is. What was written to dst by then is of no use.
func Run(ctx context.Context, dst io.Writer, src io.Reader, spec Spec, opt Options) (Result, error) {
	if err := spec.check(); err != nil {
		return Result{}, err
	}
	var trouble firstError
	defer context.AfterFunc(ctx, func() { trouble.record(ctx.Err()) })() // encoders look at trouble alone
	in := &source{ctx: ctx, r: src, trouble: &trouble, progress: opt.Progress}
	out := newSink(dst, &trouble, !opt.NoSum)
	line, err := newPipeline(out, spec, opt)
	trouble.record(err)
	line.pump(in, &trouble)
	line.close(&trouble)
	if err := trouble.get(); err != nil {
		return Result{}, err
	}
	result := out.result()
	result.SourceSize, result.CompressedSize = in.read, line.compressedSize(result.Size)
	return result, nil
}

// stageError says in which step err happened, unless err says so itself.
func stageError(stage string, err error) error {
	var path *fs.PathError
	if err == nil || errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("%s: %w", stage, err)
}
