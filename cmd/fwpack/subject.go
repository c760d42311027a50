package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
)

// subjectOptions are the flags of commands that look at a description: that of a
// project, of a bundle, or one by itself.
type subjectOptions struct {
	file     string
	target   string
	only     []string
	vars     []string
	varFiles []string
	decrypt  decryptOptions
}

func (o *subjectOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.target, "target", "", "`device`: a release of SWUpdate such as 2022.12, debian-12, a [target.NAME] of the project, or a TOML file with the keys of one")
	f.StringArrayVar(&o.only, "only", nil, "of a project, look at the bundle `name` only; may be repeated")
	f.StringArrayVar(&o.vars, "var", nil, "set a variable: `NAME=VALUE`; may be repeated")
	o.decrypt.addFlags(cmd)
	f.StringArrayVar(&o.varFiles, "vars", nil, "set variables from a `file`, see fwpack build; may be repeated")
}

// take notes the argument of a command, fwpack.toml where there is none.
func (o *subjectOptions) take(args []string) {
	o.file = "fwpack.toml"
	if len(args) == 1 {
		o.file = args[0]
	}
}

func (o *subjectOptions) options(ctx context.Context, s surroundings) (pack.SubjectOptions, error) {
	keys, err := o.decrypt.keys(ctx, s)
	return pack.SubjectOptions{
		Inputs: pack.Inputs{Vars: o.vars, VarFiles: o.varFiles, Env: s.env},
		Target: o.target, Only: o.only, Decrypt: keys,
	}, err
}
