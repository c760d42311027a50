package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Spool is a file that nobody else sees, for data that is not an output yet.
// It is gone after Close, and on Unix also after a crash.
type Spool struct {
	*os.File
	named bool // the system would not unlink an open file
}

// Stage opens an empty Spool in dir, for reading and writing. Where the system
// allows it the file has no name from then on.
func Stage(dir string) (*Spool, error) {
	f, err := createNew(dir, "spool")
	if err != nil {
		return nil, fmt.Errorf("stage: %w", folderError(dir, err))
	}
	return &Spool{File: f, named: !unlinked(f.Name())}, nil
}

// Close closes the file and with it gives up its data.
func (s *Spool) Close() error {
	err := s.File.Close()
	if s.named && unlinked(s.Name()) {
		s.named = false
	}
	return err
}

// unlinked removes the name and tells whether it is gone; a Sweep may have
// been quicker.
func unlinked(path string) bool {
	err := os.Remove(path)
	return err == nil || errors.Is(err, fs.ErrNotExist)
}
