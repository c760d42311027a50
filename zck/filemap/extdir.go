package filemap

// direntSize is the size of an entry without its name. Entries of large
// directories' indexes look like one that is not in use, so that a directory
// can always be read from front to back.
const direntSize = 8

// readNames takes over the names in n blocks of a directory.
func (x *extFS) readNames(i *inode, block, n int64) error {
	if n <= 0 {
		return nil
	}
	const most = 1 << 20 // bytes that are read at once
	buf := make([]byte, min(n, max(1, most/x.blockSize))*x.blockSize)
	for n > 0 {
		some := buf[:min(n*x.blockSize, int64(len(buf)))]
		if err := x.readBlock(some, block, "directory"); err != nil {
			return err
		}
		for at := int64(0); at < int64(len(some)); at += x.blockSize {
			if err := x.parseNames(i.number, some[at:][:x.blockSize], block*x.blockSize); err != nil {
				return err
			}
			block++
			n--
		}
	}
	return nil
}

// parseNames takes over the names in b, which stands at an offset.
func (x *extFS) parseNames(parent uint32, b []byte, at int64) error {
	for len(b) >= direntSize {
		length := direntLength(b)
		name := int(b[6])
		if x.incompat&incompatFiletype == 0 {
			name = int(le16(b, 6))
		}
		child := le32(b, 0)
		switch {
		case length < direntSize || length > len(b) || length%4 != 0:
			return wrong(at, "directory", "an entry of %d bytes, %d are left", length, len(b))
		case child != 0 && name > length-direntSize:
			return wrong(at, "directory", "a name of %d bytes in an entry of %d", name, length)
		case int64(child) > x.inodes:
			return wrong(at, "directory", "inode %d of %d", child, x.inodes)
		}
		if err := x.link(parent, child, b[direntSize:], name, at); err != nil {
			return err
		}
		b = b[length:]
		at += int64(length)
	}
	if len(b) != 0 {
		return wrong(at, "directory", "%d bytes behind the last entry", len(b))
	}
	return nil
}

// direntLength is the length of an entry. With blocks of 64 KiB, one that fills
// a block has no room for it.
func direntLength(b []byte) int {
	length := int(le16(b, 4))
	if len(b) >= 1<<16 && (length == 0xFFFF || length == 0) {
		return len(b)
	}
	return length
}

// link takes over an entry, if it is in use and not a directory's own.
func (x *extFS) link(parent, child uint32, b []byte, length int, at int64) error {
	if child == 0 {
		return nil
	}
	name := b[:length]
	if string(name) == "." || string(name) == ".." {
		return nil
	}
	return x.tree.add(at, parent, child, name)
}
