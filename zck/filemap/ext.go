package filemap

// readExt maps an ext2, ext3 or ext4 file system.
func readExt(s source, super []byte) (*Map, error) {
	m := &Map{Size: s.size}
	x := &extFS{source: s, super: super, made: &m.Made, tree: tree{root: inodeRoot}, attrs: map[int64]bool{}}
	if err := x.parse(); err != nil {
		return nil, err
	}
	m.Kind = x.kind()
	x.describe()
	if err := x.layOut(); err != nil {
		return nil, err
	}
	if err := x.eachGroup(x.scanGroup); err != nil {
		return nil, err
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

// scanGroup visits all inodes of a group that are in use.
func (x *extFS) scanGroup(n int64, g group) error {
	if g.uninitialised {
		return nil
	}
	const most = 1 << 20 // bytes that are read at once
	first := n * x.groupNodes
	count := min(x.groupNodes-g.unused, x.inodes-first)
	buf := make([]byte, min(max(count, 0), most/x.inodeSize)*x.inodeSize)
	for done := int64(0); done < count; {
		some := min(count-done, most/x.inodeSize)
		at := g.inodeTable*x.blockSize + done*x.inodeSize
		part := buf[:some*x.inodeSize]
		if err := x.read(part, at, "inode table"); err != nil {
			return err
		}
		if err := x.scan(part, at, first+done+1); err != nil {
			return err
		}
		done += some
	}
	return nil
}

// scan visits the inodes in b, which begins with the one of a number.
func (x *extFS) scan(b []byte, at, number int64) error {
	for ; len(b) > 0; b, at, number = b[x.inodeSize:], at+x.inodeSize, number+1 {
		const links = 0x1A
		if le16(b, links) == 0 {
			continue // not in use
		}
		if len(x.files) == maxFiles {
			return wrong(at, "inode table", "more than %d files", maxFiles)
		}
		i := x.parseInode(uint32(number), at, b[:x.inodeSize])
		if err := x.visitInode(&i); err != nil {
			return err
		}
	}
	return nil
}
