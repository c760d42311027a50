package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
)

func verifyBundle(ctx context.Context, file *finishedFile, opt verifyOptions, s surroundings) error {
	options := swufile.VerifyOptions{Now: s.now(), Purpose: opt.purpose, ZCK: opt.zck, Primary: opt.boot.primary}
	var err error
	if options.Trust, err = swufile.ReadTrust(opt.trust); err != nil {
		return err
	}
	if options.Keys, err = opt.decrypt.keys(ctx, s); err != nil {
		return err
	}
	if options.Bootloader, err = opt.boot.profile(s); err != nil {
		return err
	}
	if options.Target, err = pack.FindTarget(opt.target); err != nil {
		return err
	}
	v, err := swufile.Verify(ctx, file.path, file, options)
	if err != nil {
		return err
	}
	if opt.json {
		err = printJSON(s.stdout, v)
	} else {
		err = printBundle(s.stdout, v)
	}
	if err == nil && v.Verdict != imagefile.Accepted {
		err = unprovenError{tame(fmt.Sprintf("%s: %s: %s", v.File, v.Verdict, v.Reason()))}
	}
	return err
}

func printBundle(w io.Writer, v *swufile.Verification) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s: SWUpdate bundle\n", tame(v.File))
	if v.Target != "" {
		fmt.Fprintf(tw, "target\t%s\n", tame(v.Target))
	}
	for _, signer := range v.Signers {
		printBundleSigner(tw, signer)
	}
	tw.Flush()
	fmt.Fprintln(tw)
	printSteps(tw, "", v.Steps)
	tw.Flush()
	if len(v.Notes) > 0 {
		fmt.Fprintln(&b)
	}
	for _, note := range v.Notes {
		fmt.Fprintf(&b, "note: %s\n", tame(note))
	}
	fmt.Fprintf(&b, "\n%s\n", v.Verdict)
	_, err := io.WriteString(w, withoutBlanks(b.String()))
	return err
}

func printBundleSigner(w io.Writer, signer swufile.Signer) {
	state := "not trusted"
	if signer.Trusted {
		state = "trusted"
	}
	if signer.Subject != "" {
		fmt.Fprintf(w, "signed by\t%s (%s)\n", tame(signer.Subject), state)
	}
	fmt.Fprintf(w, "key\t%s %s\n", tame(signer.Key), tame(signer.KeyFingerprint))
}

// printSteps prints the steps of a bundle and of those in it.
func printSteps(w io.Writer, within string, steps []swufile.Step) {
	for _, step := range steps {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", step.Step, step.Outcome, tame(within+step.Where), tame(step.Detail))
		if step.Bundle != nil {
			printSteps(w, within+step.Where+"/", step.Bundle.Steps)
		}
	}
}
