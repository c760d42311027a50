package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/imgtool"
	"github.com/fwpack/fwpack/sign/request"
)

// signElsewhere writes down what a key that is elsewhere has to sign, or takes its
// signature.
func (o signOptions) signElsewhere(ctx context.Context, f *imagefile.File, options imagefile.SignOptions, s surroundings) (err error) {
	key, opened, err := o.imageKey(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	options.Signer = opened.Signer
	job, err := f.Resign(options)
	if err != nil {
		return err
	}
	name := o.export
	if name == "" {
		name = o.request
	}
	asked, err := o.imageRequest(f, key, opened, job, name)
	if err != nil {
		return err
	}
	if o.export != "" {
		return exportImageRequest(asked, name, s)
	}
	return o.attachImage(ctx, job, asked, s)
}

func (o signOptions) imageRequest(f *imagefile.File, key *pack.Key, opened *pack.OpenedKey, job *imagefile.Resigning, name string) (*request.Request, error) {
	file, err := os.Open(f.Name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := pack.DigestOf(context.Background(), file)
	if err != nil {
		return nil, err
	}
	return pack.ImageRequest(key, opened, job, f.Name, content, name)
}

func exportImageRequest(r *request.Request, name string, s surroundings) error {
	data, err := r.Encode()
	if err != nil {
		return err
	}
	if err := imgtool.WriteFile(name, data); err != nil {
		return err
	}
	signer := r.Signers[0]
	fmt.Fprint(s.stderr, tame(fmt.Sprintf("to be signed by %s (%s %s): %s digest %s\n", signer.Name, signer.Key, signer.KeyID, signer.Hash, signer.Digest)))
	_, err = fmt.Fprintln(s.stdout, name)
	return err
}

// attachImage holds the request that came back against one made anew, and takes the
// signature.
func (o signOptions) attachImage(ctx context.Context, job *imagefile.Resigning, want *request.Request, s surroundings) error {
	if o.request != "" {
		data, err := readBounded(o.request, request.MaxSize)
		if err != nil {
			return err
		}
		got, err := request.Decode(data)
		if err != nil {
			return &pack.TamperedError{Name: o.request, Differences: []string{err.Error()}}
		}
		if differences := got.Differences(want); len(differences) > 0 {
			return &pack.TamperedError{Name: o.request, Differences: differences}
		}
	}
	data, err := readBounded(o.attach[0], maxSignature)
	if err != nil {
		return err
	}
	report, err := pack.AttachImage(ctx, job, pack.Attachment{Name: o.attach[0], Data: data}, o.out)
	if err != nil {
		return err
	}
	return printImageReport(report, o, s)
}
