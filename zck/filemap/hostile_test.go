package filemap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// patch is a change of an image: a number at an offset.
type patch struct {
	at, size int
	value    uint64
}

func (p patch) apply(image []byte) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], p.value)
	copy(image[p.at:], b[:p.size])
}

// hostile is an image that is changed and what is said of it.
type hostile struct {
	patches []patch
	want    string
}

func checkHostile(t *testing.T, name string, tests []hostile) {
	t.Helper()
	good := small(t, name)
	for _, test := range tests {
		image := bytes.Clone(good)
		for _, p := range test.patches {
			p.apply(image)
		}
		_, err := Read(bytes.NewReader(image), int64(len(image)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v\nwant one with %s", test.patches, err, test.want)
		}
	}
}

// set is one change.
func set(at, size int, value uint64) []patch { return []patch{{at, size, value}} }

func TestHostileSuper(t *testing.T) {
	const super = 1024
	checkHostile(t, "small.ext4.gz", []hostile{
		{set(super+0x60, 4, 0x8), "ext4: an external journal (journal_dev) is not supported"},
		{set(super+0x60, 4, 0x80000002), "ext4: feature incompat 0x80000000 is not supported"},
		{set(super+0x18, 4, 7), "superblock: blocks of 2^17 bytes"},
		{set(super+0x18, 4, 1<<32-1), "superblock: blocks of 2^4294967305 bytes"},
		{set(super+0x4, 4, 3073), "superblock: 3073 blocks of 1024 bytes, but the image has 3145728 bytes"},
		{set(super+0x150, 4, 1<<32-1), "blocks of 1024 bytes, but the image has"},
		{set(super+0x4, 4, 1), "superblock: the first block is 1"},
		{set(super+0x14, 4, 2), "superblock: the first block is 2"},
		{set(super+0x20, 4, 0), "superblock: groups of 0 blocks, 8 to 8192 are allowed"},
		{set(super+0x20, 4, 8193), "superblock: groups of 8193 blocks"},
		{set(super+0x58, 2, 0), "superblock: inodes of 0 bytes"},
		{set(super+0x58, 2, 2048), "superblock: inodes of 2048 bytes; powers of two from 128 to 1024 are allowed"},
		{set(super+0xFE, 2, 32), "superblock: group descriptors of 32 bytes"},
		{set(super+0xFE, 2, 2048), "superblock: group descriptors of 2048 bytes"},
		{set(super+0x28, 4, 0), "superblock: 32 inodes in 1 groups of 0"},
		{set(super, 4, 33), "superblock: 33 inodes in 1 groups of 32"},
		{set(super+0x20, 4, 8), "group descriptor: blocks 0, 0 and 0"}, // more groups, whose descriptors are others' bytes
		{set(super+0xCE, 2, 3100), "group descriptors: 3101 blocks from 2, but the file system has 3072"},
	})
}

func TestHostileGroup(t *testing.T) {
	const group = 2048
	checkHostile(t, "small.ext4.gz", []hostile{
		{set(group, 4, 0), "offset 0x800: group descriptor: blocks 0, 42 and 58, but the file system has 3072"},
		{set(group+4, 4, 3072), "group descriptor: blocks 26, 3072 and 58"},
		{set(group+8, 4, 3065), "group descriptor: blocks 26, 42 and 3065"},
		{set(group+0x28, 4, 1<<32-1), "group descriptor: blocks 26, 42 and 18446744069414584378"},
		{set(group+0x1C, 2, 33), "group descriptor: 33 unused inodes of 32"},
		{set(group, 4, 42), "bitmaps: belongs to the file system and to bitmaps of the file system"},
		{set(group+4, 4, 1082), `bitmaps: belongs to the file system and to data of "/lines"`},
	})
}

func TestHostileExtents(t *testing.T) {
	const lines = 61*1024 + 0x300 // the inode
	const tree = lines + 0x28
	checkHostile(t, "small.ext4.gz", []hostile{
		{set(lines, 2, 0x3000), "inode: type 0x3000"},
		{set(tree, 2, 0xF30B), "offset 0xf728: extents: magic 0xf30b, want 0xf30a"},
		{set(tree+2, 2, 5), "extents: 5 entries in room for 4"},
		{set(tree+4, 2, 5), "extents: 1 entries in room for 4"},
		{set(tree+6, 2, 6), "inode: extents 6 levels deep, at most 5 are allowed"},
		{set(tree+6, 2, 1), "inode: block map in block 4647154614286 of 3072"},
		{set(tree+16, 2, 0), "inode: an extent without blocks"},
		{set(tree+20, 4, 3060), "inode: blocks from 3060 to 3073, but the file system has 3072"},
		{set(tree+18, 2, 1), "but the file system has 3072"},
		{set(tree+20, 4, 27), `directory: belongs to "/" and to data of "/lines"`},
		{[]patch{{tree + 2, 2, 2}, {tree + 24, 4, 13}, {tree + 28, 2, 1}, {tree + 32, 4, 2000}}, "extents: block 13 of the file follows block 13"},
		// A tree that has itself as its only branch.
		{[]patch{{tree + 6, 2, 1}, {tree + 16, 4, 61}, {tree + 20, 2, 0}}, "offset 0xf400: extents: magic"},
		{set(lines+0x68, 4, 3072), "inode: extended attributes in block 3072 of 3072"},
		{set(lines+0x20, 4, flagInline), "inode: inline data, which the superblock does not announce"},
	})
}

func TestHostileIndirect(t *testing.T) {
	const lines = 8*1024 + 0x300
	const list = lines + 0x28
	checkHostile(t, "small.ext2.gz", []hostile{
		{set(list+4*11, 4, 128), "inode: blocks from 128 to 128, but the file system has 128"},
		{set(list+4*12, 4, 129), "inode: block map in block 129 of 128"},
		{set(list+4*12, 4, 0xFFFFFFFF), "inode: block map in block 4294967295 of 128"},
		{set(list+4*13, 4, 47), "inode: blocks from 808990258 to 808990258, but the file system has 128"},
		{set(list, 4, 36), `data: belongs to "/lines" and to data of "/lines"`},
		{[]patch{{list + 4*14, 4, 100}, {100 * 1024, 4, 100}}, `block map: belongs to "/lines" and to block map of "/lines"`}, // a cycle
	})
}

func TestHostileDirectory(t *testing.T) {
	const root = 13 * 1024 // "." of 12 bytes, "..", "lost+found"
	checkHostile(t, "small.ext2.gz", []hostile{
		{set(root+4, 2, 7), "offset 0x3400: directory: an entry of 7 bytes, 1024 are left"},
		{set(root+4, 2, 0), "directory: an entry of 0 bytes"},
		{set(root+4, 2, 1028), "directory: an entry of 1028 bytes"},
		{set(root+4, 2, 1020), "directory: 4 bytes behind the last entry"},
		{set(root+24, 4, 33), "directory: inode 33 of 32"},
		{set(root+24+6, 1, 13), "directory: a name of 13 bytes in an entry of 20"},
		{set(root+24+6, 1, 0), `directory: a file is called ""`},
		{set(root+24+9, 1, '/'), `directory: a file is called "l/st+found"`},
		{set(root+24+9, 1, 0), `directory: a file is called "l\x00st+found"`},
	})
}

// TestDirectoryInItself: a name for a directory in that directory gives a path
// without an end.
func TestDirectoryInItself(t *testing.T) {
	x := tree{root: 2}
	for child, parent := range map[uint32]uint32{3: 4, 4: 5, 5: 3} {
		if err := x.add(0, parent, child, []byte("d")); err != nil {
			t.Fatal(err)
		}
	}
	const want = "deeper than 2048 directories, or in itself"
	if _, err := x.resolve(); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestHostileSquash(t *testing.T) {
	checkHostile(t, "small.squashfs", []hostile{
		{set(28, 2, 3), "squashfs: version 3.0 is not supported"},
		{set(20, 2, 9), "squashfs: compressor 9 is not supported"},
		{set(20, 2, 0), "squashfs: compressor 0 is not supported"},
		{set(12, 4, 8192), "superblock: blocks of 8192 bytes, 2^12"},
		{[]patch{{12, 4, 1 << 21}, {22, 2, 21}}, "superblock: blocks of 2097152 bytes"},
		{set(4, 4, maxFiles+1), "superblock: 4194305 files, at most 4194304 are allowed"},
		{set(4, 4, 6), "superblock: the root directory is not among the inodes"},
		{set(4, 4, 8), "inode table: the table ends too early"},
		{set(40, 8, 8193), "superblock: 8193 bytes, but the image has 8192"},
		{set(40, 8, 1<<64-1), "bytes, but the image has 8192"},
		{set(40, 8, 6600), "id table: 1 entries, but the file system ends at 0x19c8"},
		{set(64, 8, 6441), "superblock: inodes from 6441, directories from 6440"},
		{set(64, 8, 90), "superblock: inodes from 90"},
		{set(64, 8, 6323), "inode table: a block"},
		{set(72, 8, 6441), "directory"},
		{set(80, 8, 6439), "superblock: fragment table at 0x1927"},
		{set(80, 8, 1<<64-1), "fragment table: 8 bytes"},
		{set(88, 8, 1<<63), "superblock: export table at 0x8000000000000000"},
		{set(56, 8, 6590), "extended attributes"},
		{set(16, 4, 1<<32-1), "fragment table: 4294967295 entries"},
		{set(32, 8, 1), "superblock: the root directory is not among the inodes"},
		{set(6322, 2, 0), "offset 0x18b2: inode table: a block of 0 bytes"},
		{set(6322, 2, 115), "inode table: a block does not decompress"},
		{set(6322, 2, 0x8005), "inode table"},
	})
}

// TestMutations changes bytes by chance: Read may succeed or not, but it must
// neither panic nor give a map that is none.
func TestMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range smallImages {
		good := small(t, name)
		m := readMap(t, good)
		var meta []Extent // what is read
		for _, e := range m.Extents {
			if e.What != Data && e.What != Journal && e.What != Fragments && e.What != Boot {
				meta = append(meta, e)
			}
		}
		image := bytes.Clone(good)
		for range 1500 {
			for range 1 + r.IntN(3) {
				e := meta[r.IntN(len(meta))]
				image[e.Offset+r.Int64N(min(e.Length, 2048))] = byte(r.Uint32())
			}
			checkRead(t, image)
			copy(image, good[:min(len(good), 128<<10)])
		}
	}
}

// checkRead reads an image that may be a bad one.
func checkRead(t *testing.T, image []byte) {
	t.Helper()
	m, err := Read(bytes.NewReader(image), int64(len(image)))
	wrong, unsupported := (*FormatError)(nil), (*UnsupportedError)(nil)
	switch {
	case err == nil:
		checkMap(t, m)
		Advice(m, m)
	case err != ErrUnknown && !errors.As(err, &wrong) && !errors.As(err, &unsupported):
		t.Fatalf("error %v of type %T", err, err)
	}
}

func FuzzReadExt(f *testing.F) {
	f.Add(small(f, "small.ext2.gz")[:52<<10])
	f.Fuzz(func(t *testing.T, image []byte) {
		if len(image) < 2048 {
			return
		}
		image = append(bytes.Clone(image), make([]byte, 128<<10)...)
		binary.LittleEndian.PutUint16(image[1024+0x38:], extMagic)
		checkRead(t, image)
	})
}

func FuzzReadSquash(f *testing.F) {
	f.Add(small(f, "small.squashfs"))
	f.Add(small(f, "raw.squashfs"))
	f.Fuzz(checkRead)
}
