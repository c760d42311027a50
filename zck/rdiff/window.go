package rdiff

const (
	windowSize = 64 << 10 // most that a window gives at once
	windowBack = 1 << 10  // what it reads before the place it is asked for
	windowMin  = 8 << 10  // least that it reads
)

// window gives access to the base in any order, and keeps what it read last.
type window struct {
	src   Source
	buf   []byte
	begin int64 // of buf in src
}

func newWindow(src Source) *window {
	return &window{src: src, buf: make([]byte, 0, windowBack+windowSize)}
}

// bytes returns n bytes at off, or as many as src has, until the next call.
// 0 <= off, n <= windowSize.
func (w *window) bytes(off int64, n int) ([]byte, error) {
	end := min(off+int64(n), w.src.Size())
	if end <= off {
		return nil, nil
	}
	if off < w.begin || end > w.begin+int64(len(w.buf)) {
		if err := w.load(off, end); err != nil {
			return nil, err
		}
	}
	return w.buf[off-w.begin : end-w.begin], nil
}

// load reads [off, end) and some more around it.
func (w *window) load(off, end int64) error {
	end = min(max(end, off+windowMin-windowBack), w.src.Size())
	w.begin = max(off-windowBack, 0)
	w.buf = w.buf[:end-w.begin]
	err := readFull(w.src, "the base", w.buf, w.begin)
	if err != nil {
		w.buf = w.buf[:0]
	}
	return err
}
