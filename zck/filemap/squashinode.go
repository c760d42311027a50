package filemap

// Types of inodes. The extended ones are numbered by as many more.
const (
	squashDirectory = 1 + iota
	squashRegular
	squashSymlink
	squashBlockDevice
	squashCharDevice
	squashFIFO
	squashSocket

	squashExtended = 7
)

const (
	// maxTable bounds what is read of a table, before it was compressed. Four
	// million files take 300 MB.
	maxTable = 512 << 20
	// noFragment is the number of a fragment where there is none.
	noFragment = 1<<32 - 1
	// blockRaw is set in the size of a block that is not compressed.
	blockRaw = 1 << 24
)

// squashDir is where a directory's names are.
type squashDir struct {
	block  uint32 // in the directory table
	offset uint16 // in the block
	size   int64
	inode  uint32
}

// tail is a file's part of a block of fragments.
type tail struct {
	fragment, inode uint32
}

// readInodes goes through the inode table and claims all data blocks.
func (x *squashFS) readInodes() error {
	r := x.newMetaReader("inode table", x.inodeTable, x.dirTable, maxTable)
	for range x.inodes {
		if err := x.readInode(r); err != nil {
			return err
		}
	}
	if x.tree.root == 0 {
		return wrong(32, "superblock", "the root directory is not among the inodes")
	}
	return nil
}

func (x *squashFS) readInode(r *metaReader) error {
	if err := r.fill(); err != nil {
		return err
	}
	isRoot := x.root == uint64(r.at-int64(x.inodeTable))<<16|uint64(r.done)
	var b [16]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	number := le32(b[:], 12)
	if number == 0 || int64(number) > x.inodes {
		return r.wrong("inode number %d of %d", number, x.inodes)
	}
	if isRoot {
		x.tree.root = number
	}
	x.files = append(x.files, file{inode: number, times: times{modify: int64(le32(b[:], 8)) << nanoBits}})
	switch kind := le16(b[:], 0); kind {
	case squashDirectory:
		return x.readDirectory(r, number)
	case squashDirectory + squashExtended:
		return x.readExtendedDirectory(r, number)
	case squashRegular:
		return x.readRegular(r, number)
	case squashRegular + squashExtended:
		return x.readExtendedRegular(r, number)
	case squashSymlink, squashSymlink + squashExtended:
		return x.readSymlink(r, kind > squashExtended)
	case squashBlockDevice, squashCharDevice:
		return r.skip(8)
	case squashBlockDevice + squashExtended, squashCharDevice + squashExtended:
		return r.skip(12)
	case squashFIFO, squashSocket:
		return r.skip(4)
	case squashFIFO + squashExtended, squashSocket + squashExtended:
		return r.skip(8)
	default:
		return r.wrong("inode type %d", kind)
	}
}

func (x *squashFS) readDirectory(r *metaReader, number uint32) error {
	var b [16]byte
	err := r.read(b[:])
	x.dirs = append(x.dirs, squashDir{
		block: le32(b[:], 0), size: int64(le16(b[:], 8)), offset: le16(b[:], 10), inode: number,
	})
	return err
}

func (x *squashFS) readExtendedDirectory(r *metaReader, number uint32) error {
	var b [24]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	x.dirs = append(x.dirs, squashDir{
		block: le32(b[:], 8), size: int64(le32(b[:], 4)), offset: le16(b[:], 18), inode: number,
	})
	for range le16(b[:], 16) { // an index for quick look-ups
		var entry [12]byte
		if err := r.read(entry[:]); err != nil {
			return err
		}
		if err := r.skip(int64(le32(entry[:], 8)) + 1); err != nil {
			return err
		}
	}
	return nil
}

func (x *squashFS) readRegular(r *metaReader, number uint32) error {
	var b [16]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	return x.readBlocks(r, number, uint64(le32(b[:], 0)), uint64(le32(b[:], 12)), le32(b[:], 4))
}

func (x *squashFS) readExtendedRegular(r *metaReader, number uint32) error {
	var b [40]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	return x.readBlocks(r, number, le64(b[:], 0), le64(b[:], 8), le32(b[:], 28))
}

// readBlocks reads the sizes of a file's blocks, which follow each other from
// offset begin, and claims them. A block of zeros has size 0.
func (x *squashFS) readBlocks(r *metaReader, number uint32, begin, size uint64, fragment uint32) error {
	if size > 1<<50 { // more than the inode table could describe
		return r.wrong("a file of %d bytes", size)
	}
	n := size / uint64(x.blockSize)
	if fragment == noFragment {
		n = uint64(divideUp(int64(size), x.blockSize))
	} else if err := x.addTail(r, fragment, number); err != nil {
		return err
	}
	stored := uint64(0)
	for range n {
		var b [4]byte
		if err := r.read(b[:]); err != nil {
			return err
		}
		length := uint64(le32(b[:], 0) &^ blockRaw)
		if length > uint64(x.blockSize) {
			return r.wrong("a block of %d bytes, at most %d are allowed", length, x.blockSize)
		}
		stored += length
	}
	if stored == 0 {
		return nil
	}
	if begin < squashSuperSize || begin > x.inodeTable || stored > x.inodeTable-begin {
		return r.wrong("%d bytes of data from %#x, but inodes from %#x", stored, begin, x.inodeTable)
	}
	return x.claims.add(int64(begin), int64(stored), Data, number)
}

func (x *squashFS) addTail(r *metaReader, fragment, number uint32) error {
	if int64(fragment) >= x.fragments {
		return r.wrong("fragment %d of %d", fragment, x.fragments)
	}
	x.tails = append(x.tails, tail{fragment, number})
	return nil
}

func (x *squashFS) readSymlink(r *metaReader, extended bool) error {
	var b [8]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	target := int64(le32(b[:], 4))
	if extended {
		target += 4
	}
	return r.skip(target)
}
