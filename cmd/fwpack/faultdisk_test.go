//go:build linux || darwin

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// pendingOf finds the output in a message about its pending file.
var pendingOf = regexp.MustCompile(`/\.([a-z0-9.-]+)\.fwpack-[0-9a-f]{16}: file too large`)

// TestFaultFileTooLarge lets writes fail at places all over every file: a limit on
// the length of files works as a full disk does, and takes no rights.
func TestFaultFileTooLarge(t *testing.T) {
	p := newSmallProject(t)
	largest := 0
	for _, name := range p.files {
		largest = max(largest, len(read(t, filepath.Join(p.out, name))))
	}
	var hit []string
	runs := min(max(faultRuns(t)/4, 20), largest)
	for n := range runs {
		limit := largest * n * n / (runs * runs) // most outputs are small
		before, edition := p.state(t), 1-p.edition(t)
		build := p.build(edition)
		if n%2 == 0 { // with a cache, the payload in out-01.swu comes from there
			build.Args = append(build.Args, "--no-cache")
		}
		cmd := exec.Command("limit-file-size", append([]string{strconv.Itoa(limit)}, build.Args...)...)
		cmd.Dir, cmd.Env = build.Dir, build.Env
		said := output(cmd)
		how := outcomeOf(t, cmd.Run())
		if old, _ := p.which(t, before, edition); how != failed || old != len(before) {
			t.Errorf("files of %d bytes at most: outcome %d, %d of %d outputs are old\n%s", limit, how, old, len(before), said)
		}
		if left := p.beside(t); len(left) > 0 {
			t.Errorf("files of %d bytes at most: left behind %q", limit, left)
		}
		if match := pendingOf.FindStringSubmatch(said.String()); match != nil {
			hit = append(hit, match[1])
		} else {
			t.Errorf("files of %d bytes at most: no word of that:\n%s", limit, said)
		}
	}
	for _, name := range []string{"out-01.swu", "sensor.bin", "sensor.zip", "out-00.swu", "artifacts.json"} {
		if !slices.Contains(hit, name) {
			t.Errorf("none of %d limits up to %d bytes has hit %s", runs, largest, name)
		}
	}
}

// page is the least that a tmpfs gives a file.
const page = 4 << 10

// TestConformanceFaultDiskFull builds on disks with more and more space until it
// is enough for everything.
func TestConformanceFaultDiskFull(t *testing.T) {
	p := newSmallProject(t)
	disk := tmpfs(t, "1m")
	out := filepath.Join(disk, "dist")
	if err := os.CopyFS(out, os.DirFS(p.out)); err != nil {
		t.Fatal(err)
	}
	p.out = out
	for pages := int64(0); ; pages++ {
		leave(t, filepath.Join(disk, "filler"), pages*page)
		before, edition := p.state(t), 1-p.edition(t)
		cmd := p.build(edition, "-o", out)
		said := output(cmd)
		how := outcomeOf(t, cmd.Run())
		if left := p.beside(t); len(left) > 0 {
			t.Errorf("%d pages: left behind %q", pages, left)
		}
		old, made := p.which(t, before, edition)
		if how == finished && made == len(before) {
			t.Logf("%d pages of %d bytes are enough", pages, page)
			return
		}
		if how != failed || old != len(before) || !strings.Contains(said.String(), "no space left on device") {
			t.Fatalf("%d pages: outcome %d, %d of %d outputs are old, %d new\n%s", pages, how, old, len(before), made, said)
		}
	}
}

// leave fills the disk up to so many bytes.
func leave(t *testing.T, filler string, space int64) {
	t.Helper()
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, page)
	for err == nil {
		_, err = f.Write(block)
	}
	size, seekErr := f.Seek(0, io.SeekEnd)
	if !errors.Is(err, syscall.ENOSPC) || seekErr != nil || size < space {
		t.Fatalf("filling the disk: %v, %v after %d bytes", err, seekErr, size)
	}
	if err := f.Truncate(size - space); err != nil {
		t.Fatal(err)
	}
}

// tmpfs mounts an empty file system of a size in the words of mount(8).
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		reftool.Missing(t, "mounting a small file system takes root, who is not here")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "none", dir).CombinedOutput(); err != nil {
		reftool.Missing(t, fmt.Sprintf("no tmpfs is to be had: %v %s", err, out))
	}
	t.Cleanup(func() { exec.Command("umount", dir).Run() })
	return dir
}
