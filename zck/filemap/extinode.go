package filemap

// Types and flags of inodes, from the kernel's document.
const (
	modeType      = 0xF000
	modeFIFO      = 0x1000
	modeDevice    = 0x2000 // character
	modeDirectory = 0x4000
	modeBlock     = 0x6000
	modeRegular   = 0x8000
	modeSymlink   = 0xA000
	modeSocket    = 0xC000

	flagEncrypted = 0x800
	flagExtents   = 0x80000
	flagEAInode   = 0x200000
	flagInline    = 0x10000000
)

const (
	inodeRoot   = 2
	inodeResize = 7
)

// inode is one of a table.
type inode struct {
	number uint32
	at     int64  // in the image
	raw    []byte // valid until the next one is read
	mode   uint16
	flags  uint32
	size   int64
}

func (x *extFS) parseInode(number uint32, at int64, raw []byte) inode {
	return inode{
		number: number,
		at:     at,
		raw:    raw,
		mode:   le16(raw, 0) & modeType,
		flags:  le32(raw, 0x20),
		size:   int64(le32(raw, 0x4)) | int64(le32(raw, 0x6C))<<32,
	}
}

// data are the 60 bytes that hold the block map, or what is in its place.
func (i *inode) data() []byte { return i.raw[0x28:0x64] }

// extra is how much of the inode is in use behind the first 128 bytes.
func (i *inode) extra() int {
	if len(i.raw) < 0x82 {
		return 0
	}
	return min(int(le16(i.raw, 0x80)), len(i.raw)-128)
}

func (i *inode) wrong(format string, args ...any) error {
	return wrong(i.at, "inode", format, args...)
}

// file returns what the inode says beside its blocks.
func (i *inode) file() file {
	return file{
		inode:      i.number,
		generation: le32(i.raw, 0x64),
		times: times{
			access: i.time(0x8, 0x8C),
			change: i.time(0xC, 0x84),
			modify: i.time(0x10, 0x88),
			birth:  i.time(0x90, 0x94),
		},
	}
}

// time puts a time together with its further bits and nanoseconds, if the inode
// has them.
func (i *inode) time(at, more int) int64 {
	used := 128 + i.extra()
	if at >= 128 && at+4 > used {
		return 0
	}
	seconds, nanoseconds := int64(int32(le32(i.raw, at))), int64(0)
	if more+4 <= used {
		extra := le32(i.raw, more)
		seconds += int64(extra&3) << 32
		nanoseconds = int64(extra >> 2)
	}
	return seconds<<nanoBits | nanoseconds
}

// what is what the inode's blocks are for.
func (x *extFS) what(i *inode) What {
	switch {
	case i.number == le32(x.super, 0xE0) && x.compat&compatHasJournal != 0:
		return Journal
	case i.mode == modeDirectory:
		return Directory
	case i.mode == modeSymlink:
		return Symlink
	case i.flags&flagEAInode != 0:
		return Attributes
	case int64(i.number) < x.firstInode() || i.number == le32(x.super, 0x280) && i.number > 0: // s_orphan_file_inum
		return System
	}
	return Data
}

// firstInode is the first that is not reserved.
func (x *extFS) firstInode() int64 {
	if le32(x.super, 0x4C) == 0 {
		return 11
	}
	return int64(le32(x.super, 0x54))
}

// visitInode claims an inode's blocks and takes over the names in it.
func (x *extFS) visitInode(i *inode) error {
	if i.number == inodeResize {
		return x.visitResize(i)
	}
	if err := x.visitAttributes(i); err != nil {
		return err
	}
	x.files = append(x.files, i.file())
	what := x.what(i)
	switch i.mode {
	case modeRegular, modeDirectory, modeSymlink, 0: // 0: mke2fs leaves the orphan file without a type at times
	case modeFIFO, modeDevice, modeBlock, modeSocket:
		return nil
	default:
		return i.wrong("type %#x", i.mode)
	}
	switch {
	case i.flags&flagInline != 0:
		return x.visitInline(i, what)
	case what == Symlink && i.size < int64(len(i.data())) && i.flags&flagExtents == 0:
		return nil // the target is in the inode
	case i.flags&flagExtents != 0:
		return x.visitExtents(i, what)
	}
	return x.visitIndirect(i, what)
}

// visitResize claims the one block of the inode that keeps room for descriptors
// which is not among them.
func (x *extFS) visitResize(i *inode) error {
	const double = 13 * 4
	block := int64(le32(i.data(), double))
	if block == 0 || x.compat&compatResizeInode == 0 {
		return nil
	}
	if !x.inside(block, 1) {
		return i.wrong("block %d of %d", block, x.blocks)
	}
	return x.claim(block, 1, Descriptors, 0)
}

// visitAttributes claims the block of extended attributes. Inodes share it if
// they have the same, so that it counts once.
func (x *extFS) visitAttributes(i *inode) error {
	block := int64(le32(i.raw, 0x68))
	if x.incompat&incompat64Bit != 0 {
		block |= int64(le16(i.raw, 0x76)) << 32
	}
	if block == 0 {
		return nil
	}
	if !x.inside(block, 1) {
		return i.wrong("extended attributes in block %d of %d", block, x.blocks)
	}
	if x.attrs[block] {
		x.claims.room += x.blockSize
	}
	x.attrs[block] = true
	return x.claim(block, 1, Attributes, i.number)
}

// use claims blocks of a file, and reads the names in them if it is a
// directory. Logical is the first block's place in the file.
func (x *extFS) use(i *inode, what What, logical, block, n int64) error {
	if !x.inside(block, n) {
		return i.wrong("blocks from %d to %d, but the file system has %d", block, block+n-1, x.blocks)
	}
	owner := i.number
	if what == Journal {
		owner = 0
	}
	if err := x.claim(block, n, what, owner); err != nil {
		return err
	}
	if what == Directory && i.flags&flagEncrypted == 0 {
		n = min(n, divideUp(i.size, x.blockSize)-logical)
		return x.readNames(i, block, n)
	}
	return nil
}
