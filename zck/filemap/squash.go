package filemap

import "fmt"

const (
	squashSuperSize = 96
	squashMagic     = "hsqs"
	// squashNone is where a table is that the image does not have.
	squashNone = 1<<64 - 1
)

// squashHasOptions is set in the superblock's flags if the compressor's options
// follow it.
const squashHasOptions = 0x400

// squashFS is a squashfs file system.
type squashFS struct {
	source
	inodes    int64
	blockSize int64
	fragments int64
	ids       int64
	flags     uint16
	end       int64 // bytes_used

	dirEnd uint64 // where the next table begins

	root uint64 // where the root directory's inode is: block, 16 bits of offset

	idTable, attrTable, inodeTable, dirTable, fragTable, exportTable uint64

	unpack unpacker

	claims claims
	tree   tree
	files  []file
	dirs   []squashDir
	tails  []tail
}

// isSquash tells whether a little-endian superblock of squashfs stands in b.
func isSquash(b []byte) bool { return string(b[:4]) == squashMagic }

// readSquash maps a squashfs file system.
func readSquash(s source, super []byte) (*Map, error) {
	m := &Map{Size: s.size, Kind: "squashfs"}
	x := &squashFS{source: s}
	if err := x.parse(super); err != nil {
		return nil, err
	}
	m.Made = x.made(super)
	var err error
	if x.unpack, err = newUnpacker(le16(super, 20)); err != nil {
		return nil, err
	}
	defer x.unpack.close()
	for _, step := range []func() error{x.layOut, x.readInodes, x.readDirs, x.placeTails} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	paths, err := x.tree.resolve()
	if err != nil {
		return nil, err
	}
	if err := x.claims.settle(m, paths); err != nil {
		return nil, err
	}
	m.describe(x.files, paths)
	return m, nil
}

// parse reads the superblock and checks it.
func (x *squashFS) parse(b []byte) error {
	x.inodes, x.blockSize, x.fragments = int64(le32(b, 4)), int64(le32(b, 12)), int64(le32(b, 16))
	x.flags, x.ids = le16(b, 24), int64(le16(b, 26))
	x.root = le64(b, 32)
	x.end = int64(min(le64(b, 40), 1<<62))
	x.idTable, x.attrTable, x.inodeTable = le64(b, 48), le64(b, 56), le64(b, 64)
	x.dirTable, x.fragTable, x.exportTable = le64(b, 72), le64(b, 80), le64(b, 88)
	bad := func(at int64, format string, args ...any) error { return wrong(at, "superblock", format, args...) }
	switch major, minor := le16(b, 28), le16(b, 30); {
	case major != 4 || minor != 0:
		return &UnsupportedError{"squashfs", fmt.Sprintf("version %d.%d", major, minor)}
	case le16(b, 22) < 12 || le16(b, 22) > 20 || x.blockSize != 1<<le16(b, 22):
		return bad(12, "blocks of %d bytes, 2^%d; 4 KiB to 1 MiB are allowed", x.blockSize, le16(b, 22))
	case x.inodes > maxFiles:
		return bad(4, "%d files, at most %d are allowed", x.inodes, maxFiles)
	case x.end > x.size:
		return bad(40, "%d bytes, but the image has %d", x.end, x.size)
	case x.inodeTable < squashSuperSize || x.inodeTable > x.dirTable || x.dirTable > uint64(x.end):
		return bad(64, "inodes from %d, directories from %d, the end at %d", x.inodeTable, x.dirTable, x.end)
	}
	return nil
}

// made returns what the superblock says of the making.
func (x *squashFS) made(b []byte) Made {
	options := fmt.Sprintf("%s, blocks of %d, flags %#x", compressorName(le16(b, 20)), x.blockSize, x.flags)
	if detail := x.compressorOptions(); detail != "" {
		options += ", compressor options " + detail
	}
	return Made{Created: int64(le32(b, 8)), Options: options}
}

// compressorOptions returns the options behind the superblock in hexadecimal.
// They are stored without compression.
func (x *squashFS) compressorOptions() string {
	var head [2]byte
	if x.flags&squashHasOptions == 0 || x.read(head[:], squashSuperSize, "compressor options") != nil {
		return ""
	}
	const most = 64 // no compressor has more than 20 bytes
	options := make([]byte, min(le16(head[:], 0)&^metaRaw, most))
	if x.read(options, squashSuperSize+2, "compressor options") != nil {
		return ""
	}
	return fmt.Sprintf("%x", options)
}
