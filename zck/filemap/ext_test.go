package filemap

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHasSuper(t *testing.T) {
	groups := func(x *extFS) (all []int64) {
		for n := range int64(130) {
			if x.hasSuper(n) {
				all = append(all, n)
			}
		}
		return all
	}
	sparse := &extFS{roCompat: roSparseSuper}
	if got, want := groups(sparse), []int64{0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125}; !slices.Equal(got, want) {
		t.Errorf("sparse_super: %v, want %v", got, want)
	}
	if got := groups(&extFS{}); len(got) != 130 {
		t.Errorf("without sparse_super: %v", got)
	}
	two := &extFS{compat: compatSparse2, super: make([]byte, extSuperSize)}
	binary.LittleEndian.PutUint32(two.super[0x24C:], 1)
	binary.LittleEndian.PutUint32(two.super[0x250:], 129)
	if got, want := groups(two), []int64{0, 1, 129}; !slices.Equal(got, want) {
		t.Errorf("sparse_super2: %v, want %v", got, want)
	}
}

// TestGroupDescBlocks: with meta_bg, descriptors of 16 groups fill a block of
// 1 KiB, which is in the first, the second and the last of them.
func TestGroupDescBlocks(t *testing.T) {
	x := &extFS{
		super: make([]byte, extSuperSize), incompat: incompatMetaBG, roCompat: roSparseSuper,
		blockSize: 1024, descSize: 64, perGroup: 1024, firstBlock: 1, groups: 40,
	}
	var all, primary []int64
	for n := range x.groups {
		blocks, is := x.groupDescBlocks(n)
		if blocks == 1 {
			all = append(all, n)
		}
		if is {
			primary = append(primary, n)
		}
	}
	if want := []int64{0, 1, 15, 16, 17, 31, 32, 33}; !slices.Equal(all, want) {
		t.Errorf("descriptors in %v, want %v", all, want)
	}
	if want := []int64{0, 16, 32}; !slices.Equal(primary, want) {
		t.Errorf("in use in %v, want %v", primary, want)
	}
	for i, want := range []int64{2, 1 + 16*1024, 1 + 32*1024} {
		if got := x.descBlock(int64(i)); got != want {
			t.Errorf("block %d of descriptors is %d, want %d", i, got, want)
		}
	}
	binary.LittleEndian.PutUint32(x.super[0x104:], 1) // the first 16 groups are as of old
	for n, want := range map[int64]int64{0: 1, 1: 1, 2: 0, 3: 1, 15: 0, 16: 1, 18: 0, 31: 1} {
		if got, _ := x.groupDescBlocks(n); got != want {
			t.Errorf("group %d has %d blocks of descriptors, want %d", n, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for _, test := range []struct {
		compat, incompat, roCompat uint32
		want                       string
	}{
		{0, 0, 0, "ext2"},
		{0x38, incompatFiletype, roSparseSuper | 2, "ext2"},
		{compatHasJournal, incompatFiletype | incompatRecover, roSparseSuper, "ext3"},
		{compatHasJournal, incompatExtents, 0, "ext4"},
		{0, 0, 0x8, "ext4"},
	} {
		x := &extFS{compat: test.compat, incompat: test.incompat, roCompat: test.roCompat}
		if got := x.kind(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// TestInodeTime: a time has two more bits of seconds and nanoseconds, where the
// inode has room for them.
func TestInodeTime(t *testing.T) {
	raw := make([]byte, 256)
	put := func(at int, value uint32) { binary.LittleEndian.PutUint32(raw[at:], value) }
	put(0x8, 1700000000)
	put(0x8C, 123456789<<2)
	put(0xC, 1<<32-1)
	put(0x84, 0)
	put(0x10, 0)
	put(0x88, 1|999999999<<2)
	put(0x90, 5)
	put(0x94, 3)
	at := func(seconds, nanoseconds int64) int64 { return seconds<<nanoBits | nanoseconds }
	for _, test := range []struct {
		size, extra int
		want        times
	}{
		{128, 0, times{at(1700000000, 0), 0, at(-1, 0), 0}},
		{256, 0, times{at(1700000000, 0), 0, at(-1, 0), 0}},
		{256, 4, times{at(1700000000, 0), 0, at(-1, 0), 0}},
		{256, 32, times{at(1700000000, 123456789), at(1<<32, 999999999), at(-1, 0), at(3<<32+5, 0)}},
		{256, 65535, times{at(1700000000, 123456789), at(1<<32, 999999999), at(-1, 0), at(3<<32+5, 0)}},
	} {
		binary.LittleEndian.PutUint16(raw[0x80:], uint16(test.extra))
		i := inode{raw: raw[:test.size]}
		if got := i.file().times; got != test.want {
			t.Errorf("%d and %d bytes: %+v, want %+v", test.size, test.extra, got, test.want)
		}
	}
}

// inlineInode is an inode with attributes.
func inlineInode(name string, offset int, size uint32, value string) *inode {
	raw := make([]byte, 256)
	binary.LittleEndian.PutUint16(raw[0x80:], 32)
	body := raw[160:]
	binary.LittleEndian.PutUint32(body, attrMagic)
	entry := body[4:]
	entry[0], entry[1] = byte(len(name)), attrIndexSystem
	binary.LittleEndian.PutUint16(entry[2:], uint16(offset))
	binary.LittleEndian.PutUint32(entry[8:], size)
	copy(entry[attrEntrySize:], name)
	copy(entry[min(max(offset, 0), len(entry)):], value)
	return &inode{at: 1000, raw: raw}
}

func TestInlineRest(t *testing.T) {
	for _, test := range []struct {
		i         *inode
		want, err string
	}{
		{inlineInode("data", 40, 5, "value"), "value", ""},
		{inlineInode("data", 40, 0, "value"), "", ""},
		{inlineInode("date", 40, 5, "value"), "", ""},
		{inlineInode("data", 90, 5, ""), "", "inode: an extended attribute of 5 bytes at 90 of 92"},
		{inlineInode("data", 10, 1<<31, ""), "", "inode: an extended attribute of 2147483648 bytes at 10 of 92"},
		{inlineInode(strings.Repeat("n", 100), 10, 1, ""), "", "inode: extended attributes end in a name"},
		{&inode{raw: make([]byte, 128)}, "", ""},
		{&inode{raw: make([]byte, 256)}, "", ""},
	} {
		got, at, err := test.i.inlineRest()
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.HasSuffix(err.Error(), test.err) {
			t.Errorf("%q at %d, error %v; want %q, %s", got, at, err, test.want, test.err)
		}
		if test.want != "" && at != 1000+164+40 {
			t.Errorf("at %d", at)
		}
	}
}

// dirent is an entry of a directory.
func dirent(child uint32, length int, name string) []byte {
	b := make([]byte, max(length&^3, direntSize))
	binary.LittleEndian.PutUint32(b, child)
	binary.LittleEndian.PutUint16(b[4:], uint16(length))
	b[6] = byte(len(name))
	copy(b[direntSize:], name)
	return b
}

func TestParseNames(t *testing.T) {
	x := &extFS{inodes: 100, incompat: incompatFiletype}
	block := slices.Concat(dirent(2, 12, "."), dirent(2, 12, ".."), dirent(11, 20, "lost+found"), dirent(0, 16, "gone"),
		dirent(12, 964, "last"))
	if err := x.parseNames(2, block, 0); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range x.tree.links {
		got = append(got, string(x.tree.name(l)))
	}
	if want := []string{"lost+found", "last"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

// TestDirentLength: a length of 64 KiB has no room in 16 bits.
func TestDirentLength(t *testing.T) {
	large := make([]byte, 1<<16)
	for _, length := range []uint16{0, 0xFFFF} {
		binary.LittleEndian.PutUint16(large[4:], length)
		if got := direntLength(large); got != 1<<16 {
			t.Errorf("%#x: %d", length, got)
		}
	}
	binary.LittleEndian.PutUint16(large[4:], 12)
	if got := direntLength(large); got != 12 {
		t.Errorf("12: %d", got)
	}
	if got := direntLength(make([]byte, 1024)); got != 0 {
		t.Errorf("a small block: %d", got)
	}
}

func TestSeconds40(t *testing.T) {
	b := []byte{0, 0xF1, 0x53, 0x65, 1}
	if got, want := seconds40(b, 0, 4), int64(1700000000+1<<32); got != want {
		t.Errorf("%d, want %d", got, want)
	}
	if got := date(1700000000); got != time.Unix(1700000000, 0).UTC().Format(time.DateTime) {
		t.Errorf("date %s", got)
	}
}

func TestSpread(t *testing.T) {
	var m Made
	for _, seconds := range []int64{30, 10, 20} {
		m.count(&file{generation: uint32(seconds) / 30, times: times{modify: seconds << nanoBits}})
	}
	if m.Modified != (Spread{10, 30}) || m.Accessed != (Spread{}) || m.Files != 3 || m.Generations != 1 {
		t.Errorf("made %+v", m)
	}
}

// TestResolve: paths of files with several names, with long ones and with none.
func TestResolve(t *testing.T) {
	x := tree{root: 2}
	add := func(parent, child uint32, name string) {
		t.Helper()
		if err := x.add(0, parent, child, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	add(10, 11, "twice")
	add(2, 10, "d")
	add(2, 11, "again")
	add(11, 12, "below")
	add(99, 13, "lost")
	p, err := x.resolve()
	if err != nil {
		t.Fatal(err)
	}
	for inode, want := range map[uint32]string{
		2: "/", 10: "/d", 11: "/again", 12: "/d/twice/below", 13: "<inode 99>/lost", 14: "<inode 14>", 99: "<inode 99>",
	} {
		if got := p.of(inode); got != want {
			t.Errorf("inode %d: %s, want %s", inode, got, want)
		}
	}
	for n := range uint32(20) {
		add(n+20, n+21, strings.Repeat("n", 250))
	}
	if _, err := x.resolve(); err == nil || !strings.Contains(err.Error(), "has a path of more than 4096 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestClaims(t *testing.T) {
	c := claims{room: 100}
	for _, step := range []struct {
		offset, length int64
		owner          uint32
		want           int // claims then
	}{{0, 10, 1, 1}, {10, 10, 1, 1}, {30, 10, 1, 2}, {40, 10, 2, 3}, {50, 0, 2, 3}, {40, 50, 2, 4}} {
		if err := c.add(step.offset, step.length, Data, step.owner); err != nil || len(c.list) != step.want {
			t.Errorf("%+v: %d claims, error %v", step, len(c.list), err)
		}
	}
	const want = "filemap: offset 0x80: data: more is in use than the file system has"
	if err := c.add(128, 11, Data, 5); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestReadBounds(t *testing.T) {
	s := source{bytes.NewReader(make([]byte, 10)), 10}
	for _, at := range []int64{-1, 7, 11, 1 << 62, -1 << 63} {
		if err := s.read(make([]byte, 4), at, "field"); err == nil || !strings.Contains(err.Error(), "field: 4 bytes, but the image has 10") {
			t.Errorf("at %d: error %v", at, err)
		}
	}
	if err := s.read(make([]byte, 4), 6, "field"); err != nil {
		t.Error(err)
	}
}
