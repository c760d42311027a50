package filemap

// directBlocks is how many blocks an inode of ext2 names itself. Three numbers
// follow: of a block of numbers, of one of such blocks, and of one of those.
const directBlocks = 12

// visitIndirect claims what an inode's lists of blocks have.
func (x *extFS) visitIndirect(i *inode, what What) error {
	w := indirectWalk{x: x, inode: i, what: what}
	data := i.data()
	if err := w.list(data[:4*directBlocks], 0); err != nil {
		return err
	}
	for depth := range 3 {
		at := 4 * (directBlocks + depth)
		if err := w.list(data[at:at+4], depth+1); err != nil {
			return err
		}
	}
	return w.flush()
}

// indirectWalk goes through lists of blocks and joins those that follow each
// other.
type indirectWalk struct {
	x     *extFS
	inode *inode
	what  What

	logical int64 // the block of the file that comes next
	first   int64 // logical, of the run
	block   int64 // the run's first
	n       int64 // blocks of the run
}

// list visits a list of blocks, which hold lists themselves if depth is not 0.
func (w *indirectWalk) list(b []byte, depth int) error {
	for ; len(b) > 0; b = b[4:] {
		block := int64(le32(b, 0))
		var err error
		switch {
		case block == 0:
			w.logical += w.covers(depth)
		case depth == 0:
			err = w.add(block)
		default:
			err = w.descend(block, depth-1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// covers is how many blocks an entry stands for.
func (w *indirectWalk) covers(depth int) int64 {
	n := int64(1)
	for range depth {
		n *= w.x.blockSize / 4
	}
	return n
}

func (w *indirectWalk) descend(block int64, depth int) error {
	buf, err := w.x.mapping(w.inode, w.what, block)
	if err != nil {
		return err
	}
	return w.list(buf, depth)
}

// add adds a block to the run, or begins a new one.
func (w *indirectWalk) add(block int64) error {
	if w.n > 0 && block == w.block+w.n && w.logical == w.first+w.n {
		w.n++
		w.logical++
		return nil
	}
	err := w.flush()
	w.first, w.block, w.n = w.logical, block, 1
	w.logical++
	return err
}

// flush uses the run.
func (w *indirectWalk) flush() error {
	if w.n == 0 {
		return nil
	}
	n := w.n
	w.n = 0
	return w.x.use(w.inode, w.what, w.first, w.block, n)
}
