package pack

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/atomicfile"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
)

// bundleJob is one .swu on its way to its file.
//
// The description and the signature stand in front of the payloads and can be
// written only after them. Their lengths, however, are known beforehand (hashes
// and IVs have fixed lengths, the size of a compressed payload a greatest one,
// and line ends fill up what it leaves), so room is left for them and payloads
// are written where they belong. Only the length of an ECDSA signature can turn
// out some bytes off; then the payloads are copied once.
type bundleJob struct {
	build *builder
	plan  *PlannedBundle
	file  *atomicfile.File
	seals *sealer // of the description
	room  int     // the length that the description was expected to have
}

func (b *builder) newBundleJob(plan *PlannedBundle) (*bundleJob, error) {
	file, err := b.create(plan.Output)
	if err != nil {
		return nil, err
	}
	j := &bundleJob{build: b, plan: plan, file: file, seals: b.sealers[plan.Name]}
	return j, j.layOut()
}

// layOut gives payloads their place in the file, up to the first whose size
// only processing will tell: what comes behind that has no known place.
func (j *bundleJob) layOut() error {
	offset, err := j.predictHead()
	if err != nil {
		return err
	}
	for _, entry := range j.plan.Entries {
		job := j.build.payloads[entry.Payload]
		offset += swu.HeadSize(entry.Name)
		if job.file == nil {
			job.file, job.offset = j.file.File, offset
		}
		size, known := job.placedSize()
		if !known {
			break
		}
		offset += swu.EntrySize(swu.Header{Name: entry.Name, Size: size}) - swu.HeadSize(entry.Name)
	}
	return nil
}

// predictHead is the length of the description and signature entries.
func (j *bundleJob) predictHead() (int64, error) {
	description, err := j.describe()
	if err != nil {
		return 0, err
	}
	size := 0
	if j.plan.signed() {
		scheme, keys := j.signers()
		if size, err = sign.Size(scheme, keys, j.signOptions(scheme)); err != nil {
			return 0, err
		}
	}
	j.room = len(description)
	return j.headSize(int64(j.seals.size(j.room)), int64(size)), nil
}

// headSize is the length of the entries in front of the payloads.
func (j *bundleJob) headSize(description, signature int64) int64 {
	size := swu.EntrySize(swu.Header{Name: swu.Description, Size: description})
	if j.plan.signed() {
		size += swu.EntrySize(swu.Header{Name: swu.Signature, Size: signature})
	}
	return size
}

// seal completes the file: description, signature, and the payloads that are
// not in place yet. The file is then whole but has not got its name.
func (j *bundleJob) seal(ctx context.Context) (*Output, error) {
	if err := j.checkDigests(); err != nil {
		return nil, err
	}
	description, err := j.describe()
	if err != nil {
		return nil, err
	}
	if spare := j.room - len(description); spare > 0 {
		description = append(description, bytes.Repeat([]byte("\n"), spare)...)
	}
	signature, err := j.sign(ctx, description)
	if err != nil {
		return nil, err
	}
	stored, err := j.seals.seal(description)
	if err != nil {
		return nil, err
	}
	if err := j.makeRoom(j.headSize(int64(len(stored)), int64(len(signature)))); err != nil {
		return nil, err
	}
	digest, err := j.write(ctx, stored, signature)
	if err != nil {
		return nil, err
	}
	j.build.pending = append(j.build.pending, j.file)
	if err := j.request(ctx, description); err != nil {
		return nil, err
	}
	return j.output(digest, description, stored, signature)
}

func (j *bundleJob) signers() (sign.Scheme, []sign.Key) {
	keys := make([]sign.Key, len(j.plan.Sign))
	for i, name := range j.plan.Sign {
		keys[i] = j.build.keys.signing[name]
	}
	return j.build.plan.Keys[j.plan.Sign[0]].Scheme, keys
}

// signOptions leaves the signing time to CMS, which alone has a place for it.
func (j *bundleJob) signOptions(scheme sign.Scheme) sign.Options {
	opt := sign.Options{Rand: j.build.opt.Rand}
	if scheme == sign.SchemeCMS {
		opt.SigningTime = j.build.opt.SigningTime
	}
	return opt
}

// sign returns the signature over description, nil for a bundle that is not to be
// signed, or not yet. It has been verified.
func (j *bundleJob) sign(ctx context.Context, description []byte) ([]byte, error) {
	if !j.plan.signed() {
		return nil, nil
	}
	scheme, keys := j.signers()
	ceremony, err := sign.NewCeremony(scheme, description, keys, j.signOptions(scheme))
	if err != nil {
		return nil, err
	}
	for i, name := range j.plan.Sign {
		if err := j.build.keys.sign(ctx, ceremony, i, j.build.plan.Keys[name], description, j.build.opt); err != nil {
			return nil, err
		}
	}
	return ceremony.Signature(len(keys))
}

// makeRoom begins the file anew if a payload in it does not stand where it belongs
// behind a head of the given size. It is then copied from the file begun before.
func (j *bundleJob) makeRoom(head int64) error {
	if j.inPlace(head) {
		return nil
	}
	file, err := j.build.create(j.plan.Output)
	if err != nil {
		return err
	}
	j.file = file
	return nil
}

// inPlace tells whether all payloads that are in the file already stand where they
// belong. The first of them may come behind others that are elsewhere: in the cache,
// or in another bundle.
func (j *bundleJob) inPlace(head int64) bool {
	offset := head
	for _, entry := range j.plan.Entries {
		job := j.build.payloads[entry.Payload]
		data := offset + swu.HeadSize(entry.Name)
		if job.file == j.file.File && job.offset != data {
			return false
		}
		offset += swu.EntrySize(swu.Header{Name: entry.Name, Size: job.result.Size})
	}
	return true
}

// write writes the file and returns its digest in hex, "" where that is not wanted.
// The digest cannot be had earlier: what stands first, the description, holds the
// digests of what comes behind.
func (j *bundleJob) write(ctx context.Context, description, signature []byte) (digest string, err error) {
	f := follow(ctx, j.file, !j.build.opt.NoDigest)
	defer f.end()
	if err := j.writeTo(ctx, f, description, signature); err != nil {
		return "", err
	}
	return f.sum()
}

func (j *bundleJob) writeTo(ctx context.Context, file io.WriteSeeker, description, signature []byte) error {
	w := swu.NewWriter(file)
	if err := writeEntry(ctx, w, swu.Description, description); err != nil {
		return err
	}
	if signature != nil {
		if err := writeEntry(ctx, w, swu.Signature, signature); err != nil {
			return err
		}
	}
	for _, entry := range j.plan.Entries {
		if err := j.writePayload(ctx, w, entry); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return w.Close()
}

func writeEntry(ctx context.Context, w *swu.Writer, name string, data []byte) error {
	var sum swu.Sum
	sum.Write(data)
	if err := w.WriteHeader(swu.Header{Name: name, Size: int64(len(data)), Sum: sum.Sum32()}); err != nil {
		return err
	}
	return copyAll(ctx, w, bytes.NewReader(data))
}

// writePayload writes one payload, or only its header where the payload was
// written to its place while it was processed.
func (j *bundleJob) writePayload(ctx context.Context, w *swu.Writer, entry PlannedEntry) error {
	job := j.build.payloads[entry.Payload]
	header := swu.Header{Name: entry.Name, Size: job.result.Size, Sum: job.result.Sum}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	if job.file == j.file.File {
		return w.Skip()
	}
	if job.cached.entry != nil {
		return job.copyEntry(ctx, w)
	}
	return copyAll(ctx, w, job.open())
}

// copyBuffer stays in a processor's second-level cache on its way.
const copyBuffer = 256 << 10

// sized is a reader that knows how much there is to read.
type sized interface {
	io.Reader
	Size() int64
}

// copyAll copies in large blocks and stops between two of them when ctx ends. What
// is small takes a small buffer: there may be a thousand of it.
func copyAll(ctx context.Context, w io.Writer, r sized) error {
	buf := make([]byte, min(copyBuffer, r.Size()+1))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return werr
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}
