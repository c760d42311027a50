package filemap

// layOut claims what the file system needs for itself.
func (x *extFS) layOut() error {
	if err := x.layOutHead(); err != nil {
		return err
	}
	if err := x.eachGroup(x.layOutGroup); err != nil {
		return err
	}
	if x.incompat&incompatMMP != 0 { // the block that tells who has it mounted
		if block := int64(le64(x.super, 0x168)); x.inside(block, 1) {
			return x.claim(block, 1, Superblock, 0)
		}
	}
	return nil
}

// layOutHead claims the first block or two, where the superblock is.
func (x *extFS) layOutHead() error {
	if err := x.claims.add(0, extSuperOffset, Boot, 0); err != nil {
		return err
	}
	return x.claims.add(extSuperOffset, max(x.blockSize-extSuperOffset, extSuperSize), Superblock, 0)
}

// layOutGroup claims a group's bitmaps, table, and copies of the superblock and
// of descriptors.
func (x *extFS) layOutGroup(n int64, g group) error {
	if err := x.layOutCopies(n); err != nil {
		return err
	}
	if err := x.claim(g.blockBitmap, 1, Bitmap, 0); err != nil {
		return err
	}
	if err := x.claim(g.inodeBitmap, 1, Bitmap, 0); err != nil {
		return err
	}
	return x.claim(g.inodeTable, x.tableBlocks(), InodeTable, 0)
}

// layOutCopies claims the superblock and the descriptors at the begin of a
// group.
func (x *extFS) layOutCopies(n int64) error {
	at, super, descriptors := x.superBlock(n), Backup, Backup
	if n == 0 {
		at, super, descriptors = at+1, Superblock, Descriptors
	}
	if n > 0 && x.hasSuper(n) {
		if err := x.claimInside(at, 1, super); err != nil {
			return err
		}
		at++
	}
	blocks, primary := x.groupDescBlocks(n)
	if primary {
		descriptors = Descriptors
	}
	return x.claimInside(at, blocks, descriptors)
}

// claimInside claims what has its place by arithmetic; the last group may be
// too small for it.
func (x *extFS) claimInside(block, n int64, what What) error {
	if n == 0 {
		return nil
	}
	if !x.inside(block, n) {
		return wrong(block*x.blockSize, what.String(), "%d blocks from %d, but the file system has %d", n, block, x.blocks)
	}
	return x.claim(block, n, what, 0)
}

// groupDescBlocks is how many blocks of descriptors a group has, those reserved
// for more among them, and whether they are the ones in use.
func (x *extFS) groupDescBlocks(n int64) (blocks int64, primary bool) {
	perBlock := x.blockSize / x.descSize
	meta := x.incompat&incompatMetaBG != 0
	if meta && n/perBlock >= x.oldDescBlocks() {
		// A block of descriptors is in the first, the second and the last of
		// the groups that it describes.
		in := n % perBlock
		if in <= 1 || in == perBlock-1 {
			return 1, in == 0
		}
		return 0, false
	}
	if !x.hasSuper(n) {
		return 0, false
	}
	blocks = x.oldDescBlocks()
	if !meta {
		blocks += int64(le16(x.super, 0xCE)) // s_reserved_gdt_blocks
	}
	return blocks, n == 0
}
