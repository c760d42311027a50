package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/diff"
)

// diffOptions is the command line of fwpack diff.
type diffOptions struct {
	decrypt        decryptOptions
	all, json      bool
	exitCode       bool
	jobs           int
	oldFile, newer string
}

func newDiff(s surroundings) *cobra.Command {
	var opt diffOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what is different between two releases",
		Long: `Diff compares two bundles, two descriptions, two MCUboot images, two zchunk files,
or any two files by their blocks. Of bundles it tells which settings, entries,
payloads and signers came, went and changed, by what they mean: layout does not
count, and an entry is the same one under a file name with another version. What a
payload holds is compared as a device ends up with it, by blocks of 4 KiB and for
what it is; and it tells what a device would download if it came as a delta.

What follows from something else that is told, such as the digest of a payload, and
what each build makes anew, such as an IV, is listed with --all. Nothing is verified:
fwpack verify does that.`,
		Example: `  fwpack diff gateway-2.3.0.swu gateway-2.4.0.swu
  fwpack diff --exit-code old/sw-description new/sw-description`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.oldFile, opt.newer = args[0], args[1]
			return runDiff(cmd.Context(), opt, s)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opt.all, "all", false, "list details, too, and every value in full")
	f.BoolVar(&opt.exitCode, "exit-code", false, "exit with status 3 where something is different")
	f.BoolVar(&opt.json, "json", false, "print JSON")
	addJobs(cmd, &opt.jobs)
	opt.decrypt.addFlags(cmd)
	return cmd
}

func runDiff(ctx context.Context, opt diffOptions, s surroundings) error {
	if err := checkJobs(opt.jobs); err != nil {
		return err
	}
	if opt.json && opt.all {
		return usageError{"--all does nothing with --json, which has everything"}
	}
	keys, err := opt.decrypt.keys(ctx, s)
	if err != nil {
		return err
	}
	d, err := diff.Files(ctx, opt.oldFile, opt.newer, diff.Options{Keys: keys, Jobs: opt.jobs})
	if err != nil {
		return err
	}
	if opt.json {
		err = printJSON(s.stdout, d)
	} else {
		err = printDifference(s.stdout, d, opt.all)
	}
	if err == nil && opt.exitCode && d.Different {
		return differentError{opt.oldFile, opt.newer}
	}
	return err
}

// differentError says that --exit-code is to tell of differences. They have been
// printed.
type differentError struct{ oldFile, newFile string }

func (e differentError) Error() string {
	return fmt.Sprintf("%s and %s are different", e.oldFile, e.newFile)
}
