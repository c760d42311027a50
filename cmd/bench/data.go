package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fwpack/fwpack/examples"
	"github.com/fwpack/fwpack/pack"

	"crypto/rand"
)

// errFull ends the walk that collects files.
var errFull = errors.New("enough files")

// image makes an ext4 image filled with the programs, libraries and documents
// of this machine, or takes the one made before.
func (b bench) image() (string, error) {
	path, err := filepath.Abs(filepath.Join(b.dir, fmt.Sprintf("rootfs-%d.ext4", b.mib)))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, warm(path)
	}
	tree := filepath.Join(b.dir, "tree")
	defer os.RemoveAll(tree)
	room := int64(b.mib) << 20 * 85 / 100
	for _, from := range []string{"/usr/bin", "/usr/share/doc", "/usr/lib", "/usr/share", "/usr/local"} {
		if err := collect(from, filepath.Join(tree, from), &room); err != nil {
			return "", err
		}
	}
	mkfs := exec.Command("mkfs.ext4", "-q", "-F", "-d", tree, path, fmt.Sprintf("%dM", b.mib))
	if out, err := mkfs.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mkfs.ext4: %w\n%s", err, out)
	}
	return path, warm(path)
}

// collect copies regular files until there is no room left.
func collect(from, to string, room *int64) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // what cannot be read is left out
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if *room -= info.Size(); *room < 0 {
			return errFull
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o666)
	})
	if errors.Is(err, errFull) {
		return nil
	}
	return err
}

// warm reads the file once, so that nobody pays for the disk.
func warm(path string) error {
	return exec.Command("cat", path).Run()
}

const benchProject = `schema = 1
[project]
name = "bench"
version = "1"
[vars]
METHOD = "none"
[keys.release]
scheme = "cms"
key = "keys/release.pem"
cert = "keys/release.crt"
[[artifact]]
name = "rootfs"
file = '%s'
compress = "@@METHOD@@"
[[bundle]]
name = "bench"
output = "bench.swu"
description = "bench.in"
sign = ["release"]
`

const benchDescription = `software = {
	version = "@@VERSION@@";
	hardware-compatibility = [ "1.0" ];
	images = ( { filename = "rootfs"; type = "raw"; device = "/dev/mmcblk0p2"; } );
};
`

// project writes a project that packs the image, beside keys of its own.
func (b bench) project(image string) (string, error) {
	dir := filepath.Join(b.dir, "project")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	quickstart, err := fs.Sub(examples.Quickstart, "quickstart")
	if err != nil {
		return "", err
	}
	if _, err := pack.Scaffold(dir, quickstart, rand.Reader); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench.in"), []byte(benchDescription), 0o666); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bench.toml")
	return path, os.WriteFile(path, fmt.Appendf(nil, benchProject, image), 0o666)
}
