package filemap

import "slices"

// listed is a table that is found through a list of its blocks' offsets. The
// list stands behind the blocks, and its begin is in the superblock.
type listed struct {
	list    uint64 // squashNone if there is no table
	entries int64
	size    int64 // of an entry
	header  int64 // what stands before the list
	field   string
	what    What
}

func (t listed) blocks() int64 { return divideUp(t.entries*t.size, metaSize) }

// end is the end of the list.
func (t listed) end() int64 { return int64(t.list) + t.header + 8*t.blocks() }

// tables returns those that the image has.
func (x *squashFS) tables() ([]listed, error) {
	all := []listed{
		{x.fragTable, x.fragments, 16, 0, "fragment table", FragmentTable},
		{x.exportTable, x.inodes, 8, 0, "export table", ExportTable},
		{x.idTable, x.ids, 4, 0, "id table", IDTable},
		{x.attrTable, 0, 16, 16, "extended attributes", Attributes},
	}
	all = slices.DeleteFunc(all, func(t listed) bool { return t.list == squashNone || t.entries == 0 && t.what != Attributes })
	for i := range all {
		if err := x.checkTable(&all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// checkTable checks where a table is. That of extended attributes has its
// number of entries in a header.
func (x *squashFS) checkTable(t *listed) error {
	if t.list < x.dirTable || t.list > uint64(x.end) {
		return wrong(0, "superblock", "%s at %#x, allowed are %#x to %#x", t.field, t.list, x.dirTable, x.end)
	}
	if t.header > 0 {
		var head [16]byte
		if err := x.read(head[:], int64(t.list), t.field); err != nil {
			return err
		}
		t.entries = int64(le32(head[:], 8))
	}
	if t.end() > x.end {
		return wrong(int64(t.list), t.field, "%d entries, but the file system ends at %#x", t.entries, x.end)
	}
	return nil
}

// layOut claims the superblock and all tables.
func (x *squashFS) layOut() error {
	tables, err := x.tables()
	if err != nil {
		return err
	}
	x.claims = claims{room: x.end, again: true} // files with the same content share it
	if err := x.layOutSuper(); err != nil {
		return err
	}
	end := uint64(x.end)
	for _, t := range tables {
		begin, err := x.tableBegin(t)
		if err != nil {
			return err
		}
		end = min(end, uint64(begin))
		if err := x.claims.add(begin, t.end()-begin, t.what, 0); err != nil {
			return err
		}
	}
	if err := x.claims.add(int64(x.inodeTable), int64(x.dirTable-x.inodeTable), InodeTable, 0); err != nil {
		return err
	}
	x.dirEnd = end
	return x.claims.add(int64(x.dirTable), int64(end-x.dirTable), DirectoryTable, 0)
}

// layOutSuper claims the superblock and the compressor's options.
func (x *squashFS) layOutSuper() error {
	size := int64(squashSuperSize)
	if x.flags&squashHasOptions != 0 {
		var head [2]byte
		if err := x.read(head[:], size, "compressor options"); err != nil {
			return err
		}
		size += 2 + int64(le16(head[:], 0)&^metaRaw)
	}
	return x.claims.add(0, size, Superblock, 0)
}

// tableBegin is where a table's first block is. Extended attributes themselves
// stand before the table of them.
func (x *squashFS) tableBegin(t listed) (int64, error) {
	at := t.list + uint64(t.header)
	if t.header > 0 {
		at = t.list // the begin is in the header
	}
	begin := t.list
	if t.blocks() > 0 || t.header > 0 {
		var b [8]byte
		if err := x.read(b[:], int64(at), t.field); err != nil {
			return 0, err
		}
		begin = le64(b[:], 0)
	}
	if begin < x.dirTable || begin > t.list {
		return 0, wrong(int64(at), t.field, "blocks from %#x, allowed are %#x to %#x", begin, x.dirTable, t.list)
	}
	return int64(begin), nil
}

// placeTails claims all blocks of fragments for the files in them.
func (x *squashFS) placeTails() error {
	if x.fragments == 0 {
		return nil
	}
	slices.SortFunc(x.tails, func(a, b tail) int {
		switch {
		case a.fragment < b.fragment:
			return -1
		case a.fragment > b.fragment:
			return 1
		}
		return 0
	})
	tails := x.tails
	return x.eachFragment(func(n uint32, begin, size int64) error {
		own := uint32(0)
		for ; len(tails) > 0 && tails[0].fragment == n; tails = tails[1:] {
			own = tails[0].inode
			if err := x.claims.add(begin, size, Fragments, own); err != nil {
				return err
			}
		}
		if own != 0 {
			return nil
		}
		return x.claims.add(begin, size, Fragments, 0)
	})
}

// eachFragment calls visit for all blocks of fragments in order.
func (x *squashFS) eachFragment(visit func(n uint32, begin, size int64) error) error {
	var block [metaSize]byte
	var rest []byte
	for n := range x.fragments {
		const perBlock = metaSize / 16
		if n%perBlock == 0 {
			size, err := x.fragmentBlock(&block, n/perBlock)
			if err != nil {
				return err
			}
			rest = block[:size]
		}
		if len(rest) < 16 {
			return wrong(int64(x.fragTable), "fragment table", "%d entries, %d were announced", n, x.fragments)
		}
		begin, size := le64(rest, 0), uint64(le32(rest, 8)&^blockRaw)
		if size > uint64(x.blockSize) || begin < squashSuperSize || begin > x.inodeTable || size > x.inodeTable-begin {
			return wrong(int64(x.fragTable), "fragment table", "fragment %d of %d bytes from %#x, but inodes from %#x",
				n, size, begin, x.inodeTable)
		}
		if err := visit(uint32(n), int64(begin), int64(size)); err != nil {
			return err
		}
		rest = rest[16:]
	}
	return nil
}

// fragmentBlock reads block i of the fragment table.
func (x *squashFS) fragmentBlock(dst *[metaSize]byte, i int64) (int, error) {
	var b [8]byte
	if err := x.read(b[:], int64(x.fragTable)+8*i, "fragment table"); err != nil {
		return 0, err
	}
	at := le64(b[:], 0)
	if at < x.dirTable || at >= x.fragTable {
		return 0, wrong(int64(x.fragTable)+8*i, "fragment table", "a block at %#x, allowed are %#x to %#x", at, x.dirTable, x.fragTable)
	}
	n, _, err := x.metaBlock(dst, int64(at), "fragment table")
	return n, err
}
