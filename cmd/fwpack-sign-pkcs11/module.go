package main

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// proxyName is the module that stands for all that p11-kit is configured with.
const proxyName = "p11-kit-proxy"

// moduleVariables name the module for OpenSSL's engine of libp11 and for
// pkcs11-provider; whoever has set one means it for us, too.
func moduleVariables() []string { return []string{"PKCS11_MODULE_PATH", "PKCS11_PROVIDER_MODULE"} }

// moduleFolders is where distributions and vendors put modules.
func moduleFolders() []string {
	var folders []string
	for _, lib := range []string{"/usr/lib/*", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib"} {
		for _, sub := range []string{"pkcs11", "softhsm", ""} {
			folders = append(folders, filepath.Join(lib, sub))
		}
	}
	return append(folders, "/opt/cloudhsm/lib", "/Library/OpenSC/lib")
}

// modulePath returns the file of the module that uri is about.
func (p *program) modulePath(uri pkcs11uri.URI) (string, error) {
	switch {
	case uri.ModulePath != "" && !filepath.IsAbs(uri.ModulePath):
		return "", fmt.Errorf("module-path %q: want an absolute path", uri.ModulePath)
	case uri.ModulePath != "":
		return filepath.Clean(uri.ModulePath), nil
	case uri.ModuleName != "":
		return p.namedModule(uri.ModuleName)
	}
	for _, name := range moduleVariables() {
		if value, _ := p.env(name); filepath.IsAbs(value) {
			return filepath.Clean(value), nil
		} else if value != "" {
			return "", fmt.Errorf("environment variable %s: %q: want an absolute path", name, value)
		}
	}
	if found := p.search(proxyName); found != "" {
		return found, nil
	}
	return "", p.noModule()
}

func (p *program) namedModule(name string) (string, error) {
	if strings.ContainsAny(name, `/\*?[`) {
		return "", fmt.Errorf("module-name %q: want a name without folder, such as softhsm2", name)
	}
	if found := p.search(name); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("module-name %q: no %s in %s%s", name, strings.Join(fileNames(name), ", "), strings.Join(p.folders, ", "), p.known())
}

func (p *program) noModule() error {
	return fmt.Errorf("no PKCS #11 module is named: want module-path or module-name in the URI, or environment variable %s%s; %s is in none of %s",
		strings.Join(moduleVariables(), " or "), p.known(), proxyName, strings.Join(p.folders, ", "))
}

// fileNames are the names of the files that a module's name stands for.
func fileNames(name string) []string {
	suffix := ".so"
	switch runtime.GOOS {
	case "darwin":
		suffix = ".dylib"
	case "windows":
		suffix = ".dll"
	}
	names := []string{name + suffix, "lib" + name + suffix, name + "-pkcs11" + suffix}
	if strings.HasSuffix(name, suffix) {
		names = append([]string{name}, names...)
	}
	return names
}

// search returns the first module of a name that this process can load, or "".
func (p *program) search(name string) string {
	for _, folder := range p.folders {
		for _, file := range fileNames(name) {
			found, _ := filepath.Glob(filepath.Join(folder, file))
			for _, path := range found {
				if checkModule(path) == nil {
					return path
				}
			}
		}
	}
	return ""
}

// known tells of modules that people are likely to mean.
func (p *program) known() string {
	var found []string
	for _, name := range []string{"softhsm2", "opensc-pkcs11", "ykcs11", "cloudhsm_pkcs11", proxyName} {
		if path := p.search(name); path != "" && !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "; there is " + strings.Join(found, ", ")
}

// checkModule refuses a file that cannot be a module, before any of its code
// runs.
func checkModule(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file")
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("not a file: want a shared library")
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return nil // their loaders tell
	}
	file, err := elf.Open(path)
	if err != nil {
		return errors.New("not a shared library")
	}
	defer file.Close()
	if want := machine(runtime.GOARCH); want != elf.EM_NONE && file.Machine != want {
		return fmt.Errorf("a library for %v: want one for %v, as this program is", file.Machine, want)
	}
	return nil
}

func machine(arch string) elf.Machine {
	switch arch {
	case "amd64":
		return elf.EM_X86_64
	case "386":
		return elf.EM_386
	case "arm64":
		return elf.EM_AARCH64
	case "arm":
		return elf.EM_ARM
	}
	return elf.EM_NONE
}
