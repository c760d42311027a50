package pack

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"

	"github.com/fwpack/fwpack/internal/speed"
)

// many is a project that installs count artifacts of size bytes, and each of them
// entries times.
func many(t *testing.T, count, size, entries int, method string) (dir string) {
	t.Helper()
	var artifacts, images strings.Builder
	contents := files{"device.aes": deviceAES}
	for i := range count {
		name := fmt.Sprintf("a%d", i)
		contents[name] = strings.Repeat(fmt.Sprintf("artifact %d of %d; ", i, count), size/len("artifact of ; ")+1)[:size]
		fmt.Fprintf(&artifacts, "[[artifact]]\nname = %q\nfile = %q\ncompress = %q\n", name, name, method)
		for j := range entries {
			fmt.Fprintf(&images, "{ filename = %q; type = \"raw\"; device = \"/dev/p%d-%d\"; },\n", name, i, j)
		}
	}
	contents["fwpack.toml"] = project(t, "ec-p256", artifacts.String())
	contents["sw-description.in"] = "software = { version = \"1\"; hardware-compatibility = [ \"1.0\" ]; images = (\n" +
		strings.TrimSuffix(images.String(), ",\n") + "); };\n"
	return contents.write(t)
}

// building returns the work of a full build of the project in dir.
func building(t *testing.T, dir string) func() {
	return func() {
		if _, err := Build(context.Background(), plan(t, dir), options(dir)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSpeedSmallArtifacts holds a build of a hundred against reading, compressing
// and hashing as many files.
func TestSpeedSmallArtifacts(t *testing.T) {
	const count = 100
	dir := many(t, count, 16<<10, 1, "zlib")
	encoder, err := flate.NewWriter(io.Discard, 7) // what level 6 is mapped to
	if err != nil {
		t.Fatal(err)
	}
	speed.Check(t, 2.6, building(t, dir), func() {
		for i := range count {
			name := fmt.Sprintf("a%d", i)
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			encoder.Reset(io.Discard)
			encoder.Write(data)
			encoder.Close()
			sha256.Sum256(data)
		}
	})
}

// TestSpeedLargeArtifact holds a build of one that is stored against hashing and
// copying it, and hashing the copy.
func TestSpeedLargeArtifact(t *testing.T) {
	dir := many(t, 1, 32<<20, 1, "none")
	out := filepath.Join(t.TempDir(), "copy")
	buf := make([]byte, copyBuffer)
	speed.Check(t, 1.33, building(t, dir), func() {
		hashCopy(t, filepath.Join(dir, "a0"), out, buf)
		hashCopy(t, out, os.DevNull, buf)
		os.Remove(out)
	})
}

func hashCopy(t *testing.T, from, to string, buf []byte) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	digest := sha256.New()
	for {
		n, err := source.Read(buf)
		digest.Write(buf[:n])
		if _, err := target.Write(buf[:n]); err != nil {
			t.Fatal(err)
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSpeedEntries: a description of eight times as many entries takes about eight
// times as long, and what every build takes only once.
func TestSpeedEntries(t *testing.T) {
	const count, factor = 500, 8
	few, lots := many(t, 1, 16, count, "none"), many(t, 1, 16, count*factor, "none")
	speed.Check(t, 0.8, building(t, lots), func() {
		for range factor {
			building(t, few)()
		}
	})
}
