package filemap

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
)

// checkAdvice compares advice with the begins of what is wanted.
func checkAdvice(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("advice:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// mapWith is a map of n files, changed by a function.
func mapWith(kind string, change func(m *Made, files []file)) *Map {
	m := &Map{Kind: kind}
	for i := range 20 {
		m.files = append(m.files, file{path: fmt.Sprintf("/%02d", i), inode: uint32(i) + 12})
	}
	if change != nil {
		change(&m.Made, m.files)
	}
	return m
}

// first changes n files.
func first(n int, change func(f *file)) func(*Made, []file) {
	return func(_ *Made, files []file) {
		for i := range files[:n] {
			change(&files[i])
		}
	}
}

func TestAdvice(t *testing.T) {
	for _, test := range []struct {
		kind   string
		change func(*Made, []file)
		want   []string
	}{
		{"ext4", nil, nil},
		{"squashfs", nil, nil},
		{"ext4", func(m *Made, _ []file) { m.UUID = "a" }, []string{"the UUIDs differ (, a); it is in every copy of the superblock: give one with mke2fs -U UUID"}},
		{"ext4", func(m *Made, _ []file) { m.UUID, m.SeedsChecksums = "a", true }, []string{"the UUIDs differ (, a); it is in every copy of the superblock and, through metadata_csum,"}},
		{"ext4", func(m *Made, _ []file) { m.HashSeed = "a" }, []string{"the hash seeds differ"}},
		{"ext4", func(m *Made, _ []file) { m.Label = "a" }, []string{`the labels differ ("", "a")`}},
		{"ext4", func(m *Made, _ []file) { m.Options = "a" }, []string{"the file systems were made in different ways"}},
		{"ext4", func(m *Made, _ []file) { m.Created = 1 }, []string{"they were made at different times (1970-01-01 00:00:00, 1970-01-01 00:00:01)"}},
		{"ext4", func(m *Made, _ []file) { m.Created, m.Checked = 1, 2 }, []string{"they were made", "they were written or checked"}},
		{"ext4", func(m *Made, _ []file) { m.Checked = 1 }, []string{"they were written or checked at different times"}},
		{"ext4", func(m *Made, _ []file) { m.Mounted = 1 }, []string{"the image was mounted (at 1970-01-01 00:00:01)"}},
		{"ext4", func(m *Made, _ []file) { m.Dirty = true }, []string{"the image was not unmounted properly"}},
		{"ext4", first(2, func(f *file) { f.times.modify = 1 }), nil},
		{"ext4", first(3, func(f *file) { f.times.modify = 1 }), []string{"3 of 20 files have other modification times: "}},
		{"ext4", first(20, func(f *file) { f.times.change = 1 }), []string{"20 of 20 files have other change times (ctime)"}},
		{"ext4", first(20, func(f *file) { f.times.access = 1 }), []string{"20 of 20 files have other access times"}},
		{"ext4", first(20, func(f *file) { f.times.birth = 1 }), []string{"20 of 20 files have other creation times (crtime)"}},
		{"ext4", first(20, func(f *file) { f.generation = 1 }), []string{"20 of 20 files have other generation numbers"}},
		{"ext4", first(2, func(f *file) { f.inode++ }), []string{"2 of 20 files have other inode numbers, although"}},
		{"ext4", first(20, func(f *file) { f.path += "a" }), nil},
		{"squashfs", func(m *Made, _ []file) { m.Created = 1 }, []string{"they were made at different times"}},
		{"squashfs", func(m *Made, _ []file) { m.Options = "a" }, []string{"they were compressed in different ways"}},
		{"squashfs", first(3, func(f *file) { f.times.modify = 1 }), []string{"3 of 20 files have other modification times: give -all-time"}},
		{"squashfs", first(2, func(f *file) { f.inode++ }), nil},
	} {
		checkAdvice(t, Advice(mapWith(test.kind, nil), mapWith(test.kind, test.change)), test.want...)
	}
	checkAdvice(t, Advice(mapWith("ext4", nil), mapWith("squashfs", nil)), "one is ext4, the other squashfs")
}

const fixedUUIDs = "-U 6ba7b810-9dad-11d1-80b4-00c04fd430c8 -E hash_seed=6ba7b811-9dad-11d1-80b4-00c04fd430c8"

// TestConformanceAdviceExt makes the same image twice, with one thing after
// another as advised, until both are equal.
func TestConformanceAdviceExt(t *testing.T) {
	reftool.Need(t, "mke2fs")
	files := content{"a": text(5000, 1), "b/c": text(100, 2), "b/d": text(3000, 3)}
	dir := t.TempDir()
	files.put(t, dir)
	other := t.TempDir()
	files.put(t, other)
	touch(t, dir, time.Unix(1600000000, 0))
	touch(t, other, time.Unix(1600000001, 0))
	makeExt(t, dir, "-t ext4") // the first one to read a file changes its access time
	makeExt(t, other, "-t ext4")
	const made, uuids, seeds = "they were made at different times", "the UUIDs differ", "the hash seeds differ"
	const born = "6 of 6 files have other creation times"
	early, late := "E2FSPROGS_FAKE_TIME=1700000000", "E2FSPROGS_FAKE_TIME=1700000001"
	for _, test := range []struct {
		dir, options, env string
		want              []string
	}{
		{other, "-t ext4", late, []string{uuids, seeds, made, "6 of 6 files have other modification times", born}},
		// The root and lost+found have the time of mke2fs.
		{dir, "-t ext4", late, []string{uuids, seeds, made, "2 of 6 files have other modification times",
			"2 of 6 files have other change times", "2 of 6 files have other access times", born}},
		{dir, "-t ext4", early, []string{uuids, seeds}},
		{dir, "-t ext4 -O ^metadata_csum " + fixedUUIDs, early, []string{"the file systems were made in different ways"}},
		{dir, "-t ext4 -L name " + fixedUUIDs, early, []string{"the labels differ"}},
		{dir, "-t ext4 " + fixedUUIDs, early, nil},
	} {
		old, image := open(t, makeExt(t, dir, "-t ext4 "+fixedUUIDs, early))
		now, again := open(t, makeExt(t, test.dir, test.options, test.env))
		advice := Advice(old, now)
		advice = slices.DeleteFunc(advice, func(s string) bool {
			// They may be of the same second.
			return test.dir == other && (strings.Contains(s, "(ctime)") || strings.Contains(s, "other access times"))
		})
		checkAdvice(t, advice, test.want...)
		if same := string(image) == string(again); same != (len(advice) == 0) {
			t.Errorf("%s: images are equal: %t, advice %q", test.options, same, advice)
		}
	}
}

// TestConformanceAdviceChecked: e2fsck has a clock of its own.
func TestConformanceAdviceChecked(t *testing.T) {
	reftool.Need(t, "mke2fs", "e2fsck")
	dir := t.TempDir()
	content{"a": {}}.put(t, dir)
	build := func(clock string) *Map {
		path := makeExt(t, dir, "-t ext4 "+fixedUUIDs, "E2FSPROGS_FAKE_TIME=1700000000")
		run(t, []string{clock}, "sh", "-c", `e2fsck -fyD "$1" || [ $? -eq 1 ]`, "sh", path)
		m, _ := open(t, path)
		return m
	}
	old := build("E2FSCK_TIME=1700000000")
	checkAdvice(t, Advice(old, build("E2FSCK_TIME=1700000000")))
	checkAdvice(t, Advice(old, build("E2FSPROGS_FAKE_TIME=1700000000")), "they were written or checked at different times")
}

// touch sets the times of all that is in a folder.
func touch(t *testing.T, dir string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestConformanceAdviceSquash(t *testing.T) {
	reftool.Need(t, "mksquashfs")
	files := content{"a": text(5000, 1), "b/c": text(100, 2)}
	dir, other := t.TempDir(), t.TempDir()
	files.put(t, dir)
	files.put(t, other)
	touch(t, other, time.Unix(1600000000, 0))
	old, image := open(t, makeSquash(t, dir, "-mkfs-time 1700000000 -all-time 1700000000"))
	for _, test := range []struct {
		options, env string
		want         []string
	}{
		{"", "A=", []string{"they were made at different times", "4 of 4 files have other modification times"}},
		{"", "SOURCE_DATE_EPOCH=1700000000", []string{"4 of 4 files"}},
		{"-all-time 1700000000 -mkfs-time 1700000000 -b 64K", "A=", []string{"they were compressed in different ways"}},
		{"-all-time 1700000000 -mkfs-time 1700000000 -comp xz", "A=", []string{"they were compressed in different ways"}},
		{"-all-time 1700000000 -mkfs-time 1700000000", "A=", nil},
	} {
		now, again := open(t, makeSquash(t, other, test.options, test.env))
		advice := Advice(old, now)
		checkAdvice(t, advice, test.want...)
		if same := string(image) == string(again); same != (len(advice) == 0) {
			t.Errorf("%s: images are equal: %t, advice %q", test.options, same, advice)
		}
	}
}
