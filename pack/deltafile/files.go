package deltafile

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/internal/atomicfile"
)

// source is an input that can be read in any order: a file or a block device.
type source struct {
	*io.SectionReader
	file *os.File
}

func openSource(path string) (*source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd) // a block device says its size only so
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: it cannot be read in any order: %w", path, err)
	}
	return &source{io.NewSectionReader(file, 0, size), file}, nil
}

func (s *source) Close() error { return s.file.Close() }

// outputs makes the files at paths with what write writes. They are there where the
// error is nil; that they can be made is known before write is called.
func outputs(ctx context.Context, paths []string, write func([]*os.File) error) error {
	var pending []*atomicfile.File
	var files []*os.File
	for _, path := range paths {
		file, err := atomicfile.Create(path)
		if err != nil {
			return err
		}
		defer file.Discard()
		pending, files = append(pending, file), append(files, file.File)
	}
	if err := write(files); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	for _, file := range pending {
		if err := file.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// output makes one file, as outputs does.
func output(ctx context.Context, path string, write func(*os.File) error) error {
	return outputs(ctx, []string{path}, func(files []*os.File) error { return write(files[0]) })
}

// stage opens a spool beside an output.
func stage(path string) (*atomicfile.Spool, error) {
	return atomicfile.Stage(filepath.Dir(path))
}

// inFile puts the name of an input before an error.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
