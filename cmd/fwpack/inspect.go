package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/inspect"
)

// inspectOptions is the command line of fwpack inspect.
type inspectOptions struct {
	keyring []string
	decrypt decryptOptions
	color   colorOption
	json    bool

	toml  bool
	out   string
	force bool
}

func newInspect(s surroundings) *cobra.Command {
	var opt inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a file is, what it holds, and who signed it",
		Long: `Inspect tells by its content what a file is, and prints what it holds: bundles
(.swu), descriptions, CMS and raw signatures, MCUboot images (binary or Intel HEX),
zchunk files and their headers, rdiff patches, keys and certificates, AES keys, zips
for phones, and compressed files. What is inside is looked at as well: an image in a
bundle, compressed or, with --decrypt, encrypted.

Signers are named by --keyring. What is printed of a file is what it says itself:
fwpack verify proves it. Exit status 3 says that something is wrong; the problems
are listed.

--as-toml prints a project that builds a bundle again, and with -o writes it to a
folder, with the template of the description and the payloads.`,
		Example: `  fwpack inspect dist/gateway-2.4.0.swu --keyring keys/
  fwpack inspect zephyr.signed.hex --json
  fwpack inspect gateway-2.4.0.swu --as-toml -o gateway --decrypt device.aes`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opt.check(); err != nil {
				return err
			}
			if opt.toml {
				return runAsTOML(cmd.Context(), args[0], opt, s)
			}
			return runInspect(cmd.Context(), args[0], opt, s)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&opt.keyring, "keyring", nil, "names signers: a PEM `file` with keys or certificates, or a folder of them; may be repeated")
	f.BoolVar(&opt.json, "json", false, "print JSON, see docs/json.md")
	f.BoolVar(&opt.toml, "as-toml", false, "print a project that builds the bundle again")
	f.StringVarP(&opt.out, "output", "o", "", "with --as-toml, write the project and all it needs to the folder `DIR`")
	f.BoolVar(&opt.force, "force", false, "with -o, replace files that are there")
	opt.color.addFlags(cmd)
	opt.decrypt.addFlags(cmd)
	return cmd
}

func (o inspectOptions) check() error {
	switch {
	case !o.toml && (o.out != "" || o.force):
		return usageError{"-o and --force go with --as-toml"}
	case o.toml && (o.json || len(o.keyring) > 0):
		return usageError{"--as-toml writes a project: --json and --keyring have no effect on it"}
	case o.force && o.out == "":
		return usageError{"--force goes with -o DIR"}
	}
	return nil
}

// findingsError says that a file is not as it should be. The findings
// themselves have been printed.
type findingsError struct {
	file  string
	count int
}

func (e findingsError) Error() string {
	if e.count == 1 {
		return e.file + ": 1 problem"
	}
	return fmt.Sprintf("%s: %d problems", e.file, e.count)
}

func runInspect(ctx context.Context, path string, opt inspectOptions, s surroundings) error {
	color, err := opt.color.on(s.stdout, s)
	if err != nil {
		return err
	}
	ins, err := opt.read(ctx, path, s)
	if err != nil {
		return err
	}
	if opt.json {
		err = printJSON(s.stdout, ins)
	} else {
		v := newView(s.stdout, color, s)
		v.inspection(ins)
		err = v.writeTo(s.stdout)
	}
	if count := ins.Count(); err == nil && count > 0 {
		return findingsError{path, count}
	}
	return err
}

func (o inspectOptions) read(ctx context.Context, path string, s surroundings) (*inspect.Inspection, error) {
	ring, err := inspect.ReadKeyring(o.keyring)
	if err != nil {
		return nil, err
	}
	keys, err := o.decrypt.keys(ctx, s)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ins, err := inspect.Read(ctx, path, file, inspect.Options{Keyring: ring, Keys: keys})
	if err == nil && ins.Kind == inspect.KindData {
		err = unknownFile(ins)
	}
	return ins, err
}

// unknownFile says that a file is none of those that are known.
func unknownFile(ins *inspect.Inspection) error {
	if ins.Size == 0 {
		return errors.New(ins.Name + ": is empty")
	}
	return hintedError{
		ins.Name + ": is nothing that fwpack knows by its content",
		`known are bundles, descriptions, signatures, MCUboot images (binary or Intel HEX), zchunk files, rdiff patches, PEM and AES keys, zips for phones, and any of these compressed; "fwpack check" reads projects`,
	}
}
