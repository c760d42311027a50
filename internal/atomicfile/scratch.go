package atomicfile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
)

// scratchName matches the names of scratch folders, behind what they are for.
var scratchName = regexp.MustCompile(`^fwpack-[a-z]+-[0-9a-f]{16}$`)

// Scratch makes an empty folder in parent for the user alone, called
// fwpack-PURPOSE-0123456789abcdef; purpose is lower-case letters. It takes away
// those that killed processes left there. An empty parent is the system's folder
// for temporary files. remove takes the folder away with all that is in it.
func Scratch(parent, purpose string) (dir string, remove func(), err error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweepScratch(parent)
	for range attempts {
		dir = filepath.Join(parent, fmt.Sprintf("fwpack-%s-%016x", purpose, rand.Uint64()))
		if err = os.Mkdir(dir, 0o700); err != nil {
			if os.IsExist(err) {
				continue
			}
			break
		}
		lock, held := holdFolder(dir)
		if held {
			return dir, func() { os.RemoveAll(dir); lock.Close() }, nil
		}
		err = errHeld // a Scratch in another process was quicker, and takes it away
	}
	return "", nil, fmt.Errorf("in folder %q: %w", parent, bareError(err))
}

// sweepScratch removes the scratch folders in parent that nobody holds. What it
// may not read or remove is somebody else's.
func sweepScratch(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if entry.IsDir() && scratchName.MatchString(entry.Name()) {
			removeFolder(filepath.Join(parent, entry.Name()))
		}
	}
}
