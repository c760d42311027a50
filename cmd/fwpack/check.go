package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/template/swdesc/lint"
)

// checkOptions is the command line of fwpack check.
type checkOptions struct {
	subjectOptions
	json   bool
	sarif  bool
	strict bool
}

func newCheck(s surroundings) *cobra.Command {
	var opt checkOptions
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what would fail on the device",
		Long: `Check holds a sw-description against what SWUpdate's clients are known to do.
FILE is a project (fwpack.toml where none is given), a finished .swu, or a
description or its template, in libconfig's syntax or in JSON. No keys are
needed, and of a project no payloads.

Every finding names its rule; docs/rules.md has them all. A project can allow a
rule to be broken, with a reason:

  [check.allow]
  SWD201 = "the handler is one of ours, in Lua"

The exit status is 3 where there are errors; with --strict, warnings too.`,
		Example: `  fwpack check
  fwpack check dist/gateway-2.4.0.swu --target 2022.12
  fwpack check sw-description.in --vars build.env --sarif > findings.sarif`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.take(args)
			return runCheck(cmd.Context(), opt, s)
		},
	}
	f := cmd.Flags()
	opt.addFlags(cmd)
	f.BoolVar(&opt.strict, "strict", false, "take warnings for errors")
	f.BoolVar(&opt.json, "json", false, "print the findings as JSON")
	f.BoolVar(&opt.sarif, "sarif", false, "print the findings as SARIF 2.1.0, for annotations in code reviews")
	return cmd
}

func runCheck(ctx context.Context, opt checkOptions, s surroundings) error {
	if opt.json && opt.sarif {
		return usageError{"--json and --sarif: one of the two is allowed"}
	}
	options, err := opt.options(ctx, s)
	if err != nil {
		return err
	}
	report, err := pack.Check(ctx, opt.file, options)
	if err != nil {
		return err
	}
	if err := printCheck(s, report, opt); err != nil {
		return err
	}
	failures := report.Counts.Errors
	if opt.strict {
		failures += report.Counts.Warnings
	}
	if failures > 0 {
		return findingsError{opt.file, failures}
	}
	return nil
}

func printCheck(s surroundings, report *pack.CheckReport, opt checkOptions) error {
	switch {
	case opt.json:
		return printJSON(s.stdout, report)
	case opt.sarif:
		return printJSON(s.stdout, newSARIF(report.Findings))
	}
	for _, f := range report.Findings {
		if err := printFinding(s.stdout, f); err != nil {
			return err
		}
	}
	c := report.Counts
	fmt.Fprintf(s.stderr, "%s: %s, %s, %s%s\n", opt.file,
		plural(c.Errors, "error"), plural(c.Warnings, "warning"), plural(c.Notes, "note"), allowedCount(c.Allowed))
	return nil
}

func allowedCount(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d allowed", n)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// printFinding prints a finding at its place, with what happens on the device
// and what to do below it.
func printFinding(w io.Writer, f pack.Finding) error {
	text := fmt.Sprintf("%s: %s\n", f.Pos(), f)
	switch {
	case f.Allowed != "":
		text += "  because: " + f.Allowed + "\n"
	case f.Severity == lint.Note:
	case f.Why != "":
		text += "  device: " + f.Why + "\n"
	}
	if f.Hint != "" && f.Allowed == "" {
		text += "  hint: " + f.Hint + "\n"
	}
	_, err := io.WriteString(w, tame(text))
	return err
}
