package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/imgtool"
)

func newImgtoolVerify(s surroundings) *cobra.Command {
	var opt imgtool.VerifyOptions
	var pass passphraseOptions
	cmd := &cobra.Command{
		Use:   "verify IMGFILE",
		Short: "Check an image, with a key also its signature",
		Long: `Verify checks the structure and the digest of an image and, with a key, that it
is signed by it. What a bootloader checks besides, "fwpack verify" shows.`,
		Args: oneImage,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			opt.Image = args[0]
			if opt.Passphrase, err = imgtoolPassphrases(cmd, pass, s); err != nil {
				return err
			}
			return runImgtoolVerify(opt, s)
		},
	}
	parsed(cmd, &opt.Key, "key", "k", "verify the signature by the key in the PEM `file`, public or private", given)
	pass.addFlags(cmd, "", "the key")
	return cmd
}

func oneImage(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Sprintf("%d files: want IMGFILE", len(args))}
	}
	return nil
}

func runImgtoolVerify(opt imgtool.VerifyOptions, s surroundings) error {
	found, err := imgtool.Verify(opt)
	if invalid, ok := errors.AsType[*imgtool.InvalidError](err); ok {
		if err := printLines(s.stdout, invalid.Verdict); err != nil {
			return err
		}
	}
	if err != nil {
		return imgtoolError(err)
	}
	last := fmt.Sprintf("Image digest: %x", found.Digest)
	if found.Signature != nil {
		last = fmt.Sprintf("Image signature over image: %x", found.Signature)
	}
	if found.Unchecked {
		fmt.Fprintln(s.stderr, "fwpack: the signature was not verified: no key was given")
	}
	return printLines(s.stdout, "Image was correctly validated", "Image version: "+found.Version.String(), last)
}

func newImgtoolDumpinfo(s surroundings) *cobra.Command {
	var out string
	var format imgtool.Format
	cmd := &cobra.Command{
		Use:   "dumpinfo IMGFILE",
		Short: "Print header, TLVs and trailer of an image",
		Args:  oneImage,
		RunE:  func(_ *cobra.Command, args []string) error { return runDumpinfo(args[0], out, format, s) },
	}
	parsed(cmd, &out, "outfile", "o", "write to the `file`, in YAML unless -f says otherwise", given)
	parsed(cmd, &format, "format", "f", "`human|yaml|json` (default human)", imgtool.ParseFormat)
	cmd.Flags().BoolP("silent", "s", false, "has no effect, as in imgtool")
	return cmd
}

func runDumpinfo(path, out string, format imgtool.Format, s surroundings) error {
	info, err := imgtool.Dumpinfo(path)
	if err != nil {
		return imgtoolError(err)
	}
	if warning := info.Warning(); warning != "" {
		if err := printLines(s.stdout, warning); err != nil {
			return err
		}
	}
	switch {
	case out == "":
		return info.Write(s.stdout, format)
	case format == "":
		format = imgtool.FormatYAML
	}
	return info.WriteFile(out, format)
}
