package main

import (
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/examples"
	"github.com/fwpack/fwpack/pack"
)

func newInit(s surroundings) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a project that builds, with throw-away keys",
		Long: `Init writes a small complete project into DIR, the current folder by default:
fwpack.toml, a sw-description template, a root file system, and fresh keys that
are good for trying things out and nothing else. Nothing is overwritten.`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return runInit(dir, s)
		},
	}
}

func runInit(dir string, s surroundings) error {
	project, err := fs.Sub(examples.Quickstart, "quickstart")
	if err != nil {
		return err
	}
	written, err := pack.Scaffold(dir, project, s.rand)
	for _, path := range written {
		fmt.Fprintln(s.stdout, path)
	}
	return err
}
