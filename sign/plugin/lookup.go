package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// prefix begins the name of every signing program.
const prefix = "fwpack-sign-"

// maxName bounds the part after prefix, in bytes: a file system that allows
// less than 255 in all is not known.
const maxName = 64

// NotFoundError says that a signing program is not on PATH.
type NotFoundError struct {
	// Program is the file that was looked for: fwpack-sign-NAME.
	Program string
	// Path is the list of folders, as PATH has it.
	Path string
	// Passed names a file that has the name, but is not an executable file; ""
	// where there is none.
	Passed string
}

// Error is one line.
func (e *NotFoundError) Error() string {
	if e.Passed != "" {
		return fmt.Sprintf("%s: not found on PATH: %s is not an executable file", e.Program, e.Passed)
	}
	return e.Program + ": not found on PATH"
}

// Hint says how to mend it.
func (e *NotFoundError) Hint() string {
	if e.Path == "" {
		return fmt.Sprintf("PATH is empty: set it to the folder that holds the executable %s", e.Program)
	}
	return fmt.Sprintf("put an executable %s into one of the folders of PATH that are absolute: %s", e.Program, e.Path)
}

// program is a program with the key it is asked about.
type program struct {
	ctx       context.Context // of Open, as crypto.Signer has none
	name      string          // fwpack-sign-NAME
	file      string
	reference string
	opt       Options
}

// find looks the program up.
func find(ctx context.Context, name, reference string, opt Options) (program, error) {
	if err := checkName(name); err != nil {
		return program{}, err
	}
	p := program{ctx: ctx, name: prefix + name, reference: reference, opt: opt}
	if err := checkReference(reference); err != nil {
		return program{}, fmt.Errorf("%s: %w", p.name, err)
	}
	var err error
	p.file, err = lookPath(p.name, opt.path())
	return p, err
}

// checkName keeps separators and dots out of the file's name.
func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("signing program %q: want a name of 1 to %d letters, digits and dashes", name, maxName)
	}
	for _, c := range []byte(name) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return fmt.Errorf("signing program %q: no place for %q in a name: want letters, digits and dashes", name, c)
		}
	}
	return nil
}

// path returns the list of folders to look in.
func (o Options) path() string {
	if o.Path != "" {
		return o.Path
	}
	var path string
	for _, assignment := range o.Env {
		if value, ok := strings.CutPrefix(assignment, "PATH="); ok {
			path = value // the last one counts, as in os/exec
		}
	}
	return path
}

// lookPath returns the first executable called name. os/exec's would read the
// environment, and finds programs in relative folders.
func lookPath(name, path string) (string, error) {
	missing := &NotFoundError{Program: name, Path: path}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		for _, ext := range extensions() {
			file := filepath.Join(dir, name+ext)
			switch found, err := executable(file); {
			case err == nil && found:
				return file, nil
			case err == nil && missing.Passed == "":
				missing.Passed = file
			}
		}
	}
	return "", missing
}

// extensions are the ends of an executable's name.
func extensions() []string {
	if runtime.GOOS == "windows" {
		return []string{".exe", ".cmd", ".bat"}
	}
	return []string{""}
}

func executable(file string) (bool, error) {
	info, err := os.Stat(file)
	if err != nil {
		return false, err
	}
	return info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0), nil
}

// errorf says which program, key and step err belongs to.
func (p program) errorf(step string, err error) error {
	return fmt.Errorf("%s: key %q: %s: %w", p.name, p.reference, step, err)
}
