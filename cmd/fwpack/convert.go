package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
)

func newConvert(s surroundings) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "convert FILE --to json|libconfig",
		Short: "Turn a sw-description from libconfig into JSON, or back",
		Long: `Convert reads a sw-description in either format and prints it in the other.
What gets lost on the way, such as comments, is named on standard error, with
its place in FILE. What the other format cannot hold at all is an error.`,
		Example: `  fwpack convert sw-description --to json > sw-description.json`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return runConvert(args[0], to, s) },
	}
	cmd.Flags().StringVar(&to, "to", "", "the `format` to write: json or libconfig")
	return cmd
}

func runConvert(path, to string, s surroundings) error {
	var format swdesc.Format
	if to == "" {
		return usageError{"--to is missing: json and libconfig are allowed"}
	}
	if err := format.UnmarshalText([]byte(to)); err != nil {
		return usageError{"--to: " + err.Error()}
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := diag.NewLines(path, src)
	doc, err := swdesc.ParseAny(src)
	if err != nil {
		return placed(err, lines)
	}
	out, losses, err := swdesc.Convert(doc, format)
	if err != nil {
		return placed(err, lines)
	}
	for _, loss := range losses {
		fmt.Fprintf(s.stderr, "%s: %s\n", lines.Pos(loss.Offset), loss.Msg)
	}
	_, err = s.stdout.Write(out)
	return err
}

// placed gives errors of a description their lines and columns.
func placed(err error, lines *diag.Lines) error {
	var list diag.List
	var syntax swdesc.SyntaxErrors
	var format swdesc.FormatErrors
	switch {
	case errors.As(err, &syntax):
		for _, e := range syntax {
			list.AddHint(lines.Pos(e.Offset), e.Hint, "%s", e.Msg)
		}
	case errors.As(err, &format):
		for _, e := range format {
			list.Addf(lines.Pos(e.Offset), "%s: %s", e.Path, e.Msg)
		}
	default:
		return err
	}
	return list.Err()
}
