package pack

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
	"github.com/fwpack/fwpack/sign/plugin"
)

// keyring holds the opened keys of one build by name.
type keyring struct {
	signing  map[string]sign.Key
	aes      map[string]payload.AESKey
	use      keyUse
	programs []*plugin.Key // to be ended with the build: each signs all in one session
}

// keyUse says what keys are for, by their names.
type keyUse struct {
	images  []string // sign images
	bundles []string // sign bundles
	release []string // must be nobody else's
}

// close ends the signing programs. Its error says that one did not end well: then
// nothing that it has signed may be used.
func (r *keyring) close() error {
	var errs []error
	for _, key := range r.programs {
		errs = append(errs, key.Close())
	}
	return errors.Join(errs...)
}

// openKeys opens and checks the keys, so that a wrong passphrase or an expired
// certificate is noticed before a payload is read. Those of a release, or all where
// opt says so, must be nobody else's.
func openKeys(ctx context.Context, keys map[string]*Key, use keyUse, opt Options) (*keyring, error) {
	ring := &keyring{signing: map[string]sign.Key{}, aes: map[string]payload.AESKey{}, use: use}
	var problems diag.List
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		key := keys[name]
		if err := ring.open(ctx, key, opt); err != nil {
			problems.AddHint(key.Pos, hintOf(err), "%v", err)
		}
	}
	return ring, problems.Err()
}

// sign makes the signature of key i of a ceremony over message.
func (r *keyring) sign(ctx context.Context, c *sign.Ceremony, i int, key *Key, message []byte, opt Options) error {
	if len(key.Command) == 0 {
		return c.Sign(i)
	}
	custom := plugin.Custom{Args: key.Command, Style: key.Style, Options: opt.Programs}
	signature, err := custom.Sign(ctx, message)
	if err != nil {
		return fmt.Errorf("key %q: %w", key.Name, err)
	}
	made, err := c.Attach(signature)
	if err != nil {
		return fmt.Errorf("key %q: command %s: %w", key.Name, key.Command[0], err)
	}
	if !slices.Equal(made, []int{i}) {
		return fmt.Errorf("key %q: command %s signs with other keys, too", key.Name, key.Command[0])
	}
	return nil
}

// hintOf is the hint that an error of another package carries.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// open opens one key. Errors name it.
func (r *keyring) open(ctx context.Context, key *Key, opt Options) error {
	var err error
	switch {
	case key.Fresh: // drawn for each artifact
	case key.AES != nil:
		r.aes[key.Name], err = openAES(ctx, key.AES, opt)
	default:
		r.signing[key.Name], err = r.openSigner(ctx, key, opt)
	}
	if err != nil {
		return fmt.Errorf("key %q: %w", key.Name, err)
	}
	if key.Encrypts() {
		return nil
	}
	return r.check(key, opt)
}

// check refuses a key that signs nothing a device would accept or, for a release,
// should accept.
func (r *keyring) check(key *Key, opt Options) error {
	opened := r.signing[key.Name]
	if slices.Contains(r.use.images, key.Name) {
		if err := checkImageKey(opened); err != nil {
			return err
		}
	}
	if slices.Contains(r.use.bundles, key.Name) {
		if err := opened.Check(key.Scheme, opt.Now, key.Purpose); err != nil {
			return err
		}
	}
	if !opt.Release && !slices.Contains(r.use.release, key.Name) {
		return nil
	}
	return checkRelease(opened)
}

// checkRelease refuses a key that others have.
func checkRelease(opened sign.Key) error {
	certificates := opened.Chain
	if opened.Certificate != nil {
		certificates = append([]*x509.Certificate{opened.Certificate}, certificates...)
	}
	if err := keygen.CheckRelease(opened.Signer.Public(), certificates...); err != nil {
		return fmt.Errorf("%s: is not for a release: %w", opened, err)
	}
	return nil
}

func openAES(ctx context.Context, secret *Secret, opt Options) (payload.AESKey, error) {
	data, err := secret.read(ctx, opt)
	if err != nil {
		return payload.AESKey{}, err
	}
	key, _, err := payload.ParseAESKey(data) // the IV in the file is not used: each payload gets its own
	if err != nil {
		return payload.AESKey{}, fmt.Errorf("%s: %w", secret, err)
	}
	return key, nil
}

func (r *keyring) openSigner(ctx context.Context, key *Key, opt Options) (sign.Key, error) {
	opened := sign.Key{Name: key.Name, Digest: key.Digest, PSS: key.PSS}
	expected, err := expectedKey(key, &opened)
	if err != nil {
		return opened, err
	}
	switch {
	case key.Elsewhere, len(key.Command) > 0: // a command takes no digest: its whole signature is attached
		opened.Signer = sign.Elsewhere(expected)
	case key.Program != nil:
		opened.Signer, err = r.openProgram(ctx, key, expected, opt)
	default:
		opened.Signer, err = openPrivateKey(ctx, key, expected, opt)
	}
	return opened, err
}

// openProgram finds the key behind a signing program.
func (r *keyring) openProgram(ctx context.Context, key *Key, expected crypto.PublicKey, opt Options) (crypto.Signer, error) {
	programs := opt.Programs
	programs.Public = expected
	opened, err := plugin.Open(ctx, key.Program.Name, key.Program.Reference, programs)
	if err != nil {
		return nil, err
	}
	r.programs = append(r.programs, opened)
	return opened, nil
}

// openPrivateKey reads the file of a private key. expected is the public key
// that it must have, nil where none is known.
func openPrivateKey(ctx context.Context, key *Key, expected crypto.PublicKey, opt Options) (crypto.Signer, error) {
	pem, err := os.ReadFile(key.PrivateKey)
	if err != nil {
		return nil, err
	}
	signer, err := sign.ParsePrivateKey(pem, passphrase(ctx, key, opt))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key.PrivateKey, err)
	}
	if public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool }); ok && key.Public != "" && !public.Equal(expected) {
		return nil, fmt.Errorf("%s is not the private key of %s", key.PrivateKey, key.Public)
	}
	return signer, nil
}

// expectedKey reads the certificates of key into opened, and returns the public
// key that the project says to be behind it; nil where it says none.
func expectedKey(key *Key, opened *sign.Key) (crypto.PublicKey, error) {
	if key.Certificate != "" {
		certificates, err := readCertificates(append([]string{key.Certificate}, key.Chain...))
		if err != nil {
			return nil, err
		}
		opened.Certificate, opened.Chain = certificates[0], certificates[1:]
		return certificates[0].PublicKey, nil
	}
	if key.Public == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(key.Public)
	if err != nil {
		return nil, err
	}
	public, err := sign.ParsePublicKey(pem)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key.Public, err)
	}
	return public, nil
}

// readCertificates reads all certificates of all files in order.
func readCertificates(files []string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		certificates, err := sign.ParseCertificates(pem)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, certificates...)
	}
	return all, nil
}

// passphrase fetches the passphrase of key from where the project says, else
// from the person at the terminal.
func passphrase(ctx context.Context, key *Key, opt Options) sign.PassphraseFunc {
	switch {
	case key.Passphrase != nil:
		return func() ([]byte, error) { return key.Passphrase.read(ctx, opt) }
	case opt.Passphrase != nil:
		return func() ([]byte, error) { return opt.Passphrase(key.Name) }
	}
	return func() ([]byte, error) { return nil, noPassphraseError{} }
}

// noPassphraseError says that a key is encrypted and nobody can be asked.
type noPassphraseError struct{}

func (noPassphraseError) Error() string { return "none is given, and there is no terminal to ask at" }

// Hint says what to write into the project.
func (noPassphraseError) Hint() string {
	return `say where it is: passphrase = { env = "NAME" }, { file = "PATH" } or { command = ["PROGRAM"] }`
}
