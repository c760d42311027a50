package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck/rdiff"
)

func newDelta(s surroundings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delta",
		Short: "Make and apply rdiff patches",
		Long: `A patch turns one image into another. SWUpdate's handlers rdiff_image and
rdiff_file apply it, and so does rdiff patch. For devices whose release is known it
is many times smaller than what a zchunk file takes. It carries no digest: applied
to another image it gives rubbish without a complaint, so that a bundle has to
check both ends.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeltaCreate(s), newDeltaInspect(s), newDeltaPatch(s), newDeltaSignature(s))
	return cmd
}

// deltaCreateOptions is the command line of fwpack delta create.
type deltaCreateOptions struct {
	out       string
	signature string
	jobs      int
}

func newDeltaCreate(s surroundings) *cobra.Command {
	var opt deltaCreateOptions
	cmd := &cobra.Command{
		Use:   "create OLD NEW -o PATCH",
		Short: "Make the patch that turns OLD into NEW",
		Long: `Create compares two images byte by byte and writes the patch between them. It is
to be compressed: in a bundle, SWUpdate undoes that. With --signature the old image
is known by its signature only, and the patch is the one that rdiff delta makes.`,
		Example: `  fwpack delta create 2.3.0/rootfs.ext4 rootfs.ext4 -o rootfs.rdiff
  fwpack delta create --signature rootfs.sig rootfs.ext4 -o rootfs.rdiff`,
		Args: usageArgs(func(cmd *cobra.Command, args []string) error {
			if opt.signature != "" {
				return cobra.ExactArgs(1)(cmd, args)
			}
			return cobra.ExactArgs(2)(cmd, args)
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDeltaCreate(cmd.Context(), args, opt, s)
		},
	}
	cmd.Flags().StringVarP(&opt.out, "output", "o", "", "write the patch to `FILE`")
	cmd.Flags().StringVar(&opt.signature, "signature", "", "the signature of the old image, instead of the image: a `file`")
	addJobs(cmd, &opt.jobs)
	return cmd
}

func runDeltaCreate(ctx context.Context, args []string, opt deltaCreateOptions, s surroundings) error {
	if err := checkOutput(opt.out, opt.jobs); err != nil {
		return err
	}
	var stats rdiff.Stats
	var err error
	if opt.signature != "" {
		stats, err = deltafile.DeltaFromSignature(ctx, opt.signature, args[0], opt.out)
	} else {
		stats, err = deltafile.Delta(ctx, args[0], args[1], opt.out, rdiff.EncodeOptions{Jobs: opt.jobs})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "%s: %s copied, %s new\n", size(stats.Size), size(stats.CopyBytes), size(stats.LiteralBytes))
	_, err = fmt.Fprintln(s.stdout, opt.out)
	return err
}

// deltaPatchOptions is the command line of fwpack delta patch.
type deltaPatchOptions struct {
	deltafile.PatchOptions
	out string
}

func newDeltaPatch(s surroundings) *cobra.Command {
	var opt deltaPatchOptions
	cmd := &cobra.Command{
		Use:   "patch OLD PATCH -o NEW",
		Short: "Apply a patch",
		Long: `Patch writes what the patch makes of OLD, and prints its SHA-256. Nothing in a
patch says which image it is for; --sha256 says what must come out. Where something
else does, or the patch is damaged, the exit status is 3 and there is no NEW.`,
		Example: `  fwpack delta patch old.ext4 rootfs.rdiff -o new.ext4 --sha256 "$(cut -c1-64 new.ext4.sha256)"`,
		Args:    usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDeltaPatch(cmd.Context(), args, opt, s)
		},
	}
	cmd.Flags().StringVarP(&opt.out, "output", "o", "", "write the new image to `FILE`")
	cmd.Flags().StringVar(&opt.SHA256, "sha256", "", "what the new image must have, in `hex`")
	cmd.Flags().Int64Var(&opt.MaxSize, "max-size", 0, "the largest new image, in `bytes`; 0 allows any")
	return cmd
}

func runDeltaPatch(ctx context.Context, args []string, opt deltaPatchOptions, s surroundings) error {
	switch {
	case opt.out == "":
		return errNoOutput
	case opt.MaxSize < 0:
		return usageError{fmt.Sprintf("--max-size %d: 1 or more are allowed", opt.MaxSize)}
	}
	if err := checkSHA256(opt.SHA256); err != nil {
		return err
	}
	result, err := deltafile.Patch(ctx, args[0], args[1], opt.out, opt.PatchOptions)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.stdout, "%s  %s\n", result.SHA256, opt.out)
	return err
}
