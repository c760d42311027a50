package filemap

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// TestConformanceSquashAttributes: inodes with extended attributes are larger,
// and there is a table more.
func TestConformanceSquashAttributes(t *testing.T) {
	reftool.Need(t, "mksquashfs")
	files := content{"a": text(9000, 1), "b/c": text(200000, 2), "b/d": text(9000, 1)}
	dir := t.TempDir()
	files.put(t, dir)
	for path, value := range map[string]string{"a": "1", "b": "2", "b/c": string(text(3000, 3))} {
		if err := syscall.Setxattr(filepath.Join(dir, path), "user.test", []byte(value), 0); err != nil {
			t.Skip(err)
		}
	}
	for _, options := range []string{"", "-noX", "-comp zstd -no-fragments", "-comp xz -noI"} {
		m, image := open(t, makeSquash(t, dir, options))
		checkCovered(t, m, image)
		checkPaths(t, m, files)
		found := false
		for _, e := range m.Extents {
			found = found || e.What == Attributes
		}
		if !found {
			t.Errorf("%s: no attributes in %+v", options, m.Extents)
		}
	}
}
