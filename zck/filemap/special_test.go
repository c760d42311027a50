package filemap

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// debugfs changes an image.
func debugfs(t *testing.T, image string, commands ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "commands")
	if err := os.WriteFile(path, []byte(strings.Join(commands, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, nil, "debugfs", "-w", "-f", path, image)
}

// TestConformanceExtAttributes: a value fits in the inode, in a block or has an
// inode of its own.
func TestConformanceExtAttributes(t *testing.T) {
	reftool.Need(t, "mke2fs", "debugfs", "e2fsck", "dumpe2fs")
	files := content{"a": text(100, 1), "b": text(100, 2), "c": text(100, 3)}
	dir := t.TempDir()
	files.put(t, dir)
	values := t.TempDir()
	content{"medium": text(700, 4), "large": text(1024, 5)}.put(t, values)
	path := makeExt(t, dir, "-t ext4 -b 1024 -O ea_inode")
	debugfs(t, path,
		"ea_set /a user.small value",
		"ea_set -f "+values+"/medium /b user.medium",
		"ea_set -f "+values+"/large /c user.large")
	run(t, nil, "sh", "-c", `e2fsck -fy "$1" || [ $? -eq 1 ]`, "sh", path)
	m, image := open(t, path)
	checkFree(t, m, path)
	checkPaths(t, m, files, "/lost+found")
	b := of(m, "/b", Attributes)
	if len(b) != 1 || b[0].Length != 1024 || !bytes.Contains(image[b[0].Offset:b[0].End()], text(700, 4)) {
		t.Errorf("a value in a block: %+v", b)
	}
	large := slices.IndexFunc(m.Extents, func(e Extent) bool { return e.What == Attributes && e.File != "/b" })
	if large < 0 {
		t.Fatalf("no value in an inode: %+v", m.Extents)
	}
	if e := m.Extents[large]; !bytes.HasPrefix(image[e.Offset:], text(1024, 5)) || !strings.HasPrefix(e.File, "<inode ") {
		t.Errorf("a value in an inode: %+v", e)
	}
}

// TestConformanceExtPreallocated: blocks that nothing was written to.
func TestConformanceExtPreallocated(t *testing.T) {
	reftool.Need(t, "mke2fs", "debugfs", "dumpe2fs")
	dir := t.TempDir()
	content{"a": text(3000, 1)}.put(t, dir)
	path := makeExt(t, dir, "-t ext4 -b 1024")
	debugfs(t, path, "fallocate /a 10 19")
	m, _ := open(t, path)
	checkFree(t, m, path)
	all := of(m, "/a", Preallocated)
	if len(all) != 1 || all[0].Length != 10<<10 {
		t.Errorf("preallocated: %+v", all)
	}
}

// TestConformanceExtHardLinks: a file has one of its names, and special files
// have no bytes.
func TestConformanceExtHardLinks(t *testing.T) {
	reftool.Need(t, "mke2fs", "debugfs")
	dir := t.TempDir()
	content{"a": text(3000, 1), "b/c": {}}.put(t, dir)
	if err := os.Link(filepath.Join(dir, "a"), filepath.Join(dir, "b", "again")); err != nil {
		t.Skip(err)
	}
	path := makeExt(t, dir, "-t ext2 -b 1024")
	debugfs(t, path, "mknod pipe p", "mknod console c 5 1")
	m, _ := open(t, path)
	if all := of(m, "/a", Data); len(all) != 1 || all[0].Length != 3072 {
		t.Errorf("/a: %+v", all)
	}
	checkPaths(t, m, content{"a": nil, "b/c": nil, "pipe": nil, "console": nil}, "/lost+found")
}

// TestConformanceSquashSpecial: hard links, devices and pipes, which have
// inodes of other sizes.
func TestConformanceSquashSpecial(t *testing.T) {
	reftool.Need(t, "mksquashfs")
	dir := t.TempDir()
	content{"a": text(3000, 1), "b/c": {}, "z": text(200000, 2)}.put(t, dir)
	if err := os.Link(filepath.Join(dir, "a"), filepath.Join(dir, "b", "again")); err != nil {
		t.Skip(err)
	}
	pseudo := filepath.Join(t.TempDir(), "pseudo")
	if err := os.WriteFile(pseudo, []byte("console c 600 0 0 5 1\ndisk b 600 0 0 8 0\npipe i 600 0 0 f\nsocket i 600 0 0 s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, image := open(t, makeSquash(t, dir, "-pf "+pseudo))
	checkCovered(t, m, image)
	want := content{"a": nil, "b/c": nil, "b/again": nil, "z": nil, "console": nil, "disk": nil, "pipe": nil, "socket": nil}
	delete(want, "b/again") // one name of two
	checkPaths(t, m, want)
}

// TestConformanceSquashManyNames: a directory with an index.
func TestConformanceSquashManyNames(t *testing.T) {
	reftool.Need(t, "mksquashfs")
	files := content{}
	for i := range 1500 {
		files["d/"+strings.Repeat("name ", 10)+strings.Repeat("x", i%50)+string(rune('A'+i/50))] = []byte{}
	}
	dir := t.TempDir()
	files.put(t, dir)
	m, image := open(t, makeSquash(t, dir, ""))
	checkCovered(t, m, image)
	checkPaths(t, m, files)
}
