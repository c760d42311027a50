package filemap

const (
	extentMagic = 0xF30A
	// extentDepth is the largest depth of a tree: five levels of 340 entries
	// reach what 32 bits of block numbers can.
	extentDepth = 5
	// extentUnwritten is added to the length of an extent that reads as zeros.
	extentUnwritten = 32768
)

// visitExtents claims what the tree of extents in an inode has.
func (x *extFS) visitExtents(i *inode, what What) error {
	w := extentWalk{x: x, inode: i, what: what}
	depth := le16(i.data(), 6)
	if depth > extentDepth {
		return i.wrong("extents %d levels deep, at most %d are allowed", depth, extentDepth)
	}
	return w.node(i.data(), i.at+0x28, depth)
}

// extentWalk goes through a tree of extents.
type extentWalk struct {
	x     *extFS
	inode *inode
	what  What
	next  int64 // the first block of the file that is not passed yet
}

// node visits a node of the tree.
func (w *extentWalk) node(b []byte, at int64, depth uint16) error {
	entries, room := int(le16(b, 2)), int(le16(b, 4))
	switch {
	case le16(b, 0) != extentMagic:
		return wrong(at, "extents", "magic %#04x, want %#04x", le16(b, 0), extentMagic)
	case le16(b, 6) != depth:
		return wrong(at, "extents", "depth %d at level %d", le16(b, 6), depth)
	case entries > room || room > len(b)/12-1:
		return wrong(at, "extents", "%d entries in room for %d", entries, min(room, len(b)/12-1))
	}
	for n := 1; n <= entries; n++ {
		entry := b[12*n:][:12]
		if logical := int64(le32(entry, 0)); logical < w.next {
			return wrong(at, "extents", "block %d of the file follows block %d", logical, w.next-1)
		} else if depth == 0 {
			w.next = logical
		}
		var err error
		if depth == 0 {
			err = w.leaf(entry)
		} else {
			err = w.index(entry, depth-1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf visits an extent.
func (w *extentWalk) leaf(b []byte) error {
	n, what := int64(le16(b, 4)), w.what
	if n > extentUnwritten {
		n -= extentUnwritten
		if what == Data {
			what = Preallocated
		}
	}
	if n == 0 {
		return w.inode.wrong("an extent without blocks")
	}
	logical := w.next
	w.next += n
	return w.x.use(w.inode, what, logical, int64(le32(b, 8))|int64(le16(b, 6))<<32, n)
}

// index visits the node of the next level that an entry names.
func (w *extentWalk) index(b []byte, depth uint16) error {
	block := int64(le32(b, 4)) | int64(le16(b, 8))<<32
	buf, err := w.x.mapping(w.inode, w.what, block)
	if err != nil {
		return err
	}
	return w.node(buf, block*w.x.blockSize, depth)
}

// mapping claims and reads a block that says where others are.
func (x *extFS) mapping(i *inode, what What, block int64) ([]byte, error) {
	owner := i.number
	if what != Journal {
		what = Mapping
	} else {
		owner = 0
	}
	if !x.inside(block, 1) {
		return nil, i.wrong("block map in block %d of %d", block, x.blocks)
	}
	if err := x.claim(block, 1, what, owner); err != nil {
		return nil, err
	}
	buf := make([]byte, x.blockSize)
	return buf, x.readBlock(buf, block, "block map")
}
