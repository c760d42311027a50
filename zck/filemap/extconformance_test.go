package filemap

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// extImages are ways to make an image of the same folder.
var extImages = []struct {
	name, options, kind string
	optimise            bool // let e2fsck index large directories, as Yocto does
}{
	{"ext4", "-t ext4 -b 4096", "ext4", true},
	{"1k", "-t ext4 -b 1024", "ext4", true},
	{"2k without 64bit", "-t ext4 -b 2048 -O ^64bit", "ext4", false},
	{"32k", "-t ext4 -b 32768 -I 256 -O ^has_journal", "ext4", false},
	{"ext2 1k", "-t ext2 -b 1024", "ext2", true},
	{"ext2 4k", "-t ext2 -b 4096", "ext2", false},
	{"ext2 revision 0", "-t ext2 -b 1024 -r 0 -I 128 -O none", "ext2", false},
	{"ext3", "-t ext3 -b 1024", "ext3", true},
	{"inline data", "-t ext4 -b 1024 -I 512 -O inline_data", "ext4", true},
	{"meta_bg", "-t ext4 -b 1024 -O meta_bg,^resize_inode -g 1024", "ext4", false},
	{"meta_bg without 64bit", "-t ext4 -b 1024 -O meta_bg,^resize_inode,^64bit -g 512", "ext4", false},
	{"sparse_super2", "-t ext4 -b 1024 -O sparse_super2,^resize_inode", "ext4", false},
	{"all backups", "-t ext4 -b 1024 -O ^sparse_super,^flex_bg,^resize_inode", "ext4", false},
	{"without flex_bg", "-t ext4 -b 1024 -O ^flex_bg,^metadata_csum,uninit_bg", "ext4", false},
	{"without journal", "-t ext4 -O ^has_journal", "ext4", false},
	{"bigalloc", "-t ext4 -O bigalloc -C 16384", "ext4", false},
	{"bigalloc 1k", "-t ext4 -b 1024 -O bigalloc -C 4096", "ext4", false},
	{"all kinds of hidden files", "-t ext4 -b 1024 -O mmp,quota,project,orphan_file,metadata_csum_seed,large_dir", "ext4", false},
}

// makeExt makes an image of dir.
func makeExt(t *testing.T, dir, options string, env ...string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	size := "24M"
	if strings.Contains(options, "-b 32768") { // small files take much
		size = "48M"
	}
	args := append([]string{"-q", "-F", "-d", dir}, strings.Fields(options)...)
	run(t, env, "mke2fs", append(args, image, size)...)
	return image
}

func TestConformanceExt(t *testing.T) {
	reftool.Need(t, "mke2fs", "debugfs", "e2fsck", "dumpe2fs")
	files := variety()
	dir := t.TempDir()
	files.put(t, dir)
	for _, test := range extImages {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := makeExt(t, dir, test.options)
			if test.optimise {
				optimise(t, path)
			}
			m, image := open(t, path)
			if m.Kind != test.kind {
				t.Errorf("kind %s, want %s", m.Kind, test.kind)
			}
			checkPaths(t, m, files, "/lost+found")
			checkFree(t, m, path)
			checkExtBlocks(t, m, path, files)
			checkExtData(t, m, image, files)
			checkSuper(t, m, path)
		})
	}
}

// optimise runs e2fsck -D, which succeeds with status 1 as it changes something.
func optimise(t *testing.T, path string) {
	t.Helper()
	run(t, nil, "sh", "-c", `e2fsck -fyD "$1" || [ $? -eq 1 ]`, "sh", path)
	run(t, nil, "e2fsck", "-fn", path)
}

var (
	blockSizeLine = regexp.MustCompile(`(?m)^Block size: +(\d+)`)
	freeLine      = regexp.MustCompile(`(?m)^  Free blocks: (.*)$`)
	groupLine     = regexp.MustCompile(`(?m)^Group \d+: \(Blocks (\d+)-(\d+)\)`)
	number        = regexp.MustCompile(`(\d+)(?:-(\d+))?`)
)

// ranges returns the numbers in text such as "3-5, 9".
func ranges(text string) (all []int64) {
	for _, match := range number.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.ParseInt(match[1], 10, 64)
		last, err := strconv.ParseInt(match[2], 10, 64)
		if err != nil {
			last = first
		}
		for ; first <= last; first++ {
			all = append(all, first)
		}
	}
	return all
}

// checkFree compares what the map says to be free with the file system's
// bitmaps. With bigalloc a cluster may be in use in part.
func checkFree(t *testing.T, m *Map, path string) {
	t.Helper()
	dump := run(t, nil, "dumpe2fs", path)
	size := int64(0)
	size, _ = strconv.ParseInt(blockSizeLine.FindStringSubmatch(dump)[1], 10, 64)
	free := map[int64]bool{}
	for _, match := range freeLine.FindAllStringSubmatch(dump, -1) {
		for _, block := range ranges(match[1]) {
			free[block] = true
		}
	}
	groups := groupLine.FindAllStringSubmatch(dump, -1)
	last, _ := strconv.ParseInt(groups[len(groups)-1][2], 10, 64)
	clusters := strings.Contains(dump, "bigalloc")
	for block := range last + 1 {
		mapped := false
		for e := range m.At(block*size, size) {
			mapped = mapped || e.What != Free
		}
		if mapped == free[block] && (mapped || !clusters) {
			t.Fatalf("block %d: in the map %t, free %t", block, mapped, free[block])
		}
	}
}

// checkExtBlocks compares the blocks of files with those that debugfs prints.
func checkExtBlocks(t *testing.T, m *Map, path string, files content) {
	t.Helper()
	names := slices.Sorted(maps.Keys(files))
	names = slices.DeleteFunc(names, func(name string) bool {
		// debugfs takes a target in the inode for blocks.
		return strings.ContainsAny(name, "\n") || strings.HasPrefix(name, "many/") || name == "etc/short@"
	})
	names = append(names, "many")
	var script strings.Builder
	for _, name := range names {
		script.WriteString("blocks \"/" + name + "\"\n")
	}
	commands := filepath.Join(t.TempDir(), "commands")
	if err := os.WriteFile(commands, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(run(t, nil, "debugfs", "-f", commands, path), "debugfs: ")[1:]
	size := blockSize(m)
	for i, name := range names {
		_, text, _ := strings.Cut(answers[i], "\n")
		want := ranges(text)
		var got []int64
		for _, e := range m.Extents {
			if e.File == "/"+name && e.What != Attributes {
				for at := e.Offset; at < e.End(); at += size {
					got = append(got, at/size)
				}
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: blocks %v, want %v", name, got, want)
		}
	}
}

// blockSize is that of an ext file system, from the words of its options.
func blockSize(m *Map) int64 {
	return ranges(m.Made.Options[strings.Index(m.Made.Options, " of "):])[0]
}

// checkExtData compares the bytes of files' extents with the files. Extents are
// in the order of the image, so that blocks are compared as a set.
func checkExtData(t *testing.T, m *Map, image []byte, files content) {
	t.Helper()
	size := blockSize(m)
	stored := map[string]blockSet{}
	for _, e := range m.Extents {
		if e.What != Data && e.What != Symlink {
			continue
		}
		if stored[e.File] == nil {
			stored[e.File] = blockSet{}
		}
		for at := e.Offset; at < e.End(); at += size {
			stored[e.File].add(image[at : at+size])
		}
	}
	for name, data := range files {
		want := blockSet{}
		for part := range slices.Chunk(data, int(size)) {
			want.add(part)
		}
		got := stored["/"+name]
		if len(got) == 0 && len(files[name]) <= 512 { // in the inode
			continue
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %d different blocks in the map, %d in the file, or others", name, len(got), len(want))
		}
	}
}

// blockSet counts blocks by their content, without zeros at the end.
type blockSet map[string]int

func (s blockSet) add(b []byte) {
	if !zeros(b) { // else it may be a hole
		s[string(bytes.TrimRight(b, "\x00"))]++
	}
}

// checkSuper compares what a map says of the superblock with dumpe2fs.
func checkSuper(t *testing.T, m *Map, path string) {
	t.Helper()
	dump := run(t, nil, "dumpe2fs", "-h", path)
	for field, want := range map[string]string{
		"Filesystem UUID":     m.Made.UUID,
		"Directory Hash Seed": m.Made.HashSeed,
		"Filesystem created":  date(m.Made.Created),
		"Last write time":     date(m.Made.Written),
		"Last checked":        date(m.Made.Checked),
		"Mount count":         strconv.Itoa(m.Made.Mounts),
	} {
		match := regexp.MustCompile(`(?m)^` + field + `: +(.*)$`).FindStringSubmatch(dump)
		if match == nil { // revision 0 has no UUID and no seed
			continue
		}
		got := match[1]
		if strings.Count(got, ":") == 2 {
			got = dateOf(t, got)
		}
		if got != want && got != "<none>" {
			t.Errorf("%s: %q, dumpe2fs says %q", field, want, got)
		}
	}
}
