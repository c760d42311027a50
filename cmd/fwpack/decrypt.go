package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
)

// decryptOptions are the flags of what opens an encrypted description or the
// encrypted body of an image.
type decryptOptions struct {
	file string
	pass passphraseOptions
}

func (o *decryptOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.file, "decrypt", "", "key `file` that opens what is encrypted: a private key, or the AES key of a description, with its IV, or of an image")
	o.pass.addFlags(cmd, "decrypt-", "that key")
}

func (o *decryptOptions) decrypt(ctx context.Context, s surroundings) pack.Decrypt {
	return pack.Decrypt{File: o.file, Passphrase: o.pass.asker(ctx, s)}
}
