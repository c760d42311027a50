package zephyr

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxFile is the size in bytes up to which a file of a build folder is read. The
// largest devicetrees have about 1 MiB.
const maxFile = 16 << 20

// watched tells of each file and folder before it looks at it.
type watched struct{ look func(path string) }

// folders are where the parts of a build are.
type folders struct {
	application string
	bootloader  string // "" where it was not built together with the application
}

// findFolders tells what kind of folder dir is, by what sysbuild leaves in its own:
// domains.yaml and _sysbuild. (Its zephyr/.config is that of sysbuild itself.)
func (w watched) findFolders(dir string) (folders, error) {
	if w.isSysbuild(dir) {
		name, err := w.defaultApplication(dir)
		if err != nil {
			return folders{}, err
		}
		return folders{filepath.Join(dir, name), w.bootloaderIn(dir)}, nil
	}
	if !w.exists(dotConfig(dir)) {
		return folders{}, fmt.Errorf("%s: not a build folder of Zephyr: want zephyr/.config in it, or domains.yaml of sysbuild", dir)
	}
	if parent := filepath.Join(dir, ".."); w.isSysbuild(parent) {
		return folders{dir, w.bootloaderIn(parent)}, nil
	}
	return folders{application: dir}, nil
}

func dotConfig(dir string) string { return filepath.Join(dir, "zephyr", ".config") }

func (w watched) isSysbuild(dir string) bool {
	return w.exists(filepath.Join(dir, "domains.yaml")) || w.exists(filepath.Join(dir, "_sysbuild"))
}

// bootloaderIn returns the folder of the bootloader that sysbuild built, "" where
// it built none.
func (w watched) bootloaderIn(dir string) string {
	bootloader := filepath.Join(dir, "mcuboot")
	if !w.exists(dotConfig(bootloader)) {
		return ""
	}
	return bootloader
}

// defaultDomain is the line of a domains.yaml (scripts/schemas/domains-schema.yaml
// of Zephyr) that names the application.
var defaultDomain = regexp.MustCompile(`(?m)^default:[ \t]*["']?([A-Za-z0-9_.+-]+)["']?[ \t]*\r?$`)

// defaultApplication names the folder of the application in a folder of
// sysbuild.
func (w watched) defaultApplication(dir string) (string, error) {
	domains := filepath.Join(dir, "domains.yaml")
	src, err := w.readFile(domains)
	if errors.Is(err, fs.ErrNotExist) {
		return w.onlyApplication(dir)
	}
	if err != nil {
		return "", err
	}
	match := defaultDomain.FindAllSubmatch(src, 2)
	if len(match) != 1 {
		return "", fmt.Errorf("%s: want one line \"default: NAME\" that names the application", domains)
	}
	name := string(match[0][1])
	if name == "." || name == ".." || !w.exists(dotConfig(filepath.Join(dir, name))) {
		return "", fmt.Errorf("%s: default %s: there is no %s", domains, name, filepath.Join(name, "zephyr", ".config"))
	}
	return name, nil
}

// onlyApplication names the one folder of a build that is not the bootloader's.
func (w watched) onlyApplication(dir string) (string, error) {
	w.look(dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); name != "mcuboot" && name != "_sysbuild" && w.exists(dotConfig(filepath.Join(dir, name))) {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return "", fmt.Errorf("%s: no application was built in it", dir)
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("%s: has no domains.yaml: name the folder of one application: %s", dir, strings.Join(names, ", "))
}

func (w watched) exists(path string) bool {
	w.look(path)
	_, err := os.Stat(path)
	return err == nil
}

// readFile reads a regular file of at most maxFile bytes.
func (w watched) readFile(path string) ([]byte, error) {
	w.look(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s: more than %d MiB", path, maxFile>>20)
	}
	return data, err
}
