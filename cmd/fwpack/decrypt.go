package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
)

// decryptOptions are the flags of what opens an encrypted description.
type decryptOptions struct {
	file string
	pass passphraseOptions
}

func (o *decryptOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.file, "decrypt", "", "key `file` that opens an encrypted description: the private key of a recipient, or an AES key with its IV")
	o.pass.addFlags(cmd, "decrypt-", "that key")
}

func (o *decryptOptions) decrypt(ctx context.Context, s surroundings) pack.Decrypt {
	return pack.Decrypt{File: o.file, Passphrase: o.pass.asker(ctx, s)}
}
