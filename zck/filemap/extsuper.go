package filemap

import (
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	extSuperOffset = 1024
	extSuperSize   = 1024
	extMagic       = 0xEF53
)

// Features, from the kernel's document; their names are mke2fs's.
const (
	compatHasJournal  = 0x4
	compatResizeInode = 0x10
	compatSparse2     = 0x200

	incompatFiletype  = 0x2
	incompatRecover   = 0x4
	incompatMetaBG    = 0x10
	incompatExtents   = 0x40
	incompat64Bit     = 0x80
	incompatMMP       = 0x100
	incompatFlexBG    = 0x200
	incompatEAInode   = 0x400
	incompatCsumSeed  = 0x2000
	incompatLargeDir  = 0x4000
	incompatInline    = 0x8000
	incompatEncrypt   = 0x10000
	incompatCasefold  = 0x20000
	incompatSupported = incompatFiletype | incompatRecover | incompatMetaBG | incompatExtents | incompat64Bit |
		incompatMMP | incompatFlexBG | incompatEAInode | incompatCsumSeed | incompatLargeDir | incompatInline |
		incompatEncrypt | incompatCasefold
	// incompatExt4 are those that ext3 does not have.
	incompatExt4 = incompatSupported &^ (incompatFiletype | incompatRecover | incompatMetaBG)

	roSparseSuper  = 0x1
	roGdtCsum      = 0x10
	roMetadataCsum = 0x400
	roSharedBlocks = 0x4000
	// roExt3 are those that ext3 has: sparse_super, large_file, btree_dir.
	roExt3 = 0x7
)

// unsupportedExt are the names of features that change where things are.
var unsupportedExt = map[uint32]string{
	0x1:    "compression",
	0x8:    "an external journal (journal_dev)",
	0x1000: "data in directories (dirdata)",
}

// extFS is an ext2, ext3 or ext4 file system.
type extFS struct {
	source
	super []byte
	made  *Made

	compat, incompat, roCompat uint32

	blockSize  int64
	blocks     int64 // of the file system
	firstBlock int64 // of group 0: 1 if blocks have 1 KiB, so that the boot sector is alone in block 0
	perGroup   int64 // blocks
	groups     int64
	inodes     int64 // of the file system
	groupNodes int64 // inodes of a group
	inodeSize  int64
	descSize   int64

	claims claims
	tree   tree
	files  []file
	attrs  map[int64]bool // blocks of extended attributes that are counted
}

// isExt tells whether a superblock of ext2, ext3 or ext4 stands in b.
func isExt(b []byte) bool { return le16(b, 0x38) == extMagic }

// parse reads the superblock and checks it.
func (x *extFS) parse() error {
	b := x.super
	if le32(b, 0x4C) > 0 { // revision 0 has no features
		x.compat, x.incompat, x.roCompat = le32(b, 0x5C), le32(b, 0x60), le32(b, 0x64)
	}
	if unknown := x.incompat &^ incompatSupported; unknown != 0 {
		return unsupportedFeature(unknown)
	}
	if err := x.parseBlocks(); err != nil {
		return err
	}
	return x.parseInodes()
}

// unsupportedFeature names the lowest of the features.
func unsupportedFeature(features uint32) error {
	low := features & -features
	name, known := unsupportedExt[low]
	if !known {
		name = fmt.Sprintf("feature incompat %#x", low)
	}
	return &UnsupportedError{"ext4", name}
}

func (x *extFS) wrong(at int64, format string, args ...any) error {
	return wrong(extSuperOffset+at, "superblock", format, args...)
}

func (x *extFS) parseBlocks() error {
	b := x.super
	logSize := le32(b, 0x18)
	if logSize > 6 {
		return x.wrong(0x18, "blocks of 2^%d bytes, at most 64 KiB are allowed", uint64(logSize)+10)
	}
	x.blockSize = 1024 << logSize
	x.blocks = int64(le32(b, 0x4))
	if x.incompat&incompat64Bit != 0 {
		x.blocks |= int64(le32(b, 0x150)) << 32
	}
	x.firstBlock = int64(le32(b, 0x14))
	x.perGroup = int64(le32(b, 0x20))
	switch {
	case x.blocks < 1 || x.blocks > x.size/x.blockSize:
		return x.wrong(0x4, "%d blocks of %d bytes, but the image has %d bytes", uint64(x.blocks), x.blockSize, x.size)
	case x.firstBlock > 1 || x.firstBlock == 1 && x.blockSize > 1024 || x.firstBlock >= x.blocks:
		return x.wrong(0x14, "the first block is %d", x.firstBlock)
	case x.perGroup < 8 || x.perGroup > 8*x.blockSize && x.roCompat&0x200 == 0:
		return x.wrong(0x20, "groups of %d blocks, 8 to %d are allowed", x.perGroup, 8*x.blockSize)
	}
	x.groups = divideUp(x.blocks-x.firstBlock, x.perGroup)
	x.claims.room = x.blocks * x.blockSize
	x.claims.again = x.roCompat&roSharedBlocks != 0
	return nil
}

func (x *extFS) parseInodes() error {
	b := x.super
	x.inodes, x.groupNodes = int64(le32(b, 0)), int64(le32(b, 0x28))
	x.inodeSize, x.descSize = 128, 32
	if le32(b, 0x4C) > 0 {
		x.inodeSize = int64(le16(b, 0x58))
	}
	if x.incompat&incompat64Bit != 0 {
		x.descSize = int64(le16(b, 0xFE))
	}
	switch {
	case x.inodeSize < 128 || x.inodeSize > x.blockSize || x.inodeSize&(x.inodeSize-1) != 0:
		return x.wrong(0x58, "inodes of %d bytes; powers of two from 128 to %d are allowed", x.inodeSize, x.blockSize)
	case x.descSize < 32 || x.descSize > 1024 || x.descSize&(x.descSize-1) != 0 || x.incompat&incompat64Bit != 0 && x.descSize < 64:
		return x.wrong(0xFE, "group descriptors of %d bytes; powers of two from 64 to 1024 are allowed", x.descSize)
	case x.groupNodes < 1 || x.groupNodes > 8*x.blockSize || x.inodes > x.groups*x.groupNodes:
		return x.wrong(0x28, "%d inodes in %d groups of %d", x.inodes, x.groups, x.groupNodes)
	}
	return nil
}

// kind is what the file system is called, by the rules of blkid.
func (x *extFS) kind() string {
	switch {
	case x.incompat&incompatExt4 != 0 || x.roCompat&^roExt3 != 0:
		return "ext4"
	case x.compat&compatHasJournal != 0:
		return "ext3"
	}
	return "ext2"
}

// describe fills what the superblock says of its making.
func (x *extFS) describe() {
	b := x.super
	*x.made = Made{
		UUID:           uuid(b[0x68:]),
		HashSeed:       uuid(b[0xEC:]),
		Label:          strings.TrimRight(string(b[0x78:0x88]), "\x00"),
		Options:        x.options(),
		Created:        seconds40(b, 0x108, 0x276),
		Written:        seconds40(b, 0x30, 0x274),
		Mounted:        seconds40(b, 0x2C, 0x275),
		Checked:        seconds40(b, 0x40, 0x277),
		Mounts:         int(le16(b, 0x34)),
		Dirty:          le16(b, 0x3A)&1 == 0 || x.incompat&incompatRecover != 0,
		SeedsChecksums: x.roCompat&roMetadataCsum != 0 && x.incompat&incompatCsumSeed == 0,
	}
}

// seconds40 is a time with 8 more bits elsewhere, up to the year 36,812.
func seconds40(b []byte, low, high int) int64 {
	return int64(le32(b, low)) | int64(b[high])<<32
}

// options are the choices of who made the file system, in mke2fs's words.
func (x *extFS) options() string {
	b := x.super
	return fmt.Sprintf("%d blocks of %d (%d reserved), %d in a group, %d groups in a flex group; %d inodes of %d; "+
		"features compat %#x, incompat %#x, ro_compat %#x; directory hash %d, flags %#x",
		x.blocks, x.blockSize, le32(b, 0x8), x.perGroup, int64(1)<<(b[0x174]&31), x.inodes, x.inodeSize,
		x.compat, x.incompat&^incompatRecover, x.roCompat, b[0xFC], le32(b, 0x160))
}

// uuid formats the 16 bytes at the begin of b.
func uuid(b []byte) string {
	h := hex.EncodeToString(b[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
