package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/sign/plugin"
)

func newKeyTest(s surroundings) *cobra.Command {
	return &cobra.Command{
		Use:   "test REFERENCE",
		Short: "Check that a signing program keeps to the protocol",
		Long: `Test runs a signing program through all that a build may ask of it, and signs
with the key that REFERENCE names, plugin:NAME:KEY for the program
fwpack-sign-NAME or a pkcs11: URI: each algorithm and hash that fits the key,
several in a session, wrong references, unknown verbs, garbage. It is for
authors of such programs; docs/signing-plugins.md describes the protocol.

The exit status is 3 where a step fails.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runKeyTest(cmd.Context(), args[0], s) },
	}
}

func runKeyTest(ctx context.Context, reference string, s surroundings) error {
	program, err := pack.ParseKeyReference(reference)
	switch {
	case err != nil:
		return usageError{err.Error()}
	case program == nil:
		return usageError{fmt.Sprintf("key %q is not of the form plugin:NAME:REFERENCE or pkcs11:ATTRIBUTES", reference)}
	}
	failed := 0
	for _, result := range plugin.Test(ctx, program.Name, program.Reference, s.programs()) {
		verdict := "ok  "
		if !result.OK {
			verdict = "FAIL"
			failed++
		}
		line := verdict + "  " + result.Name
		if result.Detail != "" {
			line += ": " + result.Detail
		}
		if _, err := fmt.Fprintln(s.stdout, tame(line)); err != nil {
			return err
		}
	}
	if failed > 0 {
		return findingsError{reference, failed}
	}
	return nil
}
