package main

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/internal/bounds"
	"github.com/fwpack/fwpack/pack/swutest"
)

// inspectedFiles makes a file of each kind in a folder, by its name.
func inspectedFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	in := func(name string) string { return filepath.Join(dir, name) }
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 20_000)
	random.Read(noise)
	keys := filepath.Join("..", "..", "testdata", "keys")
	for name, data := range map[string][]byte{"old": noise, "new": append(noise[:15_000:15_000], "and more"...), "in.bin": noise[:800]} {
		if err := os.WriteFile(in(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, "imgtool", "sign", "-v", "1.2.3", "-H", "32", "-S", "0x4000", "--pad-header", "-k", filepath.Join(keys, "ed25519.pem"), in("in.bin"), in("image"))
	mustRun(t, "zck", "create", in("old"), "-o", in("zck"))
	mustRun(t, "delta", "create", in("old"), in("new"), "-o", in("patch"))
	mustRun(t, "delta", "signature", in("old"), "-o", in("sig"))
	files := map[string][]byte{}
	for _, name := range []string{"image", "zck", "patch", "sig"} {
		files[name] = mustRead(t, in(name))
	}
	for _, name := range []string{"ec-p256.crt", "ec-p256.pem", "ec-p256.der", "rsa2048.enc.pem"} {
		files[name] = mustRead(t, filepath.Join(keys, name))
	}
	const description = `software = { version = "1.0"; a = { b = { images = ({ filename = "a"; type = "raw"; device = "/dev/sda1"; }); }; c = { ref = "#./b"; }; }; };`
	files["description"] = []byte(description + "\n")
	files["json"] = []byte(`{"software": {"version": "1.0", "images": [{"filename": "a"}]}}`)
	files["aes"] = []byte(strings.Repeat("0", 64) + " " + strings.Repeat("1", 32) + "\n")
	files["bundle"] = mustRead(t, swutest.Write(t, keys, description, swutest.Member{Name: "a", Data: string(files["image"])}))
	files["gzip"] = gzipped(t, files["bundle"])
	return files
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever a file of any kind was changed to, inspect ends with a status, in time,
// and shows nothing that plays with a terminal.
func TestHostileInspect(t *testing.T) {
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	changed := filepath.Join(dir, "changed")
	ring := filepath.Join("..", "..", "testdata", "keys")
	for name, data := range inspectedFiles(t, dir) {
		for i := range 25 {
			mutated := bytes.Clone(data)
			for range 1 + random.IntN(3) {
				mutated[random.IntN(min(1500, len(mutated)))] = byte(random.Uint32())
			}
			if i%5 == 0 {
				mutated = mutated[:random.IntN(len(mutated))]
			}
			if err := os.WriteFile(changed, mutated, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"inspect", changed}, {"inspect", changed, "--json", "--keyring", ring}, {"inspect", changed, "--as-toml"}} {
				bounds.Check(t, name, func() {
					status, stdout, stderr := inProcess(t, args...)
					if status == statusUsage || (status == statusDone) != (stderr == "") || strings.Contains(stdout, "\x1b") {
						t.Errorf("%s: %v: status %d\n%s%s", name, args, status, stdout, stderr)
					}
				})
			}
		}
	}
}

// Files that are small, and would be large.
func TestHostileSizes(t *testing.T) {
	zeros := make([]byte, 24<<20)
	header := []byte("\x3d\xb8\xf3\x96\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x40\x01") // 32 bytes, and 20 MiB of body
	image := append(header, zeros...)
	small := func(data []byte) string {
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(w.EncodeAll(data, nil))
	}
	many := func(text string) []byte {
		return []byte("software = { images = (" + strings.Repeat(text+",", 7<<20/len(text)) + text + "); };\n")
	}
	keys := filepath.Join("..", "..", "testdata", "keys")
	var members []swutest.Member
	for i := range 5 {
		members = append(members, swutest.Member{Name: "a" + strings.Repeat("b", i), Data: small(image)})
	}
	path := filepath.Join(t.TempDir(), "file")
	for name, data := range map[string]string{
		"image in zstd":             small(image),
		"images in a bundle":        string(mustRead(t, swutest.Write(t, keys, "software = { version = \"1\"; };\n", members...))),
		"description of groups":     string(many("{}")),
		"description of names":      string(many(`{a=1}`)),
		"description in zstd":       small(many("{}")),
		"hexadecimal without end":   strings.Repeat(":10000000000000000000000000000000000000F0\n", 500_000),
		"zip in zstd":               small(append([]byte("PK\x03\x04"), zeros...)),
		"zchunk header in zstd":     small(append([]byte("\x00ZCK1\x01\x00\x00\x00\x88"), zeros...)),
		"signature of rdiff in zst": small(append([]byte("rs\x01\x47\x00\x00\x00\x01\x00\x00\x00\x01"), zeros...)),
		"certificates without end":  strings.Repeat(string(mustRead(t, filepath.Join(keys, "ec-p256.crt"))), 2000),
	} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		bounds.CheckPeak(t, name, func() {
			if status, _, stderr := inProcess(t, "inspect", path, "--keyring", keys); status == statusUsage || (status == statusDone) != (stderr == "") {
				t.Errorf("%s: status %d\n%s", name, status, stderr)
			}
		})
	}
}
