package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/bounds"
	"github.com/fwpack/fwpack/pack/swutest"
)

// Whatever a bundle claims, each verb ends with a status and without a crash, and
// writes to its folder alone.
func TestHostileBundles(t *testing.T) {
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	const description = `software = { version = "1.0"; hardware-compatibility = [ "1.0" ];
	images: ( { filename = "a"; type = "raw"; device = "/dev/sda1"; sha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"; } ); }`
	bundle, err := os.ReadFile(swutest.Write(t, keys, description, swutest.Member{Name: "a", Data: "a"}))
	if err != nil {
		t.Fatal(err)
	}
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	in := func(name string) string { return filepath.Join(dir, name) }
	trust := filepath.Join(keys, swutest.Certificate)
	for range 60 {
		changed := bytes.Clone(bundle)
		for range 1 + random.IntN(2) {
			changed[random.IntN(len(changed))] = byte(random.Uint32())
		}
		changed[0] = '0' // a bundle still
		if err := os.WriteFile(in("changed"), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"verify", in("changed"), "--trust", trust}, {"verify", in("changed"), "--json"}, {"inspect", in("changed")},
			{"extract", in("changed"), "-o", in("parts"), "--force"}, {"extract", in("changed"), "-o", in("parts"), "--force", "--raw"},
		} {
			bounds.Check(t, args[0], func() {
				status, _, stderr := inProcess(t, args...)
				if status == statusUsage || (status == statusDone) != (stderr == "") {
					t.Errorf("%s: status %d\n%s", args[0], status, stderr)
				}
			})
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 2 {
		t.Errorf("left %v, %v", left, err)
	}
}
