package pack

import (
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/sign"
)

// imageJob is one MCUboot image on its way to its files. It is drafted before any
// payload is read, so that nothing is signed that the bootloader would refuse, and
// signed behind them.
type imageJob struct {
	build  *builder
	plan   *PlannedImage
	draft  *imagebuild.Draft
	made   *imagebuild.Made // nil where its key is elsewhere
	signer crypto.Signer    // nil for an unsigned image
}

// draftImages drafts all images and reports all that bootloaders would refuse.
func (b *builder) draftImages(ctx context.Context) error {
	var problems diag.List
	for i := range b.plan.Images {
		job := &imageJob{build: b, plan: &b.plan.Images[i]}
		b.images = append(b.images, job)
		if err := job.begin(ctx); err != nil {
			problems.AddHint(job.plan.image.here, hintOf(err), "image %q: %v", job.plan.Name, withoutPackage(err))
			continue
		}
		for _, problem := range append(job.draft.Problems, job.draft.Rehearse(job.plan.image.Outputs)...) {
			problems.Addf(job.plan.image.here, "image %q: %s", job.plan.Name, problem)
		}
	}
	return problems.Err()
}

// begin makes the draft with the public halves of the real keys.
func (j *imageJob) begin(ctx context.Context) error {
	image, keys := j.plan.image, imagebuild.Keys{Rand: j.build.opt.Rand}
	spec := *j.plan.spec
	if opened, ok := j.build.keys.signing[image.Sign]; ok {
		j.signer, keys.Signing = opened.Signer, opened.Signer.Public()
	}
	for _, name := range image.Trust {
		key, err := j.publicKey(ctx, name)
		if err != nil {
			return err
		}
		spec.Trusted = append(spec.Trusted, key)
	}
	var err error
	if image.Encrypt != "" {
		if keys.Recipient, err = j.recipient(ctx); err != nil {
			return err
		}
		if j.build.opt.Release || j.build.plan.released(j.plan.Name) {
			if err := checkRecipient(keys.Recipient); err != nil {
				return fmt.Errorf("key %q: %w", image.Encrypt, err)
			}
		}
	}
	j.draft, err = imagebuild.NewDraft(&spec, j.plan.firmware, keys)
	if err == nil && j.plan.Request != "" && j.draft.Request() == nil {
		err = errors.New("a compressed image holds two signatures: its key has to be at hand")
	}
	return err
}

// publicKey is the public half of a key of the project.
func (j *imageJob) publicKey(ctx context.Context, name string) (crypto.PublicKey, error) {
	if opened, ok := j.build.keys.signing[name]; ok {
		return opened.Signer.Public(), nil
	}
	key, err := publicHalf(ctx, j.build.plan.publicKeys[name], j.build.opt)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", name, err)
	}
	return key, nil
}

// recipient is the bootloader's key that the image is encrypted for.
func (j *imageJob) recipient(ctx context.Context) (crypto.PublicKey, error) {
	name := j.plan.image.Encrypt
	key := j.build.plan.publicKeys[name]
	if key.AES == nil {
		return j.publicKey(ctx, name)
	}
	kek, err := readKEK(ctx, key.AES, j.build.opt)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", name, err)
	}
	return kek, nil
}

// signImages signs all images, or writes down what others are to sign, and returns
// the files that are made of them.
func (b *builder) signImages(ctx context.Context, report *Report) ([]Output, error) {
	var all []Output
	for _, job := range b.images {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		outputs, err := job.finish()
		if err != nil {
			return nil, fmt.Errorf("image %q: %w", job.plan.Name, err)
		}
		all = append(all, outputs...)
		report.Images = append(report.Images, job.report())
	}
	zips, err := b.writeDFUs()
	return append(all, zips...), err
}

func (j *imageJob) finish() ([]Output, error) {
	if j.plan.Request != "" {
		return j.unsigned()
	}
	var err error
	if j.made, err = j.sign(); err != nil {
		return nil, err
	}
	var outputs []Output
	for _, o := range j.plan.Outputs {
		content, err := j.made.Bytes(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		output, err := j.write(o, content)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, output)
	}
	return outputs, nil
}

func (j *imageJob) sign() (*imagebuild.Made, error) {
	if j.plan.signature == nil {
		return j.draft.Sign(j.signer, j.build.opt.Rand)
	}
	forms, err := sign.Forms(j.plan.signature)
	if err != nil {
		return nil, fmt.Errorf("to be attached: %w", err)
	}
	for _, form := range forms {
		made, err := j.draft.Attach(form)
		if err == nil || !errors.Is(err, mcuboot.ErrSignature) {
			return made, err
		}
	}
	return nil, &strangeSignature{image: j.plan.Name, key: j.plan.Sign, digest: j.digest()}
}

// strangeSignature says that an attached signature is not that of the image.
type strangeSignature struct{ image, key, digest string }

func (e *strangeSignature) Error() string {
	return fmt.Sprintf("the signature that is to be attached is not by key %q, or over something else: want it over the image with the digest %s", e.key, e.digest)
}

// Hint says how to get the right one.
func (e *strangeSignature) Hint() string {
	return "build without --attach " + e.image + "=..., and have signed what the request says that is written then"
}

// Unwrap makes it a failed verification.
func (e *strangeSignature) Unwrap() error {
	return &sign.VerificationError{Reason: mcuboot.ErrSignature}
}

// write puts a file of the image into the output folder.
func (j *imageJob) write(o imagebuild.Output, content []byte) (Output, error) {
	if err := j.build.writeOutput(o.Name, content); err != nil {
		return Output{}, err
	}
	return j.output(o, content), nil
}

// content is what a bundle holds of the image.
func (j *imageJob) content(purpose imagebuild.Purpose) ([]byte, error) {
	return j.made.Bytes(j.plan.image.output(purpose))
}

// imageJobOf finds the job of an image.
func (b *builder) imageJobOf(name string) *imageJob {
	for _, job := range b.images {
		if job.plan.Name == name {
			return job
		}
	}
	return nil
}

// knownSize is the size of what a bundle holds of the image, where it can be told
// before the image is signed.
func (j *imageJob) knownSize(purpose imagebuild.Purpose) (int64, bool) {
	return j.draft.Size(j.plan.image.output(purpose))
}

// imageSize is that of the image in the bundle, before it is packed; at most, as
// long as it is not signed.
func (j *payloadJob) imageSize() int64 {
	if j.result.SourceSize > 0 {
		return j.result.SourceSize
	}
	if size, known := j.of.knownSize(j.plan.Purpose); known {
		return size
	}
	return int64(j.of.draft.Image.Size())
}

// digest is that of the image in hex. That of a compressed image is final only when
// it is signed.
func (j *imageJob) digest() string {
	img := j.draft.Image
	if j.made != nil {
		img = j.made.Image
	}
	_, digest := img.StoredDigest()
	return hex.EncodeToString(digest)
}
