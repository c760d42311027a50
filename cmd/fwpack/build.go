package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/template/swdesc/lint"
)

// buildOptions is the command line of fwpack build.
type buildOptions struct {
	project  string
	out      string
	only     []string
	vars     []string
	varFiles []string
	jobs     int
	dryRun   bool
	json     bool
	noDigest bool
	release  bool
	attach   []string
	cache    string
	noCache  bool
	depfile  string
}

func newBuild(s surroundings) *cobra.Command {
	var opt buildOptions
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Build everything in the project",
		Long: `Build reads fwpack.toml and puts the bundles and images it declares into the
output folder, together with artifacts.json, which describes them. The paths of the
outputs go to standard output, everything else to standard error.

The descriptions are checked first, as fwpack check does: errors end the build
before anything is read or signed, warnings are printed.

Finished payloads are kept in a cache, so that only what is new is processed, and
where nothing has changed since the last build, nothing is done: see fwpack cache.

A file of variables (--vars) is one of NAME=VALUE lines, the output of
bitbake -e, a Buildroot .config, or a configuration file of swugenerator.`,
		Example: `  fwpack build
  fwpack build -f board/fwpack.toml -o "$DEPLOY_DIR" --var VERSION_SUFFIX=-rc1`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runBuild(cmd.Context(), opt, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&opt.project, "file", "f", "fwpack.toml", "project `file`")
	f.StringVarP(&opt.out, "output", "o", "", "output `folder` (default dist, beside the project file)")
	f.StringArrayVar(&opt.only, "only", nil, "build only the bundle `name`, or the bundles that hold the artifact of that name; may be repeated")
	f.StringArrayVar(&opt.vars, "var", nil, "set a variable: `NAME=VALUE`; may be repeated")
	f.StringArrayVar(&opt.varFiles, "vars", nil, "set variables from a `file`; may be repeated")
	f.IntVarP(&opt.jobs, "jobs", "j", 0, "how many payloads and encoder threads at once (default one for each processor)")
	f.BoolVarP(&opt.dryRun, "dry-run", "n", false, "check everything that can be checked without a key or a payload, and print the plan")
	f.BoolVar(&opt.release, "release", false, "refuse to sign with keys that others have: published ones, and throw-away keys of fwpack init")
	f.BoolVar(&opt.noDigest, "no-output-digest", false, "leave the digests of the outputs out of artifacts.json: they take a second pass over large files")
	f.StringArrayVar(&opt.attach, "attach", nil, "take the signature of an image whose key is elsewhere: `IMAGE=FILE`; may be repeated")
	addCacheDir(cmd, &opt.cache)
	f.BoolVar(&opt.noCache, "no-cache", false, "build everything, and keep nothing for the next build")
	f.StringVar(&opt.depfile, "depfile", "", "write to `file` which files the outputs depend on, for make and ninja")
	f.BoolVar(&opt.json, "json", false, "print the result, or with --dry-run the plan, as JSON")
	return cmd
}

func runBuild(ctx context.Context, opt buildOptions, s surroundings) error {
	if opt.jobs < 0 {
		return usageError{fmt.Sprintf("--jobs %d: 1 or more are allowed", opt.jobs)}
	}
	if opt.noCache && opt.cache != "" {
		return usageError{"--cache and --no-cache: one of them is allowed"}
	}
	if opt.dryRun && opt.depfile != "" {
		return usageError{"--depfile with --dry-run: nothing is made that could depend on anything"}
	}
	limitMemory(s.env)
	signingTime, err := s.signingTime()
	if err != nil {
		return err
	}
	if opt.out == "" {
		opt.out = filepath.Join(filepath.Dir(opt.project), "dist")
	}
	memory, err := recallBuild(opt, s)
	if err != nil {
		return err
	}
	if done, err := memory.finish(opt, s); done || err != nil {
		return err
	}
	plan, err := planBuild(opt, memory.last, s)
	if err != nil {
		return err
	}
	if opt.dryRun {
		return printPlan(s.stdout, plan, opt.json)
	}
	progress := startProgress(s, plan)
	defer progress.stop()
	report, err := pack.Build(ctx, plan, pack.Options{
		Out: opt.out, Jobs: opt.jobs, Rand: s.rand, Now: s.now(), SigningTime: signingTime,
		Env: s.env, Passphrase: s.passphrase(ctx), Programs: s.programs(), Tool: version(), NoDigest: opt.noDigest, Release: opt.release,
		Meter: progress.meter, Packed: progress.packed, Cache: memory.cache, Dir: memory.dir, Program: memory.program, Warn: func(err error) { memory.warn(s, err) },
	})
	progress.stop()
	if err != nil {
		return err
	}
	memory.keep(ctx, report, s)
	if err := memory.writeDepfile(opt, report); err != nil {
		return err
	}
	return printReport(s.stdout, report, opt)
}

// planBuild plans what is to be built and prints what speaks against it.
func planBuild(opt buildOptions, last *pack.LastBuild, s surroundings) (*pack.Plan, error) {
	project, err := pack.Load(opt.project, pack.Inputs{Vars: opt.vars, VarFiles: opt.varFiles, Env: s.env, Log: last.Log()})
	if project == nil {
		return nil, err
	}
	attached, err := readImageSignatures(opt.attach, last)
	if err != nil {
		return nil, err
	}
	plan, err := project.Plan(pack.Selection{Only: opt.only, Attached: attached}) // it repeats what Load has found
	if err != nil {
		return nil, err
	}
	return plan, printWarnings(s.stderr, plan.Findings)
}

// readImageSignatures reads the files of --attach, by image.
func readImageSignatures(list []string, last *pack.LastBuild) (map[string][]byte, error) {
	signatures := map[string][]byte{}
	for _, text := range list {
		image, file, ok := strings.Cut(text, "=")
		if !ok || image == "" || file == "" {
			return nil, usageError{fmt.Sprintf("--attach %q: want IMAGE=FILE", text)}
		}
		last.Note(file)
		data, err := readBounded(file, maxSignature)
		if err != nil {
			return nil, err
		}
		signatures[image] = data
	}
	return signatures, nil
}

// printWarnings prints what a build does not end for. Notes are for fwpack check.
func printWarnings(w io.Writer, findings []pack.Finding) error {
	for _, f := range findings {
		if f.Severity == lint.Warning && f.Allowed == "" {
			if err := printFinding(w, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func printReport(w io.Writer, report *pack.Report, opt buildOptions) error {
	if opt.json {
		return printJSON(w, report)
	}
	for _, output := range report.Outputs {
		if _, err := fmt.Fprintln(w, filepath.Join(opt.out, output.File)); err != nil {
			return err
		}
		if output.Request == "" {
			continue
		}
		if _, err := fmt.Fprintln(w, filepath.Join(opt.out, output.Request)); err != nil {
			return err
		}
	}
	return nil
}

func printPlan(w io.Writer, plan *pack.Plan, asJSON bool) error {
	if asJSON {
		return printJSON(w, plan)
	}
	_, err := io.WriteString(w, plan.String())
	return err
}

func printJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
