package filemap

// group is what a descriptor says of a group of blocks.
type group struct {
	blockBitmap, inodeBitmap, inodeTable int64 // blocks
	unused                               int64 // inodes at the end of the table that were never used
	uninitialised                        bool  // no inode is in use
}

// groupBlock is the first block of a group.
func (x *extFS) groupBlock(n int64) int64 { return x.firstBlock + n*x.perGroup }

// superBlock is the block where a group's copy of the superblock would be.
func (x *extFS) superBlock(n int64) int64 {
	if n == 0 {
		return extSuperOffset / x.blockSize
	}
	return x.groupBlock(n)
}

// hasSuper tells whether a group has a copy of the superblock.
func (x *extFS) hasSuper(n int64) bool {
	switch {
	case n == 0:
		return true
	case x.compat&compatSparse2 != 0:
		return n == int64(le32(x.super, 0x24C)) || n == int64(le32(x.super, 0x250))
	case x.roCompat&roSparseSuper == 0 || n == 1:
		return true
	}
	return isPower(n, 3) || isPower(n, 5) || isPower(n, 7)
}

func isPower(n, of int64) bool {
	for n > 1 && n%of == 0 {
		n /= of
	}
	return n == 1
}

// descBlocks is how many blocks all descriptors take.
func (x *extFS) descBlocks() int64 { return divideUp(x.groups*x.descSize, x.blockSize) }

// oldDescBlocks is how many of them follow the superblock. With meta_bg the
// others are spread.
func (x *extFS) oldDescBlocks() int64 {
	if x.incompat&incompatMetaBG != 0 {
		return min(int64(le32(x.super, 0x104)), x.descBlocks())
	}
	return x.descBlocks()
}

// descBlock is where block i of the descriptors is.
func (x *extFS) descBlock(i int64) int64 {
	if i < x.oldDescBlocks() {
		return x.superBlock(0) + 1 + i
	}
	first := i * (x.blockSize / x.descSize) // the first group that it describes
	if x.hasSuper(first) {
		return x.superBlock(first) + 1
	}
	return x.groupBlock(first)
}

// eachGroup calls visit for all groups in order.
func (x *extFS) eachGroup(visit func(n int64, g group) error) error {
	buf := make([]byte, x.blockSize)
	perBlock := x.blockSize / x.descSize
	for n := range x.groups {
		at := n % perBlock * x.descSize
		block := x.descBlock(n / perBlock)
		if at == 0 {
			if err := x.readBlock(buf, block, "group descriptors"); err != nil {
				return err
			}
		}
		g := x.parseGroup(buf[at:][:x.descSize])
		if err := x.checkGroup(g, block*x.blockSize+at); err != nil {
			return err
		}
		if err := visit(n, g); err != nil {
			return err
		}
	}
	return nil
}

func (x *extFS) parseGroup(b []byte) group {
	g := group{
		blockBitmap: int64(le32(b, 0)),
		inodeBitmap: int64(le32(b, 4)),
		inodeTable:  int64(le32(b, 8)),
	}
	if len(b) >= 64 {
		g.blockBitmap |= int64(le32(b, 0x20)) << 32
		g.inodeBitmap |= int64(le32(b, 0x24)) << 32
		g.inodeTable |= int64(le32(b, 0x28)) << 32
	}
	if x.roCompat&(roGdtCsum|roMetadataCsum) != 0 { // else the fields mean nothing
		g.uninitialised = le16(b, 0x12)&1 != 0
		g.unused = int64(le16(b, 0x1C))
		if len(b) >= 64 {
			g.unused |= int64(le16(b, 0x32)) << 16
		}
	}
	return g
}

func (x *extFS) checkGroup(g group, at int64) error {
	switch {
	case !x.inside(g.blockBitmap, 1) || !x.inside(g.inodeBitmap, 1) || !x.inside(g.inodeTable, x.tableBlocks()):
		return wrong(at, "group descriptor", "blocks %d, %d and %d, but the file system has %d",
			uint64(g.blockBitmap), uint64(g.inodeBitmap), uint64(g.inodeTable), x.blocks)
	case g.unused > x.groupNodes:
		return wrong(at, "group descriptor", "%d unused inodes of %d", g.unused, x.groupNodes)
	}
	return nil
}

// tableBlocks is the size of a group's inode table.
func (x *extFS) tableBlocks() int64 { return divideUp(x.groupNodes*x.inodeSize, x.blockSize) }

// inside tells whether blocks are in the file system. None starts at block 0,
// where the superblock or the boot sector is.
func (x *extFS) inside(block, n int64) bool {
	return block > 0 && n <= x.blocks && block <= x.blocks-n
}

// readBlock fills buf from a block on.
func (x *extFS) readBlock(buf []byte, block int64, field string) error {
	return x.read(buf, block*x.blockSize, field)
}

// claim notes that blocks are for something.
func (x *extFS) claim(block, n int64, what What, owner uint32) error {
	return x.claims.add(block*x.blockSize, n*x.blockSize, what, owner)
}
