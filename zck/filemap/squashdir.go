package filemap

import (
	"cmp"
	"slices"
)

const (
	// dirExtra is how much larger than its names a directory says to be: for
	// the entries "." and "..", which are not stored.
	dirExtra = 3
	// dirRun is how many names share a header at most.
	dirRun = 256
)

// readDirs takes over all names. Directories are read in the order of the
// table, so that each block is decompressed about once.
func (x *squashFS) readDirs() error {
	if err := x.checkNumbers(); err != nil {
		return err
	}
	slices.SortFunc(x.dirs, func(a, b squashDir) int {
		return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.offset, b.offset), cmp.Compare(a.inode, b.inode))
	})
	r := x.newMetaReader("directory table", x.dirTable, x.dirEnd, maxTable)
	for _, d := range x.dirs {
		if err := x.readDir(r, d); err != nil {
			return err
		}
	}
	return nil
}

// checkNumbers refuses inodes with the same number.
func (x *squashFS) checkNumbers() error {
	seen := make([]bool, x.inodes+1)
	for _, f := range x.files {
		if seen[f.inode] {
			return wrong(int64(x.inodeTable), "inode table", "two inodes have number %d", f.inode)
		}
		seen[f.inode] = true
	}
	return nil
}

// readDir takes over the names in a directory.
func (x *squashFS) readDir(r *metaReader, d squashDir) error {
	left := d.size - dirExtra
	if left <= 0 {
		return nil
	}
	if err := r.seek(int64(x.dirTable)+int64(d.block), int(d.offset)); err != nil {
		return err
	}
	for left > 0 {
		var head [12]byte
		if err := r.read(head[:]); err != nil {
			return err
		}
		left -= int64(len(head))
		count := int64(le32(head[:], 0)) + 1
		if count > dirRun {
			return r.wrong("%d names in a run, at most %d are allowed", count, dirRun)
		}
		for range count {
			n, err := x.readName(r, d.inode, le32(head[:], 8))
			if err != nil {
				return err
			}
			left -= n
		}
	}
	if left < 0 {
		return r.wrong("names go %d bytes beyond the end of their directory", -left)
	}
	return nil
}

// readName takes over a name and returns the size of its entry.
func (x *squashFS) readName(r *metaReader, parent, base uint32) (int64, error) {
	var b [8]byte
	if err := r.read(b[:]); err != nil {
		return 0, err
	}
	var buf [256]byte
	length := int(le16(b[:], 6)) + 1
	if length > len(buf) {
		return 0, r.wrong("a name of %d bytes, at most %d are allowed", length, len(buf))
	}
	if err := r.read(buf[:length]); err != nil {
		return 0, err
	}
	child := base + uint32(int32(int16(le16(b[:], 2))))
	if child == 0 || int64(child) > x.inodes {
		return 0, r.wrong("inode number %d of %d", child, x.inodes)
	}
	return int64(len(b) + length), x.tree.add(r.at, parent, child, buf[:length])
}
