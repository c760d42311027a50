package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/pack/restore"
)

// runAsTOML makes a project of a bundle.
func runAsTOML(ctx context.Context, path string, opt inspectOptions, s surroundings) error {
	keys, err := opt.decrypt.keys(ctx, s)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: is no regular file, which --as-toml reads twice", path)
	}
	project, err := restore.Read(ctx, path, file, info.Size(), keys)
	if err != nil {
		return err
	}
	if opt.out == "" {
		_, err := s.stdout.Write(project.TOML)
		return err
	}
	names, err := project.Write(ctx, opt.out, opt.force)
	for _, name := range names {
		if err == nil {
			_, err = fmt.Fprintln(s.stdout, filepath.Join(opt.out, filepath.FromSlash(name)))
		}
	}
	return err
}
