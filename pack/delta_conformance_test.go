package pack

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/zck"
)

// imagePair makes two ext4 images of a tree that has changed: one file rewritten
// in part, one with bytes put into it, one new, one gone.
func imagePair(t *testing.T, dir string) (before, after string) {
	t.Helper()
	reftool.Need(t, "mkfs.ext4")
	source := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(source.Uint32())
		}
		return data
	}
	tree := filepath.Join(dir, "tree")
	if err := os.MkdirAll(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	file := func(name string) string { return filepath.Join(tree, name) }
	library, text := random(6<<20), bytes.Repeat([]byte("all work and no play\n"), 50_000)
	writeFile(t, file("library"), library)
	writeFile(t, file("text"), text)
	writeFile(t, file("old"), random(300_000))
	for i := range 40 {
		writeFile(t, file(fmt.Sprintf("file%d", i)), random(1+i*4000))
	}
	before = makeImage(t, tree, filepath.Join(dir, "old.ext4"))
	copy(library[3<<20:], random(200_000))
	writeFile(t, file("library"), library)
	writeFile(t, file("text"), append([]byte("one line more\n"), text...))
	writeFile(t, file("new"), random(400_000))
	if err := os.Remove(file("old")); err != nil {
		t.Fatal(err)
	}
	return before, makeImage(t, tree, filepath.Join(dir, "new.ext4"))
}

// makeImage is reproducible.
func makeImage(t *testing.T, tree, image string) string {
	t.Helper()
	t.Setenv("E2FSPROGS_FAKE_TIME", "1700000000")
	run(t, nil, "mkfs.ext4", "-q", "-U", "6b6a6d4a-0001-4000-8000-000000000001", "-E", "hash_seed=6b6a6d4a-0002-4000-8000-000000000002,root_owner=0:0",
		"-d", tree, image, "24M")
	return image
}

// rangeServer serves a folder and counts what it sends of files.
func rangeServer(t *testing.T, dir string) (address string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

const deltaProject = `
[[artifact]]
name = "data"
file = "new.ext4"
delta = { url = "%s/data-{sha256}.zck", max-ranges = %d, source-size = "24M", releases = ["old.ext4"] }
`

// deltaDescription leaves to the project what it says.
const deltaDescription = `software = {
	version = "1"; hardware-compatibility = ["1.0"];
	images = ( { filename = "data"; device = "%s"; properties: { source = "%s"; chain = "raw"; }; } );
};
`

// Debian's client makes the new image of what it has and of what it downloads:
// exactly the bytes and requests that were foreseen.
func TestConformanceDelta(t *testing.T) {
	reftool.Need(t, "swupdate", "mkfs.ext4")
	work := t.TempDir()
	before, after := imagePair(t, work)
	want := readFile(t, after)
	for _, maxRanges := range []int{1, 10, 150} {
		dist, target := filepath.Join(work, "dist"), filepath.Join(work, "target")
		address, requests := rangeServer(t, dist)
		writeFile(t, target, make([]byte, len(want)))
		writeFile(t, filepath.Join(work, "fwpack.toml"), []byte(project(t, "ec-p256", fmt.Sprintf(deltaProject, address, maxRanges))))
		writeFile(t, filepath.Join(work, "sw-description.in"), []byte(fmt.Sprintf(deltaDescription, target, before)))
		writeFile(t, filepath.Join(work, "device.aes"), []byte(deviceAES))
		report, _ := build(t, work, options(work))
		served := report.Outputs[1]
		v := reftool.Client{Cert: keyFile(t, "ec-p256.crt")}.Install(t, filepath.Join(dist, "gw.swu"))
		if !v.Accepted {
			t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
		}
		sameFile(t, target, want)
		foreseen := foresee(t, filepath.Join(dist, served.File), before, maxRanges)
		if got := downloaded(t, v.Log); got != foreseen.Bytes {
			t.Errorf("max-ranges %d: downloaded %d bytes, foreseen %d", maxRanges, got, foreseen.Bytes)
		}
		if got := requests.Load(); got != int64(len(foreseen.Requests)) {
			t.Errorf("max-ranges %d: %d requests, foreseen %d", maxRanges, got, len(foreseen.Requests))
		}
		if served.Downloads[0].Bytes > foreseen.Bytes || served.URL != address+"/"+served.File {
			t.Errorf("report: %+v", served)
		}
	}
}

// foresee is what a device of Debian 12 downloads.
func foresee(t *testing.T, file, before string, maxRanges int) *zck.Download {
	t.Helper()
	target, err := zck.ReadHeader(bytes.NewReader(readFile(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	source, err := readRelease(context.Background(), before, 0)
	if err != nil {
		t.Fatal(err)
	}
	download, err := zck.Missing(target, source, zck.Client{MaxRanges: maxRanges, DropsLast: true})
	if err != nil {
		t.Fatal(err)
	}
	return download
}

var toDownload = regexp.MustCompile(`(?i)([0-9]+)[^0-9]*to be downloaded|to be downloaded[^0-9]*([0-9]+)`)

func downloaded(t *testing.T, log string) int64 {
	t.Helper()
	for _, line := range strings.Split(log, "\n") {
		if m := toDownload.FindStringSubmatch(line); m != nil {
			n, err := strconv.ParseInt(m[1]+m[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Errorf("the log does not tell what is downloaded:\n%s", log)
	return 0
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const rdiffArtifact = `
[[artifact]]
name = "rootfs"
file = "new.ext4"
compress = "zstd"
delta = { kind = "rdiff", base = "old.ext4" }
`

// Debian's client applies a patch to the image that it is for, from a template as
// from a declared description, and leaves the device alone where another one is
// installed, although its handler compares nothing.
func TestConformanceRdiff(t *testing.T) {
	reftool.Need(t, "swupdate", "mkfs.ext4")
	work := t.TempDir()
	before, after := imagePair(t, work)
	target, installed := filepath.Join(work, "target"), filepath.Join(work, "installed")
	template := fmt.Sprintf(`software = {
	version = "1"; hardware-compatibility = ["1.0"];
	images = (
		{ filename = "rootfs"; device = "%s"; properties: { rdiffbase = "%s"; }; }
	);
};
`, target, installed)
	declared := fmt.Sprintf(`[bundle.software]
hardware-compatibility = ["1.0"]
[[bundle.software.images]]
artifact = "rootfs"
device = '%s'
properties = { rdiffbase = '%s' }
`, target, installed)
	for name, toml := range map[string]string{
		"template": project(t, "ec-p256", rdiffArtifact),
		"declared": strings.Replace(project(t, "ec-p256", rdiffArtifact), `description = "sw-description.in"`, "", 1) + declared,
	} {
		writeFile(t, filepath.Join(work, "fwpack.toml"), []byte(toml))
		writeFile(t, filepath.Join(work, "sw-description.in"), []byte(template))
		writeFile(t, filepath.Join(work, "device.aes"), []byte(deviceAES))
		report, entries := build(t, work, options(work))
		if size := report.Outputs[0].Size; size > 2<<20 {
			t.Errorf("%s: the bundle has %d bytes", name, size)
		}
		if entries["rootfs.base-check"] == nil || !bytes.Contains(entries["sw-description"], []byte("readback")) {
			t.Errorf("%s: nothing is checked around the patch\n%s", name, entries["sw-description"])
		}
		client, bundle := reftool.Client{Cert: keyFile(t, "ec-p256.crt")}, filepath.Join(work, "dist", "gw.swu")
		old := readFile(t, before)
		writeFile(t, installed, old)
		writeFile(t, target, make([]byte, len(old)))
		if v := client.Install(t, bundle); !v.Accepted {
			t.Fatalf("%s: refused: %s\n%s", name, v.Reason, v.Log)
		}
		sameFile(t, target, readFile(t, after))
		old[len(old)/2] ^= 1
		writeFile(t, installed, old)
		writeFile(t, target, []byte("untouched"))
		if v := client.Install(t, bundle); v.Accepted || !strings.Contains(v.Log, "does not hold the image that this update starts from") {
			t.Errorf("%s: another base: %v\n%s", name, v.Accepted, v.Log)
		}
		sameFile(t, target, []byte("untouched"))
	}
}
