package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
)

// extractOptions is the command line of fwpack extract.
type extractOptions struct {
	out     string
	parts   []string
	raw     bool
	force   bool
	large   bool
	decrypt decryptOptions
	json    bool
}

func newExtract(s surroundings) *cobra.Command {
	var opt extractOptions
	cmd := &cobra.Command{
		Use:   "extract FILE -o DIR [NAME ...]",
		Short: "Take a finished bundle or image apart",
		Long: `Extract writes what is in a .swu or an MCUboot image to files in a folder, all of it
or what is named, and never anywhere else.

Of a .swu these are the payloads under their names, decrypted (--decrypt) and
decompressed, sw-description, decrypted, and sw-description.sig. A payload that is
damaged, or not the one of its sha256, is left alone.

Of an image they are its parts:

  body     the firmware, decrypted (--decrypt) and decompressed
  image    the image as it is, without padding
  clear    an encrypted image with its body decrypted
  trailer  the fields of the trailer
  tlvs     the value of each TLV, in the folder tlvs

An image that is not the one of its digest is damaged, and left alone.

--raw takes everything as it is stored and looks at no digest.`,
		Example: `  fwpack extract gateway.swu -o parts
  fwpack extract gateway.swu -o parts rootfs.ext4 --decrypt device.aes
  fwpack extract zephyr.signed.bin -o parts
  fwpack extract update.bin -o parts body --decrypt enc-x25519-priv.pem`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.parts = args[1:]
			return runExtract(cmd.Context(), args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&opt.out, "output", "o", "", "write to the folder `DIR`, which is made if it is not there")
	f.BoolVar(&opt.raw, "raw", false, "take things as they are stored: encrypted, compressed, damaged")
	f.BoolVar(&opt.force, "force", false, "replace files that are there")
	f.BoolVar(&opt.large, "large", false, "take payloads out of a bundle however large they get")
	f.BoolVar(&opt.json, "json", false, "print what was taken as JSON")
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
	file, err := openFinished(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.kind == pack.KindBundle {
		return extractBundle(ctx, file, opt, s)
	}
	return extractImage(ctx, file, opt, s)
}

func extractImage(ctx context.Context, file *finishedFile, opt extractOptions, s surroundings) error {
	f, err := imagefile.Read(file.path, file)
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
	var names []string
	for _, part := range parts {
		names = append(names, part.File)
	}
	return opt.printFiles(s.stdout, names)
}

func extractBundle(ctx context.Context, file *finishedFile, opt extractOptions, s surroundings) error {
	options := swufile.ExtractOptions{Names: opt.parts, Raw: opt.raw, Force: opt.force, Large: opt.large}
	var err error
	if options.Keys, err = opt.decrypt.keys(ctx, s); err != nil {
		return err
	}
	taken, err := swufile.Extract(ctx, file.path, file, opt.out, options)
	if err != nil {
		return err
	}
	if opt.json {
		return printJSON(s.stdout, taken)
	}
	var names []string
	for _, part := range taken {
		names = append(names, part.Name)
	}
	return opt.printFiles(s.stdout, names)
}

// printFiles lists what was written.
func (o extractOptions) printFiles(w io.Writer, names []string) error {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintln(&b, filepath.Join(o.out, filepath.FromSlash(name)))
	}
	_, err := io.WriteString(w, tame(b.String()))
	return err
}
