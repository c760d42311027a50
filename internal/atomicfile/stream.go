package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many symbolic links Linux follows in a path (path_resolution(7)).
const maxLinks = 40

// IsStream tells whether path is there to be written to, not to be replaced: a
// device, a pipe, or a name for what a process has open, as /dev/stdout is.
func IsStream(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && isStream(path, info)
}

func isStream(path string, info fs.FileInfo) bool {
	return !info.Mode().IsRegular() || isDescriptor(path)
}

// isDescriptor tells whether path is a name for what a process has open. Such a
// name may lead to a regular file; yet renaming a file over it would take the
// name away from every process, where the user may do so.
func isDescriptor(path string) bool {
	for range maxLinks {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return false
		}
		if dir == "/dev/fd" || strings.HasPrefix(dir, "/proc/") {
			return true
		}
		to, err := os.Readlink(path)
		if err != nil {
			return false
		}
		if path = to; !filepath.IsAbs(to) {
			path = filepath.Join(dir, to)
		}
	}
	return false
}
