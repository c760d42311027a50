package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign/keygen"
)

// maxMonths is a century: nobody plans further.
const maxMonths = 1200

// keyDoctorOptions is the command line of fwpack key doctor.
type keyDoctorOptions struct {
	files  []string
	months int
	json   bool
}

func newKeyDoctor(s surroundings) *cobra.Command {
	var opt keyDoctorOptions
	cmd := &cobra.Command{
		Use:   "doctor [FILE...]",
		Short: "Find what is wrong with keys and certificates",
		Long: `Doctor looks for certificates that expire, weak keys, secrets that others may
read, keys that everybody has, certificates that SWUpdate does not accept, chains
with gaps, and keys that do not belong to their certificates. Without FILE it
looks at the keys of the project fwpack.toml. Encrypted keys are not opened.

The exit status is 3 where it finds something.`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			opt.files = args
			return runKeyDoctor(opt, s)
		},
	}
	f := cmd.Flags()
	f.IntVar(&opt.months, "months", 6, "certificates must be valid for so many `months`")
	f.BoolVar(&opt.json, "json", false, "print the findings as JSON")
	return cmd
}

func runKeyDoctor(opt keyDoctorOptions, s surroundings) error {
	if opt.months < 1 || opt.months > maxMonths {
		return usageError{fmt.Sprintf("--months %d: 1 to %d are allowed", opt.months, maxMonths)}
	}
	subject, paths := "keys", opt.files
	if len(paths) == 0 {
		var err error
		if subject, paths, err = projectKeys(s); err != nil {
			return err
		}
	}
	var files []keygen.File
	for _, path := range paths {
		file, err := patient(path)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	findings := keygen.Examine(files, keygen.ExamineOptions{Now: s.now(), Months: opt.months})
	if err := printDoctor(s.stdout, findings, opt.json); err != nil {
		return err
	}
	if len(findings) > 0 {
		return findingsError{subject, len(findings)}
	}
	return nil
}

// projectKeys lists the files of the keys of the project here.
func projectKeys(s surroundings) (string, []string, error) {
	const name = "fwpack.toml"
	project, err := pack.Load(name, pack.Inputs{Env: s.env})
	if err != nil {
		return name, nil, err
	}
	var paths []string
	for _, key := range project.Keys {
		paths = append(paths, key.PrivateKey, key.Public, key.Certificate)
		paths = append(paths, key.Chain...)
		if key.AES != nil {
			paths = append(paths, key.AES.File)
		}
	}
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), func(path string) bool { return path == "" })
	return name, paths, nil
}

// patient reads a file for the doctor.
func patient(path string) (keygen.File, error) {
	file := keygen.File{Name: path}
	info, err := os.Stat(path)
	if err != nil {
		return file, err
	}
	if runtime.GOOS != "windows" { // which makes permissions up
		file.Mode = info.Mode()
	}
	if file.Data, err = readKeyFile(path); err != nil {
		return file, err
	}
	_, _, err = payload.ParseAESKey(file.Data)
	file.AES = err == nil
	return file, nil
}

func printDoctor(w io.Writer, findings []keygen.Finding, asJSON bool) error {
	if asJSON {
		return printJSON(w, append([]keygen.Finding{}, findings...))
	}
	for _, f := range findings {
		text := fmt.Sprintf("%s: %s: %s\n", f.File, f.Rule, f.Message)
		if f.Hint != "" {
			text += "  hint: " + f.Hint + "\n"
		}
		if _, err := io.WriteString(w, tame(text)); err != nil {
			return err
		}
	}
	return nil
}
