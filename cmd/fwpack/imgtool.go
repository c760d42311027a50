package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/imgtool"
	"github.com/fwpack/fwpack/sign"
)

// commandLine returns the arguments of fwpack. A binary with the name of imgtool
// is imgtool; "west sign" looks for imgtool.py as well.
func commandLine(argv []string) []string {
	if len(argv) == 0 {
		return nil
	}
	name := filepath.Base(argv[0])
	if slices.Contains([]string{"imgtool", "imgtool.exe", "imgtool.py"}, name) {
		return append([]string{"imgtool"}, argv[1:]...)
	}
	return argv[1:]
}

func newImgtool(s surroundings, args []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "imgtool",
		Short: "Every command of MCUboot's imgtool " + imgtool.Version,
		Long: `Imgtool has the commands and options of MCUboot's imgtool ` + imgtool.Version + `, and exits as
it does: with 2 for a command line or an input that cannot be used, with 1
where an image is not valid. A binary or a link with the name imgtool is this
command. What differs is listed in docs/imgtool.md.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	addVerbs(cmd, []verb{
		{"sign create", newImgtoolSign}, {"verify", newImgtoolVerify}, {"dumpinfo", newImgtoolDumpinfo},
		{"keygen", newImgtoolKeygen}, {"getpub", newImgtoolGetpub}, {"getpubhash", newImgtoolGetpubhash},
		{"getpriv", newImgtoolGetpriv}, {"keyinfo", newImgtoolKeyinfo}, {"version", newImgtoolVersion},
	}, s, args)
	return cmd
}

func newImgtoolVersion(s surroundings) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of imgtool that this is like",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.stdout, imgtool.Version)
			return err
		},
	}
}

// imgtoolError gives err the exit status that imgtool has for it.
func imgtoolError(err error) error {
	if usage, ok := errors.AsType[*imgtool.UsageError](err); ok {
		return imgtoolUsage{usage}
	}
	return err
}

// imgtoolUsage is both an error of usage and what it is about.
type imgtoolUsage struct{ err *imgtool.UsageError }

func (e imgtoolUsage) Error() string   { return e.err.Error() }
func (e imgtoolUsage) Unwrap() []error { return []error{e.err, usageError{e.err.Error()}} }

// imgtoolPassphrases returns what finds the passphrases of keys.
func imgtoolPassphrases(cmd *cobra.Command, o passphraseOptions, s surroundings) (imgtool.Passphrases, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return func(path string) sign.PassphraseFunc {
		find, err := o.existing(cmd.Context(), path, s)
		if err != nil {
			return func() ([]byte, error) { return nil, err }
		}
		return find
	}, nil
}

// want refuses a command line without an option that imgtool requires.
func want(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := cmd.Flags().Lookup(name); !flag.Changed {
			return usageError{fmt.Sprintf("-%s/--%s is missing", flag.Shorthand, flag.Name)}
		}
	}
	return nil
}

// parsed adds an option whose value parse reads into to.
func parsed[T any](cmd *cobra.Command, to *T, name, short, help string, parse func(string) (T, error)) {
	cmd.Flags().FuncP(name, short, help, func(text string) error {
		value, err := parse(text)
		if err == nil {
			*to = value
		}
		return err
	})
}

// pointed is parse for options that may be absent.
func pointed[T any](parse func(string) (T, error)) func(string) (*T, error) {
	return func(text string) (*T, error) {
		value, err := parse(text)
		return &value, err
	}
}

func text(value string) (string, error) { return value, nil }

// given refuses the empty text of a variable that is not set: without the name of
// its key, an image would be unsigned, or a passphrase none.
func given(value string) (string, error) {
	if value == "" {
		return "", errors.New("want a name")
	}
	return value, nil
}

func printLines(w io.Writer, lines ...string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
