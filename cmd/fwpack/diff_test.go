package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two builds of an example are not different, whatever is made anew in each. Where one
// payload is another, they are.
func TestDiffExamples(t *testing.T) {
	for example, c := range map[string]struct{ key, payload string }{
		"ab-boards":     {"keys/device.aes", "deploy/rootfs-arm.ext4"},
		"linux-and-mcu": {"keys/mcu-bootloader.pem", "deploy/rootfs.ext4"},
		"quickstart":    {"keys/device.aes", "deploy/rootfs.ext4"},
	} {
		t.Run(example, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("../../examples", example))); err != nil {
				t.Fatal(err)
			}
			build := func(out string) (bundle string) {
				status, stdout, stderr := inProcess(t, "build", "-f", filepath.Join(dir, "fwpack.toml"), "-o", filepath.Join(dir, out))
				if status != statusDone {
					t.Fatal(stderr)
				}
				for output := range strings.Lines(stdout) {
					if output = strings.TrimSpace(output); strings.HasSuffix(output, ".swu") {
						bundle = output
					}
				}
				return bundle
			}
			compare := func(old, new string, want int) {
				t.Helper()
				args := []string{"diff", "--exit-code", old, new, "--decrypt", filepath.Join(dir, c.key)}
				if status, stdout, stderr := inProcess(t, args...); status != want {
					t.Errorf("status %d, want %d\n%s%s", status, want, stdout, stderr)
				}
			}
			first, again := build("first"), build("again")
			compare(first, again, statusDone)
			if err := os.WriteFile(filepath.Join(dir, c.payload), []byte("another file system"), 0o666); err != nil {
				t.Fatal(err)
			}
			compare(first, build("other"), statusUnverified)
		})
	}
}

// Whatever became of a file, diff ends with a status, and says why where it could not
// compare.
func TestDiffHostile(t *testing.T) {
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	if err := os.CopyFS(dir, os.DirFS("../../examples/quickstart")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "build", "-f", filepath.Join(dir, "fwpack.toml"), "-o", dir)
	whole := filepath.Join(dir, "gateway-1.0.0.swu")
	bundle, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "changed")
	for range 100 {
		data := bytes.Clone(bundle)
		for range 1 + random.IntN(3) {
			data[random.IntN(len(data))] = byte(random.Uint32())
		}
		if err := os.WriteFile(changed, data[:len(data)-random.IntN(2)*random.IntN(len(data))], 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"diff", whole, changed}, {"diff", "--json", changed, whole}, {"diff", "--all", "--exit-code", whole, changed, "--decrypt", filepath.Join(dir, "keys/device.aes")}} {
			status, stdout, stderr := inProcess(t, args...)
			if status != statusDone && status != statusFailed && status != statusUnverified || (status == statusDone) != (stderr == "") || status == statusDone && stdout == "" {
				t.Errorf("%v: status %d\n%s%s", args, status, stdout, stderr)
			}
		}
	}
}
