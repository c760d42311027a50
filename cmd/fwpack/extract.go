package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/imagefile"
)

// extractOptions is the command line of fwpack extract.
type extractOptions struct {
	out     string
	parts   []string
	raw     bool
	force   bool
	decrypt decryptOptions
	json    bool
}

func newExtract(s surroundings) *cobra.Command {
	var opt extractOptions
	cmd := &cobra.Command{
		Use:   "extract IMAGE -o DIR [PART ...]",
		Short: "Take a finished image apart",
		Long: `Extract writes the parts of an MCUboot image to files in a folder, all of them or
those that are named:

  body     the firmware, decrypted (--decrypt) and decompressed
  image    the image as it is, without padding
  clear    an encrypted image with its body decrypted
  trailer  the fields of the trailer
  tlvs     the value of each TLV, in the folder tlvs

An image that is not the one of its digest is damaged, and left alone. --raw
takes the body as it is stored and looks at no digest.`,
		Example: `  fwpack extract zephyr.signed.bin -o parts
  fwpack extract update.bin -o parts body --decrypt enc-x25519-priv.pem`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.parts = args[1:]
			return runExtract(cmd.Context(), args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write to the folder `DIR`, which is made if it is not there")
	f.BoolVar(&opt.raw, "raw", false, "take the body as it is stored: encrypted, compressed, damaged")
	f.BoolVar(&opt.force, "force", false, "replace files that are there")
	f.BoolVar(&opt.json, "json", false, "print the parts as JSON")
	opt.decrypt.addFlags(cmd)
	return cmd
}

func runExtract(ctx context.Context, path string, opt extractOptions, s surroundings) error {
	switch {
	case opt.out == "":
		return usageError{"-o DIR is missing"}
	case opt.raw && len(opt.decrypt.files) > 0:
		return usageError{"--raw and --decrypt: one of the two is allowed"}
	}
	f, err := openImage(path, "extract")
	if err != nil {
		return err
	}
	options := imagefile.ExtractOptions{Parts: opt.parts, Raw: opt.raw, Force: opt.force}
	if options.DecryptionKey, err = opt.decrypt.imageKey(ctx, f, s); err != nil {
		return err
	}
	parts, err := f.Extract(opt.out, options)
	if err != nil {
		return err
	}
	if opt.json {
		return printJSON(s.stdout, parts)
	}
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintln(&b, filepath.Join(opt.out, filepath.FromSlash(part.File)))
	}
	_, err = fmt.Fprint(s.stdout, tame(b.String()))
	return err
}
