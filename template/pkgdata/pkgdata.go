// Package pkgdata reads the package data that a Yocto build leaves behind, the
// folder that BitBake calls PKGDATA_DIR.
//
// A [Folder] is made from the folder's path; [Folder.Value] answers what
// $swupdate_get_pkgvar of a template asks:
//
//	source := template.Source{Vars: vars, Packages: pkgdata.Folder(dir).Value}
//
// The folder holds a file for each package:
//
//	runtime-reverse/NAME   by the name that the package has on the device
//	runtime/NAME           by the name that its recipe gives it
//	NAME                   by the name of the recipe
//
// The first that exists counts; the reverse ones are links to the others. A file
// is lines of "KEY: value", or "KEY:package: value" ("KEY_package: value" before
// Yocto 3.4) where the variable was set for one package. Values are written in
// Python's unicode_escape.
package pkgdata

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// maxFile bounds the file of one package in bytes. The largest, those of kernels,
// held a list of all their files before Yocto 3.5, some MB.
const maxFile = 64 << 20

// Folder is the path of a pkgdata folder.
type Folder string

// Value returns a variable of a package. Everything from a "+" on is cut off, as
// meta-swupdate does: what follows there in a version is the revision that was
// built. Where the package or its variable is not there, the error is a
// diag.Diagnostic without a place, which may hint at a name that is; meta-swupdate
// says "1.0" then.
func (f Folder) Value(pkg, variable string) (string, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return "", fmt.Errorf("the pkgdata folder cannot be read: %w", err)
	}
	defer root.Close()
	data, err := readPackage(root, pkg)
	if err != nil {
		return "", err
	}
	values := parse(data)
	value, ok := lookup(values, pkg, variable)
	if !ok {
		return "", unknown(fmt.Sprintf("package %q has no variable %q", pkg, variable), variable, plainKeys(values))
	}
	value, _, _ = strings.Cut(value, "+")
	return value, nil
}

// folders are the places of a package's file, in the order of preference.
func folders() []string {
	return []string{"runtime-reverse", "runtime", "."}
}

// Places are the paths of the files that Value looks for, in this order.
func (f Folder) Places(pkg string) []string {
	var places []string
	for _, folder := range folders() {
		places = append(places, filepath.Join(string(f), folder, filepath.FromSlash(pkg)))
	}
	return places
}

// readPackage reads the file of a package. Its name never leads out of the
// folder, and neither does a link.
func readPackage(root *os.Root, pkg string) ([]byte, error) {
	if !filepath.IsLocal(pkg) || strings.ContainsAny(pkg, `/\`) || pkg == "." {
		return nil, fmt.Errorf("%q is not the name of a package", pkg)
	}
	for _, folder := range folders() {
		data, err := readFile(root, path.Join(folder, pkg))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	return nil, unknown(fmt.Sprintf("package %q is not in the pkgdata folder", pkg), pkg, names(root))
}

// readFile reads a regular file; anything else of that name does not exist.
func readFile(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has more than %d MiB", name, maxFile>>20)
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile))
}

// names lists the packages of the folder in a fixed order.
func names(root *os.Root) []string {
	var found []string
	for _, folder := range folders() {
		entries, err := fs.ReadDir(root.FS(), folder)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				found = append(found, entry.Name())
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func unknown(msg, name string, known []string) error {
	return diag.Diagnostic{Msg: msg, Hint: diag.DidYouMean(name, known)}
}
