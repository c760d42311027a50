package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Sweep removes the pending files in dir that no living process holds and
// returns their names. What it may not remove it leaves alone. A folder that
// does not exist holds none.
func Sweep(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !pendingName().MatchString(entry.Name()) {
			continue
		}
		if removeLeftover(filepath.Join(dir, entry.Name())) {
			removed = append(removed, entry.Name())
		}
	}
	return removed, nil
}
