package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/keygen"
)

// keyNewOptions is the command line of fwpack key new.
type keyNewOptions struct {
	kind keygen.Type
	out  string
	pass passphraseOptions
}

func newKeyNew(s surroundings) *cobra.Command {
	var opt keyNewOptions
	cmd := &cobra.Command{
		Use:   "new TYPE -o FILE",
		Short: "Make a key",
		Long: `New makes a key of one of these types:

  rsa-2048, rsa-3072, rsa-4096            signs bundles and images
  ecdsa-p256, ecdsa-p384, ecdsa-p521      signs bundles; p256 and p384 images too
  ed25519                                 signs images
  x25519                                  receives keys of encrypted images
  aes-128, aes-192, aes-256               encrypts payloads (swupdate -K)

FILE must not exist yet, and only its owner may read it. It is PKCS #8 in PEM,
encrypted where a passphrase is given; of an AES key, a line with key and IV.
The fingerprint of the public key is printed, of an AES key a check value.`,
		Example: `  fwpack key new ecdsa-p256 -o keys/release.pem --ask-passphrase
  fwpack key new aes-256 -o keys/device.aes`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opt.kind.UnmarshalText([]byte(args[0])); err != nil {
				return usageError{err.Error()}
			}
			return runKeyNew(cmd.Context(), opt, s)
		},
	}
	cmd.Flags().StringVarP(&opt.out, "output", "o", "", "write the key to `FILE`")
	opt.pass.addNewFlags(cmd)
	return cmd
}

func (o keyNewOptions) check() error {
	switch {
	case o.out == "":
		return usageError{"-o FILE is missing: a key is not printed"}
	case o.kind.Symmetric() && o.pass.sources() > 0:
		return usageError{"an AES key has no passphrase: swupdate -K reads plain files only"}
	}
	if err := o.pass.check(); err != nil {
		return err
	}
	return keygen.CheckNew(o.out)
}

func runKeyNew(ctx context.Context, opt keyNewOptions, s surroundings) error {
	if err := opt.check(); err != nil {
		return err
	}
	passphrase, err := opt.pass.fresh(ctx, opt.out, s)
	if err != nil {
		return fmt.Errorf("passphrase: %w", err)
	}
	defer clear(passphrase)
	data, fingerprint, err := makeKey(opt.kind, passphrase, s)
	if err != nil {
		return err
	}
	defer clear(data)
	if err := keygen.WriteNew(opt.out, data, keygen.SecretMode); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.stdout, fingerprint)
	return err
}

// makeKey returns the file of a fresh key, and what names it.
func makeKey(kind keygen.Type, passphrase []byte, s surroundings) (data []byte, fingerprint string, err error) {
	if kind.Symmetric() {
		return makeAES(kind, s)
	}
	key, err := keygen.Generate(kind, s.rand)
	if err != nil {
		return nil, "", err
	}
	if fingerprint, err = sign.Fingerprint(key.Public()); err != nil {
		return nil, "", err
	}
	data, err = keygen.MarshalPrivateKey(key, passphrase, s.rand)
	return data, fingerprint, err
}

func makeAES(kind keygen.Type, s surroundings) (data []byte, check string, err error) {
	if data, err = keygen.GenerateAES(kind, s.rand); err != nil {
		return nil, "", err
	}
	key, _, err := payload.ParseAESKey(data)
	return data, key.Fingerprint(), err
}
