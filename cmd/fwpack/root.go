package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/restore"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign"
)

// Exit statuses that scripts may rely on.
const (
	statusDone       = 0
	statusFailed     = 1
	statusUsage      = 2 // wrong command line, or an error in the project
	statusUnverified = 3 // verification failed, or lint has findings
)

// usageError is a command line or a setting that cannot be used.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, s surroundings) int {
	root := newRoot(s, args)
	root.SetArgs(args)
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusDone
	}
	printError(s.stderr, err)
	return exitStatus(err)
}

// newRoot returns the command with as many of its verbs as args may call.
func newRoot(s surroundings, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:           "fwpack",
		Short:         "Package firmware releases: SWUpdate bundles from a TOML project",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err.Error()} })
	addVerbs(root, []verb{
		{"build", newBuild}, {"cache", newCache}, {"check", newCheck}, {"convert", newConvert}, {"delta", newDelta}, {"diff", newDiff},
		{"imgtool", func(s surroundings) *cobra.Command { return newImgtool(s, args[min(1, len(args)):]) }},
		{"extract", newExtract}, {"init", newInit}, {"inspect", newInspect}, {"key", newKey}, {"plan", newPlan}, {"sign", newSign},
		{"verify", newVerify}, {"zck", newZck},
	}, s, args)
	return root
}

// usageArgs marks the errors of an argument check as errors of usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err.Error()}
		}
		return nil
	}
}

func exitStatus(err error) int {
	var usage usageError
	var list diag.List
	var one diag.Diagnostic
	var unverified *sign.VerificationError
	var findings findingsError
	var refused refusedError
	var different differentError
	var damaged *pack.DamageError
	var lost *restore.DamageError
	var unfit *pack.UnfitError
	var tampered *pack.TamperedError
	switch {
	case deltafile.Damaged(err), unacceptable(err):
		return statusUnverified
	case errors.As(err, &unverified), errors.As(err, &findings), errors.As(err, &refused), errors.As(err, &different),
		errors.As(err, &damaged), errors.As(err, &lost), errors.As(err, &unfit), errors.As(err, &tampered):
		return statusUnverified
	case errors.As(err, &usage), errors.As(err, &list), errors.As(err, &one):
		return statusUsage
	}
	return statusFailed
}

// unacceptable tells whether an image or a bundle is not as it should be, or not known to be.
func unacceptable(err error) bool {
	var unproven unprovenError
	var damaged *imagefile.DamageError
	var untrusted *imagefile.UntrustedError
	var broken *swufile.DamageError
	return errors.As(err, &broken) || errors.As(err, &unproven) || errors.As(err, &damaged) || errors.As(err, &untrusted)
}

// printError prints every problem on a line of its own, with its hint below.
// Problems of a file begin with its place, so that editors can jump there.
func printError(w io.Writer, err error) {
	var list diag.List
	var one diag.Diagnostic
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = diag.List{one}
	default:
		list = diag.List{{Msg: err.Error(), Hint: hintOf(err)}}
	}
	for _, d := range list {
		prefix := ""
		if d.Pos.File == "" {
			prefix = "fwpack: "
		}
		fmt.Fprintf(w, "%s%s\n", prefix, d.Error())
		if d.Hint != "" {
			fmt.Fprintf(w, "  hint: %s\n", d.Hint)
		}
	}
}

func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}
