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
	return fromKeyFile(ctx, reference, pass, r.s, sign.ParsePrivateKey)
}

// public reads the public half of a key.
func (r *keyring) public(ctx context.Context, reference string, pass passphraseOptions) (crypto.PublicKey, error) {
	if signer, err := r.program(ctx, reference); err != nil {
		return nil, err
	} else if signer != nil {
		return signer.Public(), nil
	}
	return fromKeyFile(ctx, reference, pass, r.s, keygen.PublicKey)
}

// fromKeyFile reads a key in a file with parse, and names the file in its errors.
func fromKeyFile[K any](
	ctx context.Context, path string, pass passphraseOptions, s surroundings,
	parse func([]byte, sign.PassphraseFunc) (K, error),
) (key K, err error) {
	ask, err := pass.existing(ctx, path, s)
	if err != nil {
		return key, err
	}
	data, err := readKeyFile(path)
	if err != nil {
		return key, err
	}
	if key, err = parse(data, ask); err != nil {
		return key, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
