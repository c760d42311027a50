package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/imagefile"
)

// A signing program signs images of every kind that it has keys for.
func TestConformanceImageProgram(t *testing.T) {
	reftool.Need(t, "openssl", "sh")
	keys, err := filepath.Abs("../../testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	firmware, image, out := filepath.Join(dir, "in.bin"), filepath.Join(dir, "image.bin"), filepath.Join(dir, "out.bin")
	if err := os.WriteFile(firmware, []byte("text of a firmware"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "imgtool", "sign", "-v", "1.2.3", "-H", "32", "-S", "0x4000", "--pad-header", "--align", "8", "--pad", firmware, image)
	for _, key := range []string{"rsa2048", "rsa3072", "ec-p256", "ec-p384", "ed25519"} {
		reference := "plugin:openssl:" + filepath.ToSlash(filepath.Join(keys, key+".pem"))
		if status, _, stderr := withPrograms(t, "sign", image, "--key", reference, "-o", out); status != statusDone {
			t.Errorf("%s: status %d\n%s", key, status, stderr)
			continue
		}
		mustRun(t, "verify", out, "--trust", filepath.Join(keys, key+".pub.pem"))
	}
}

// A picture is to scale, and even the smallest region is seen.
func TestPlace(t *testing.T) {
	b := blocks{"#", "."}
	for _, test := range []struct {
		offset, size int
		used         bool
		want         string
	}{
		{0, 3900, true, "#######################################"},
		{0, 1, true, "#"},
		{1950, 390, false, "                   ...."},
		{3899, 1, true, "                                      #"},
		{1 << 29, 1 << 28, true, ""},
	} {
		total := int64(3900)
		if test.want == "" {
			total, test.want = 1<<30, "                   ##########"
		}
		if got := (&view{blocks: b}).place(region(test.offset, test.size, test.used), total); got != test.want {
			t.Errorf("%+v: %q, want %q", test, got, test.want)
		}
	}
}

func region(offset, size int, used bool) imagefile.Region {
	return imagefile.Region{Offset: offset, Size: size, Used: used}
}
