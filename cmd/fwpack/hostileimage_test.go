package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/bounds"
)

// Whatever an image claims, each verb ends with a status and without a crash.
func TestHostileImages(t *testing.T) {
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("in.bin"), bytes.Repeat([]byte("firmware"), 200), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(keys, "ed25519.pem")
	for _, name := range []string{"image.bin", "image.hex"} {
		mustRun(t, "imgtool", "sign", "-v", "1.2.3", "-H", "32", "-S", "0x4000", "--pad-header", "--align", "8", "--confirm", "-s", "1", "-d", "(1,1.0)", "-x", "0x8000", "-k", key, in("in.bin"), in(name))
		image, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			changed := bytes.Clone(image)
			for range 1 + random.IntN(2) {
				changed[random.IntN(min(2000, len(changed)))] = byte(random.Uint32())
			}
			if err := os.WriteFile(in("changed"), changed, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"verify", in("changed"), "--trust", key}, {"inspect", in("changed")}, {"inspect", in("changed"), "--json"},
				{"extract", in("changed"), "-o", in("parts"), "--force"}, {"sign", in("changed"), "--key", key, "-o", in("out")},
			} {
				bounds.Check(t, args[0], func() {
					status, _, stderr := inProcess(t, args...)
					if status == statusUsage || (status == statusDone) != (stderr == "") && args[0] != "sign" {
						t.Errorf("%s: status %d\n%s", args[0], status, stderr)
					}
				})
			}
		}
	}
}
