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

// output makes the file at path with what write writes. It is there where the
// error is nil.
func output(ctx context.Context, path string, write func(*os.File) error) error {
	file, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer file.Discard()
	if err := write(file.File); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return file.Commit()
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
