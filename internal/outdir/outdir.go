// Package outdir writes files into one folder and nowhere else, whatever their
// names and whatever links lie in the folder. Each file is complete or absent, and
// one that is there is replaced on demand only.
package outdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// pendingPrefix begins the names of files that are not complete yet.
const pendingPrefix = ".fwpack-part-"

// maxPending bounds the names that are tried, of which a killed process may have
// left some.
const maxPending = 1 << 16

// Dir is a folder that files are written into.
type Dir struct {
	path    string
	root    *os.Root
	force   bool
	made    bool // it was not there
	next    int  // number of the next pending name
	pending []*File
	named   map[string]*File // by name without regard to case
}

// Open opens the folder, and makes it if it is not there. With force, files that are
// there are replaced.
func Open(path string, force bool) (*Dir, error) {
	_, err := os.Stat(path)
	made := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Dir{path: path, root: root, force: force, made: made, named: map[string]*File{}}, nil
}

// Close removes what was not committed, and the folder where it was made for
// nothing.
func (d *Dir) Close() error {
	for _, f := range d.pending {
		f.discard()
	}
	err := d.root.Close()
	if d.made {
		os.Remove(d.path) // it stays where something is in it
	}
	return err
}

// File is a file on its way into the folder.
type File struct {
	*os.File
	dir     *Dir
	name    string
	pending string // "" after it was committed or discarded
}

// Create begins the file called name, which may have folders in it, with "/". It
// gets its name with Commit, and may be closed before.
func (d *Dir) Create(name string) (*File, error) {
	file, err := d.create(name)
	if err != nil {
		return nil, d.about(name, err)
	}
	f := &File{file, d, name, path.Join(path.Dir(name), filepath.Base(file.Name()))}
	d.pending, d.named[strings.ToLower(name)] = append(d.pending, f), f
	return f, nil
}

func (d *Dir) create(name string) (*os.File, error) {
	if err := d.check(name); err != nil {
		return nil, err
	}
	if err := d.free(name); err != nil {
		return nil, err
	}
	if err := d.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return nil, err
	}
	for ; d.next < maxPending; d.next++ {
		pending := path.Join(path.Dir(name), fmt.Sprint(pendingPrefix, d.next))
		file, err := d.root.OpenFile(pending, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		d.next++
		return file, err
	}
	return nil, fmt.Errorf("the folder is full of files that begin with %s", pendingPrefix)
}

// check refuses names that lead elsewhere, or to a file of another name. A root
// holds in any case; this says it earlier and better.
func (d *Dir) check(name string) error {
	base := path.Base(name)
	switch {
	case !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsRune(name, 0):
		return errors.New("is no name of a file below the folder")
	case filepath.Separator == '\\' && strings.ContainsAny(name, `\:`):
		return errors.New(`contains \ or :, and is no name of a file on Windows`)
	case strings.HasPrefix(strings.ToLower(base), pendingPrefix):
		return fmt.Errorf("begins with %s, as files do that are not complete yet", pendingPrefix)
	}
	other := d.named[strings.ToLower(name)]
	if other != nil && (other.name == name || d.folds(other.pending)) {
		return fmt.Errorf("is the same file as %s", other.name)
	}
	return nil
}

// folds tells whether the file system takes a name in capitals for that of the file
// pending.
func (d *Dir) folds(pending string) bool {
	_, err := d.root.Lstat(path.Join(path.Dir(pending), strings.ToUpper(path.Base(pending))))
	return err == nil
}

// existsError says that a file is there.
type existsError struct{}

func (existsError) Error() string { return "exists already" }

// Hint says how it is replaced.
func (existsError) Hint() string { return "--force replaces it" }

// free wants a name to be free or, if forced, to be that of a file.
func (d *Dir) free(name string) error {
	info, err := d.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !d.force:
		return existsError{}
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file, and is not replaced")
	}
	return nil
}

// Commit gives all files their names.
func (d *Dir) Commit() error {
	for _, f := range d.pending {
		if err := f.commit(); err != nil {
			return d.about(f.name, err)
		}
	}
	return nil
}

func (f *File) commit() error {
	if f.pending == "" {
		return nil
	}
	if err := f.File.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	if err := f.dir.free(f.name); err != nil {
		return err // it came after Create
	}
	if err := f.dir.root.Rename(f.pending, f.name); err != nil {
		return err
	}
	f.pending = ""
	return nil
}

func (f *File) discard() {
	if f.pending != "" {
		f.File.Close()
		f.dir.root.Remove(f.pending)
		f.pending = ""
	}
}

// about names the file in an error, which names it below the root or not at all.
func (d *Dir) about(name string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", filepath.Join(d.path, filepath.FromSlash(name)), err)
}
