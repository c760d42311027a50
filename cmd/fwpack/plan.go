package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/template/swdesc/predict"
)

// planOptions is the command line of fwpack plan.
type planOptions struct {
	subjectOptions
	board, revision string
	selection       string
	installed       string
	noDowngrade     string
	noReinstall     string
	maxVersion      string
	from            []string
	json            bool
}

func newPlan(s surroundings) *cobra.Command {
	var opt planOptions
	cmd := &cobra.Command{
		Use:   "plan [FILE]",
		Short: "Say what a device would do with a bundle",
		Long: `Plan tells what SWUpdate on a device would do with a bundle: which sections it
takes, which handlers run in which order on what, what is skipped and why, what
changes in the bootloader's environment, and the space it needs; or why the client
refuses, in the words of its log. With --from, it also tells what a delta downloads
where that release is installed. FILE is a project (fwpack.toml where none is
given), a .swu, or a description by itself.

The device is taken to be in order: its volumes exist and its keys fit. Whether
signatures and payloads are good is for fwpack verify.

The exit status is 3 where the device would refuse.`,
		Example: `  fwpack plan dist/gateway-2.4.0.swu --board gateway --revision 1.0 --select stable,copy2
  fwpack plan --only gateway --installed sw-versions --target 2022.12`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.take(args)
			return runPlan(cmd.Context(), opt, s)
		},
	}
	f := cmd.Flags()
	opt.addFlags(cmd)
	f.StringVar(&opt.board, "board", "", "`name` of the board, as in /etc/hwrevision")
	f.StringVar(&opt.revision, "revision", "", "its hardware `revision`")
	f.StringVarP(&opt.selection, "select", "e", "", "`SET,MODE`, as for swupdate -e")
	f.StringVar(&opt.installed, "installed", "", "`file` with what is installed: sw-versions, or swupdate.cfg with a list versions")
	f.StringVar(&opt.noDowngrade, "no-downgrading", "", "the device refuses what is lower than this `version` (swupdate -N)")
	f.StringVar(&opt.noReinstall, "no-reinstalling", "", "the device refuses this `version` (swupdate -R)")
	f.StringVar(&opt.maxVersion, "max-version", "", "the device refuses what is higher than this `version`")
	f.StringArrayVar(&opt.from, "from", nil, "what is installed: a `release` such as the bundle, the image or the .zck of before; tells what deltas download; may be repeated")
	f.BoolVar(&opt.json, "json", false, "print the plan as JSON")
	return cmd
}

func runPlan(ctx context.Context, opt planOptions, s surroundings) error {
	device, err := opt.device()
	if err != nil {
		return err
	}
	options, err := opt.options(ctx, s)
	if err != nil {
		return err
	}
	subjects, problems, err := pack.ReadSubjects(ctx, opt.file, options)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return err
	}
	if len(subjects) != 1 {
		return usageError{fmt.Sprintf("%s has %s: choose one with --only", opt.file, bundleNames(subjects))}
	}
	subject := subjects[0]
	prediction := subject.Predict(device)
	downloads, err := opt.downloads(ctx, subject)
	if err != nil {
		return err
	}
	if err := printPrediction(s.stdout, subject, prediction, downloads, opt.json); err != nil {
		return err
	}
	if !prediction.Accepted {
		return refusedError{opt.file}
	}
	return nil
}

// refusedError says that a device would refuse. Why has been printed.
type refusedError struct{ file string }

func (e refusedError) Error() string { return e.file + ": the device would refuse it" }

func bundleNames(subjects []*pack.Subject) string {
	var names []string
	for _, s := range subjects {
		names = append(names, s.Bundle)
	}
	return fmt.Sprintf("%d bundles (%s)", len(subjects), strings.Join(names, ", "))
}

// device is the one that the command line describes.
func (o *planOptions) device() (predict.Device, error) {
	d := predict.Device{NoDowngrade: o.noDowngrade, NoReinstall: o.noReinstall, MaxVersion: o.maxVersion}
	if (o.board == "") != (o.revision == "") {
		return d, usageError{"--board and --revision belong together: a device has both"}
	}
	if o.board != "" {
		d.Hardware = &predict.Hardware{Board: o.board, Revision: o.revision}
	}
	if o.selection != "" {
		set, mode, ok := strings.Cut(o.selection, ",")
		if !ok || set == "" || mode == "" {
			return d, usageError{fmt.Sprintf("--select %q: SET,MODE is allowed, both of them", o.selection)}
		}
		d.Set, d.Mode = set, mode
	}
	if o.installed == "" {
		return d, nil
	}
	data, err := os.ReadFile(o.installed)
	if err != nil {
		return d, err
	}
	if d.Installed, err = predict.ParseSWVersions(data); err != nil {
		return d, fmt.Errorf("%s: %w", o.installed, err)
	}
	return d, nil
}

// plannedBundle is a prediction as JSON.
type plannedBundle struct {
	Bundle string `json:"bundle,omitempty"`
	File   string `json:"file"`
	Place  string `json:"place,omitempty"` // of what a refusal is about
	predict.Prediction
	Downloads []plannedDownload `json:"downloads,omitempty"` // of deltas, where --from says what is installed
}

func printPrediction(w io.Writer, subject *pack.Subject, p predict.Prediction, downloads []plannedDownload, asJSON bool) error {
	place := ""
	if p.Refusal != nil && p.Refusal.Path != "" {
		place = subject.Pos(p.Refusal.Offset).String()
	}
	if asJSON {
		return printJSON(w, plannedBundle{subject.Bundle, subject.File, place, p, downloads})
	}
	if place != "" {
		if _, err := fmt.Fprintf(w, "%s: refused here\n", place); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, tame(p.Text())); err != nil {
		return err
	}
	return printDownloads(w, downloads)
}
