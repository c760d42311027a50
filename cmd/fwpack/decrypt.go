package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/swufile"
)

// decryptOptions are the flags of what opens an encrypted description, encrypted
// payloads, or the encrypted body of an image.
type decryptOptions struct {
	files []string
	pass  passphraseOptions
}

func (o *decryptOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.files, "decrypt", nil, "key `file` that opens what is encrypted: a private key, or the AES key of payloads, of a description, with its IV, or of an image; may be repeated")
	o.pass.addFlags(cmd, "decrypt-", "those keys")
}

// keys reads the keys; nil where none is named.
func (o *decryptOptions) keys(ctx context.Context, s surroundings) (*swufile.Keys, error) {
	if err := o.pass.check(); err != nil {
		return nil, err
	}
	return swufile.ReadKeys(o.files, o.pass.asker(ctx, s))
}
