package dfuzip

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// python runs a script in dir.
func python(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	reftool.Need(t, "python3")
	cmd := exec.Command("python3", append([]string{"-c", script}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, out)
	}
	return string(out)
}

// examine tells of a zip what zipfile and json make of it: of each file name,
// method, flags, time, mode and SHA-256, and whether json writes the manifest as
// it is.
const examine = `
import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist():
    h = hashlib.sha256(z.read(i)).hexdigest()
    print(i.filename, i.compress_type, i.flag_bits, "%d-%d-%d %d:%d:%d" % i.date_time, oct(i.external_attr >> 16), i.extra, h)
text = z.read("manifest.json").decode("ascii")
assert json.dumps(json.loads(text), indent=4) == text, "json writes it in another way"
`

// TestConformancePythonReads: Python's zipfile and json read a package, and would
// have written the manifest in the same way.
func TestConformancePythonReads(t *testing.T) {
	for name, p := range packages(t) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "dfu.zip"), pack(t, p), 0o600); err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for _, one := range append(parts(t, p)[1:], parts(t, p)[0]) {
			sum := sha256.Sum256(one.data)
			fmt.Fprintf(&want, "%s 0 0 2026-3-1 12:30:10 0o100644 b'' %s\n", one.name, hex.EncodeToString(sum[:]))
		}
		got := python(t, dir, examine, "dfu.zip")
		if got = strings.ReplaceAll(got, "\r\n", "\n"); got != want.String() {
			t.Errorf("%s: got\n%swant\n%s", name, got, want.String())
		}
	}
}

// build packs the .bin files that are named, in the way of the SDK.
const build = `
import json, os, sys, zipfile
method = getattr(zipfile, sys.argv[1])
files = []
for index, name in enumerate(sys.argv[2:]):
    files.append({
        "type": "application", "board": "dk", "soc": "chip", "load_address": 0xc200 + index, "image_index": str(index),
        "slot_index_primary": str(2 * index + 1), "slot_index_secondary": str(2 * index + 2),
        "version_MCUBOOT": "1.7.0+12", "size": os.path.getsize(name), "file": name, "modtime": int(os.path.getmtime(name)),
    })
manifest = {"format-version": 1, "time": 1772368210, "files": files, "name": "app"}
with open("m.json", "w") as f:
    f.write(json.dumps(manifest, indent=4))
with zipfile.ZipFile("dfu.zip", "w", method) as z:
    for name in sys.argv[2:]:
        z.write(name, name)
    z.write("m.json", "manifest.json")
`

// TestConformancePythonWrites: what Python packs is read, stored and deflated.
func TestConformancePythonWrites(t *testing.T) {
	for _, method := range []string{"ZIP_STORED", "ZIP_DEFLATED"} {
		dir := t.TempDir()
		images := map[string][]byte{"app.bin": image(t, "1.7.0+12", 3000), "net.bin": image(t, "1.7.0+12", 10)}
		for name, data := range images {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		python(t, dir, build, method, "app.bin", "net.bin")
		data, err := os.ReadFile(filepath.Join(dir, "dfu.zip"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := unpack(data)
		if err != nil {
			t.Errorf("%s: %v", method, err)
			continue
		}
		if err := p.Check(); err != nil || p.Name != "app" || len(p.Files) != 2 || p.Time.Unix() != 1772368210 {
			t.Errorf("%s: %+v, %v", method, p, err)
		}
		for i, f := range p.Files {
			if !bytes.Equal(f.Data, images[f.Name]) || f.ImageIndex != i || f.LoadAddress != 0xc200+uint32(i) || f.SlotIndexSecondary != 2*i+2 {
				t.Errorf("%s: %s of %d bytes: image %d", method, f.Name, len(f.Data), f.ImageIndex)
			}
		}
	}
}
