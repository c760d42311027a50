package keygen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Modes of the files that hold keys. A secret is for its owner alone.
const (
	SecretMode fs.FileMode = 0o600
	PublicMode fs.FileMode = 0o644
)

// WriteNew writes a file that must not exist yet, complete or not at all. It
// overwrites nothing, whatever else happens at the same time, and nobody can
// read the data of a secret at any moment. Data is on disk when WriteNew
// returns: a key cannot be made again.
func WriteNew(path string, data []byte, mode fs.FileMode) error {
	if err := CheckNew(path); err != nil {
		return err
	}
	pending, err := writePending(path, data, mode)
	if pending != "" {
		defer os.Remove(pending)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, bare(err))
	}
	err = os.Link(pending, path) // unlike a rename, it never replaces
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links, such as FAT.
		err = writeExclusive(path, data, mode)
	}
	return named(path, err)
}

// CheckNew returns nil where WriteNew may write: for a command that makes a key
// slowly, or asks for a passphrase first.
func CheckNew(path string) error {
	switch _, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return named(path, fs.ErrExist)
}

// writePending writes data beside path and returns under which name.
func writePending(path string, data []byte, mode fs.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".fwpack-*") // for the owner alone
	if err != nil {
		return "", err
	}
	return f.Name(), fill(f, data, mode)
}

func writeExclusive(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(f, data, mode); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

func fill(f *os.File, data []byte, mode fs.FileMode) error {
	_, err := f.Write(data)
	return errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
}

func named(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists already: nothing is overwritten", path)
	}
	return fmt.Errorf("%s: %w", path, bare(err))
}

// bare takes the name of the file out of err: that of a pending file tells a
// person nothing.
func bare(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
