package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

const writebackProject = `schema = 1
[project]
name = "p"
version = "1"
[[artifact]]
name = "rootfs"
file = "rootfs.bin"
[[bundle]]
name = "p"
output = "p.swu"
description = "p.in"
`

const writebackDescription = `software = {
	version = "1";
	images = ( { filename = "rootfs"; type = "raw"; device = "/dev/mmcblk0p2"; } );
};
`

// An output is on its way to the disk before it replaces another, and is left to the
// kernel where there is none: nobody waits for the disk then.
func TestConformanceWriteback(t *testing.T) {
	reftool.Need(t, "strace")
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"fwpack.toml": []byte(writebackProject),
		"p.in":        []byte(writebackDescription),
		"rootfs.bin":  noise(64<<20, 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, replaces := range []bool{false, true, true} {
		trace := filepath.Join(t.TempDir(), "trace")
		cmd := exec.Command("strace", "-f", "-qq", "-e", "trace=sync_file_range,rename,renameat,renameat2", "-o", trace, binary(t), "build", "--no-cache")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		before, _, renamed := bytes.Cut(read(t, trace), []byte("p.swu\""))
		if asked := bytes.Contains(before, []byte("SYNC_FILE_RANGE_WRITE")); asked != replaces || !renamed {
			t.Errorf("an output that replaces another: %v; the kernel was asked to write it before the rename: %v\n%s", replaces, asked, read(t, trace))
		}
	}
}
