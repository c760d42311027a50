package diff

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	opened "github.com/fwpack/fwpack/pack/payload"
)

// recount counts blocks the simple way.
const recount = `
import json, sys
def blocks(name):
    data = open(name, "rb").read()
    return [data[i:i+4096] for i in range(0, len(data), 4096)]
old, new = blocks(sys.argv[1]), blocks(sys.argv[2])
same = sum(a == b for a, b in zip(old, new))
def lacking(some, others):
    known = set(others)
    return [b for b in some if b not in known]
fresh, gone = lacking(new, old), lacking(old, new)
json.dump({"block_size": 4096, "old": len(old), "new": len(new), "same": same, "moved": len(new) - same - len(fresh),
           "fresh": len(fresh), "gone": len(gone), "fresh_bytes": sum(map(len, fresh)), "gone_bytes": sum(map(len, gone))}, sys.stdout)
`

// Python counts the same blocks, of plain files and of what is unpacked from a bundle.
func TestConformanceBlocks(t *testing.T) {
	reftool.Need(t, "python3")
	r := rand.New(rand.NewPCG(3, 3))
	dir := t.TempDir()
	for range 12 {
		old, new := patchwork(r), patchwork(r)
		var paths []string
		for name, data := range map[string][]byte{"old": old, "new": new} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		paths = append(paths, filepath.Join(dir, "old"), filepath.Join(dir, "new"))
		out, err := exec.Command("python3", append([]string{"-c", recount}, paths...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		var want Blocks
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		if got := *compare(t, old, new, Options{}).Content.Blocks; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		zstd := raw + ` compressed = "zstd";`
		d := compare(t, signed(t, "1", member{"x", packed(t, old, opened.Zstd, ""), zstd}), signed(t, "1", member{"x", packed(t, new, opened.Zstd, ""), zstd}), Options{})
		if got := *d.Payloads[0].Content.Blocks; got != want {
			t.Errorf("in a bundle: got %+v, want %+v", got, want)
		}
	}
}

// patchwork is made of few blocks, in any order, with a tail.
func patchwork(r *rand.Rand) []byte {
	var data []byte
	for range 20 + r.IntN(60) {
		data = append(data, pseudo(BlockSize, byte(r.IntN(40)))...)
	}
	return append(data, pseudo(r.IntN(BlockSize), 99)...)
}

// Of two file systems it says which file was changed.
func TestConformanceFiles(t *testing.T) {
	reftool.Need(t, "mke2fs", "mksquashfs")
	makers := map[string]func(tree, image string) *exec.Cmd{
		"ext4": func(tree, image string) *exec.Cmd {
			return exec.Command("mke2fs", "-q", "-t", "ext4", "-d", tree, "-U", "11111111-2222-3333-4444-555555555555", "-E", "hash_seed=11111111-2222-3333-4444-555555555555", image, "4M")
		},
		"squashfs": func(tree, image string) *exec.Cmd {
			return exec.Command("mksquashfs", tree, image, "-quiet", "-no-progress", "-all-root", "-mkfs-time", "0", "-all-time", "0", "-no-fragments")
		},
	}
	for name, maker := range makers {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			image := func(which string, changed byte) []byte {
				tree := filepath.Join(dir, which)
				for file, data := range map[string][]byte{"a": pseudo(200_000, 1), "etc/b": pseudo(200_000, changed), "c": pseudo(200_000, 3)} {
					path := filepath.Join(tree, file)
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				out := filepath.Join(dir, which+".img")
				if text, err := maker(tree, out).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				data, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
			d := compare(t, image("old", 2), image("new", 4), Options{})
			at := slices.IndexFunc(d.Content.Files, func(f ChangedFile) bool { return f.Name == "/etc/b" })
			if at < 0 || d.Content.Files[at].FreshLen < 190_000 || d.Content.Files[at].GoneLen < 190_000 {
				t.Fatalf("%s", form(t, d.Content.Files))
			}
			for _, f := range d.Content.Files {
				if (f.Name == "/a" || f.Name == "/c") && f.FreshLen+f.GoneLen > 2*BlockSize {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// A file system that is damaged is compared by its blocks alone.
func TestDamagedFileSystem(t *testing.T) {
	image := make([]byte, 1<<16)
	copy(image[1024+56:], []byte{0x53, 0xef}) // ext's magic, and nothing that fits it
	other := bytes.Clone(image)
	other[5000] = 1
	d := compare(t, image, other, Options{})
	if len(d.Content.Notes) != 1 || !strings.HasPrefix(d.Content.Notes[0], "files are not compared: filemap: ") || d.Content.Blocks.Fresh != 1 {
		t.Errorf("%s", form(t, d.Content))
	}
}
