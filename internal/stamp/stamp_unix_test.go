//go:build unix

package stamp

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A change soon after another may have the same time: what Settled is for. When it
// says yes, the next change gets another stamp, even if the size stays and the time
// of modification is set back.
func TestSettledIsTrue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for i := range 10 {
		writeFile(t, path, []byte("before"))
		var first Stamp
		for {
			seen := time.Now()
			if first = stat(t, path); first.Settled(seen) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		writeFile(t, path, []byte("behind"))
		modified := time.Unix(0, first.Modified)
		if err := os.Chtimes(path, modified, modified); err != nil {
			t.Fatal(err)
		}
		if second := stat(t, path); second == first {
			t.Errorf("change %d is not seen: %+v", i, first)
		}
	}
}
