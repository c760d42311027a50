package imagefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// pendingSuffix is what the names of files end in that are not complete yet.
const pendingSuffix = ".fwpack-part"

// writeAll writes files below dir. Each is complete or absent, and unless forced,
// one that is there stays and nothing is written. Links in dir lead nowhere else.
func writeAll(dir string, files []Extracted, force bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, file := range files {
		if err := free(root, file.File, force); err != nil {
			return inDir(dir, file.File, err)
		}
	}
	for _, file := range files {
		if err := write(root, file.File, file.data); err != nil {
			return inDir(dir, file.File, err)
		}
	}
	return nil
}

// existsError says that a file is there.
type existsError struct{}

func (existsError) Error() string { return "exists already" }

// Hint says how it is replaced.
func (existsError) Hint() string { return "--force replaces it" }

// free wants a name to be free or, if forced, to be that of a file.
func free(root *os.Root, name string, force bool) error {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !force:
		return existsError{}
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file, and is not replaced")
	}
	return nil
}

func write(root *os.Root, name string, data []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	pending := name + pendingSuffix
	if err := root.WriteFile(pending, data, 0o666); err != nil {
		return errors.Join(err, root.RemoveAll(pending))
	}
	if err := root.Rename(pending, name); err != nil {
		return errors.Join(err, root.Remove(pending))
	}
	return nil
}

// inDir names the file in an error, which names it below the root or not at all.
func inDir(dir, name string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", filepath.Join(dir, filepath.FromSlash(name)), err)
}
