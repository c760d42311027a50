package swu

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/cavaliergopher/cpio"

	"github.com/fwpack/fwpack/internal/reftool"
)

// gnuCPIO runs GNU cpio in dir.
func gnuCPIO(t *testing.T, dir string, stdin []byte, args ...string) (stdout []byte) {
	t.Helper()
	reftool.Need(t, "cpio")
	cmd := exec.Command("cpio", append(args, "--quiet")...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("cpio %s: %v\n%s", strings.Join(args, " "), err, &log)
	}
	if log.Len() > 0 {
		t.Errorf("cpio %s says %s", strings.Join(args, " "), &log)
	}
	return out.Bytes()
}

func TestConformanceListed(t *testing.T) {
	got := gnuCPIO(t, t.TempDir(), build(t, signed), "-it")
	var want strings.Builder
	for _, i := range signed {
		fmt.Fprintln(&want, i.name)
	}
	if string(got) != want.String() {
		t.Errorf("cpio lists %q, want %q", got, want.String())
	}
}

func TestConformanceSums(t *testing.T) {
	large := append(slices.Clone(signed), item{"large", strings.Repeat("\xff\x00\x80", 1<<20)})
	gnuCPIO(t, t.TempDir(), build(t, large), "-i", "--only-verify-crc")
}

func TestConformanceExtracted(t *testing.T) {
	dir := t.TempDir()
	gnuCPIO(t, dir, build(t, signed), "-i")
	for _, i := range signed {
		data, err := os.ReadFile(filepath.Join(dir, i.name))
		if err != nil || string(data) != i.data {
			t.Errorf("%s: extracted %q, %v, want %q", i.name, data, err, i.data)
		}
	}
}

// pack makes GNU cpio pack items, with our constants where it can.
func pack(t *testing.T, items []item, format string) []byte {
	t.Helper()
	dir := t.TempDir()
	var names strings.Builder
	for _, i := range items {
		path := filepath.Join(dir, i.name)
		if err := os.WriteFile(path, []byte(i.data), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil { // whatever the umask
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&names, i.name)
	}
	return gnuCPIO(t, dir, []byte(names.String()), "-o", "-H", format, "--reproducible", "--renumber-inodes", "-R", "+0:+0")
}

// TestConformanceSameBytes compares with GNU cpio, inodes aside: it counts
// them from 0.
func TestConformanceSameBytes(t *testing.T) {
	got, want := build(t, signed), pack(t, signed, "crc")
	var offset int64
	for _, i := range signed {
		copy(got[offset+6:], "--------")
		copy(want[offset+6:], "--------")
		offset += EntrySize(headerOf(i))
	}
	if !bytes.Equal(got, want) {
		t.Errorf("\n ours %q\ntheirs %q", got, want)
	}
}

func TestConformanceReadsGNU(t *testing.T) {
	for _, format := range []string{"crc", "newc"} {
		all, err := readBytes(pack(t, signed, format))
		if err != nil || len(all) != len(signed) {
			t.Fatalf("%s: %d entries, %v", format, len(all), err)
		}
		for n, i := range signed {
			if all[n].Name != i.name || all[n].data != i.data {
				t.Errorf("%s: %+v, want %+v", format, all[n], i)
			}
		}
	}
}

// TestLibraryReads asks another implementation, which is in the module anyway.
func TestLibraryReads(t *testing.T) {
	r := library.NewReader(bytes.NewReader(build(t, signed)))
	for n, i := range signed {
		hdr, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		want := library.Header{Name: i.name, Inode: int64(n + 1), Mode: 0o100644, Links: 1, Size: int64(len(i.data)), Checksum: sumOf(i.data)}
		if hdr.Name != want.Name || hdr.Inode != want.Inode || hdr.Mode != want.Mode || hdr.Size != want.Size ||
			hdr.Checksum != want.Checksum || hdr.Uid != 0 || hdr.Guid != 0 || hdr.ModTime.Unix() != 0 {
			t.Errorf("header %+v, want %+v", hdr, want)
		}
		if data, err := io.ReadAll(r); err != nil || string(data) != i.data {
			t.Errorf("%s: data %q, %v", i.name, data, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}
