package stamp

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSettled(t *testing.T) {
	const second = int64(time.Second)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano()
	for name, test := range map[string]struct {
		stamp Stamp
		age   time.Duration // of the later of its times
		want  bool
	}{
		"fine":             {Stamp{Modified: at + 1}, 20 * time.Millisecond, true},
		"fine, too early":  {Stamp{Modified: at + 1}, 20*time.Millisecond - 1, false},
		"touched":          {Stamp{Modified: 0, Changed: at + 1}, 20 * time.Millisecond, true},
		"touched just now": {Stamp{Modified: 0, Changed: at + 1}, 19 * time.Millisecond, false},
		"fine mtime only":  {Stamp{Modified: at - 1, Changed: at}, 20 * time.Millisecond, true},
		"coarse":           {Stamp{Modified: at, Changed: at}, 2 * time.Second, true},
		"coarse, early":    {Stamp{Modified: at, Changed: at}, 2*time.Second - 1, false},
		"coarse, no ctime": {Stamp{Modified: at}, time.Second, false},
		"future":           {Stamp{Modified: at + 3600*second + 1, Changed: 1}, -time.Hour, false},
		"none":             {Stamp{}, 1000 * time.Hour, false},
	} {
		latest := time.Unix(0, max(test.stamp.Modified, test.stamp.Changed))
		if got := test.stamp.Settled(latest.Add(test.age)); got != test.want {
			t.Errorf("%s: settled %v, want %v", name, got, test.want)
		}
	}
}

// stat is the stamp of what is at path.
func stat(t *testing.T, path string) Stamp {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return Of(info)
}

// A stamp belongs to a content, wherever that is.
func TestOf(t *testing.T) {
	dir := t.TempDir()
	path, moved := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, path, []byte("data"))
	first := stat(t, path)
	if first.Size != 4 || first == (Stamp{}) || first != stat(t, path) {
		t.Errorf("stamp %+v, then %+v", first, stat(t, path))
	}
	old := time.Unix(0, first.Modified).Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	touched := stat(t, path)
	if touched == first || touched.Settled(time.Unix(0, max(touched.Modified, touched.Changed))) {
		t.Errorf("another time: %+v", touched)
	}
	writeFile(t, moved, []byte("data"))
	if err := os.Chtimes(moved, old, old); err != nil {
		t.Fatal(err)
	}
	if other := stat(t, moved); other.Inode != 0 && other == touched {
		t.Error("another file has the same stamp")
	}
	if folder := stat(t, dir); folder != (Stamp{}) {
		t.Errorf("stamp of a folder: %+v", folder)
	}
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
