package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
	"github.com/fwpack/fwpack/sign/plugin"
)

// keyring opens the keys that a command line names, and keeps the programs behind
// them until the command is done.
type keyring struct {
	s        surroundings
	programs []*plugin.Key
}

// close ends the programs. Its error says that what one has signed must not be
// used.
func (r *keyring) close() error {
	var errs []error
	for _, key := range r.programs {
		errs = append(errs, key.Close())
	}
	r.programs = nil
	return errors.Join(errs...)
}

// program opens the key behind a program; nil where reference names a file.
func (r *keyring) program(ctx context.Context, reference string) (crypto.Signer, error) {
	program, err := pack.ParseKeyReference(reference)
	if err != nil || program == nil {
		return nil, err
	}
	key, err := plugin.Open(ctx, program.Name, program.Reference, r.s.programs())
	if err != nil {
		return nil, err
	}
	r.programs = append(r.programs, key)
	return key, nil
}

// signer opens a key that is to sign.
func (r *keyring) signer(ctx context.Context, reference string, pass passphraseOptions) (crypto.Signer, error) {
	if signer, err := r.program(ctx, reference); err != nil || signer != nil {
		return signer, err
	}
	ask, err := pass.existing(ctx, reference, r.s)
	if err != nil {
		return nil, err
	}
	data, err := readKeyFile(reference)
	if err != nil {
		return nil, err
	}
	key, err := sign.ParsePrivateKey(data, ask)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reference, err)
	}
	return key, nil
}

// public reads the public half of a key.
func (r *keyring) public(ctx context.Context, reference string, pass passphraseOptions) (crypto.PublicKey, error) {
	if signer, err := r.program(ctx, reference); err != nil {
		return nil, err
	} else if signer != nil {
		return signer.Public(), nil
	}
	ask, err := pass.existing(ctx, reference, r.s)
	if err != nil {
		return nil, err
	}
	data, err := readKeyFile(reference)
	if err != nil {
		return nil, err
	}
	pub, err := keygen.PublicKey(data, ask)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reference, err)
	}
	return pub, nil
}
