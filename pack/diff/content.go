package diff

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/mcuboot/firmware"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/zck"
)

// content is what is kept of a file or of a payload, as a device ends up with it.
type content struct {
	blocks *blockList

	image  *image      // of an MCUboot image
	header *zck.Header // of a zchunk file
	index  *zck.Header // of anything else that is large enough for a delta, see zck.Index
	notes  []string    // what it seems to be, and is not
}

// indexable is the least size of a content for which a delta is worth a thought, in
// bytes. A content of less is known from its head alone.
const indexable = 64 << 10

// reader reads contents, and keeps what it may.
type reader struct {
	keys *swufile.Keys
	room int // blocks that may still be kept
	jobs int
	head *bufio.Reader // of one content after the other
}

func newReader(o Options) *reader {
	return &reader{keys: o.Keys, room: maxBlocks, jobs: o.Jobs, head: bufio.NewReaderSize(nil, indexable)}
}

// errPuffed says that too much comes out of a payload to look into it.
var errPuffed = fmt.Errorf("decompresses to more than %d MiB and %d times its size: only the whole was compared", freeContent>>20, maxRatio)

const (
	// freeContent is how much of a content is looked into however small its payload
	// is, in bytes.
	freeContent = 128 << 20
	// maxRatio is how many bytes are looked into for each byte of the payload beyond
	// that. A file system with little in it comes to 100.
	maxRatio = 200
)

// payload reads the content of a payload that has so many bytes in its bundle. The
// error is one of r, or errPuffed.
func (rd *reader) payload(ctx context.Context, r io.Reader, stored int64) (*content, error) {
	limited := &io.LimitedReader{R: r, N: freeContent + maxRatio*stored + 1}
	c, err := rd.read(ctx, limited)
	if limited.N == 0 {
		return nil, errPuffed
	}
	return c, err
}

// read reads r to its end. The error is one of r.
func (rd *reader) read(ctx context.Context, r io.Reader) (*content, error) {
	rd.head.Reset(&stoppable{ctx, r})
	head, err := rd.head.Peek(indexable)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	c := &content{blocks: &blockList{room: &rd.room}}
	if look := rd.lookFor(ctx, c, head); look == nil {
		_, err = io.Copy(c.blocks, rd.head)
	} else {
		err = beside(c.blocks, rd.head, look)
	}
	c.blocks.finish()
	return c, err
}

// lookFor says how to read what begins with head; nil where there is nothing more to
// know of it.
func (rd *reader) lookFor(ctx context.Context, c *content, head []byte) func(io.Reader) {
	sure := isImage(head)
	switch {
	case isZchunk(head):
		return func(r io.Reader) {
			h, err := zck.ReadHeader(bufio.NewReader(r))
			c.header = h
			c.remark(err)
		}
	case sure || firmware.DetectFormat(head) == firmware.IntelHex:
		return func(r io.Reader) {
			img, err := readNested(r, rd.keys)
			if c.image = img; sure {
				c.remark(err)
			}
		}
	case len(head) >= indexable:
		return func(r io.Reader) {
			h, err := zck.Index(ctx, r, rd.jobs)
			c.index = h
			c.remark(err)
		}
	}
	return nil
}

func (c *content) remark(err error) {
	if err != nil {
		c.notes = append(c.notes, err.Error())
	}
}

// isImage tells whether an MCUboot image begins with head for sure. Erased flash may
// have one behind it, and Intel HEX may hold anything.
func isImage(head []byte) bool {
	head = head[:min(len(head), imagefile.HeadSize)]
	erased := bytes.Count(head, []byte{0xff}) == len(head) || bytes.Count(head, []byte{0}) == len(head)
	return imagefile.Recognise(head) && !erased && head[0] != ':'
}

// isZchunk tells whether head begins with the id of a zchunk file or of a detached
// header.
func isZchunk(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\x00ZCK1")) || bytes.HasPrefix(head, []byte("\x00ZHR1"))
}

// beside copies r to w, and lets look read the same bytes meanwhile.
func beside(w io.Writer, r io.Reader, look func(io.Reader)) error {
	from, to := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		look(from)
		io.Copy(io.Discard, from)
	}()
	_, err := io.Copy(io.MultiWriter(w, to), r)
	to.CloseWithError(err)
	<-done
	return err
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.r.Read(p)
}

// compareContents compares two contents that are not the same.
func compareContents(old, new *content) *Content {
	d := &Content{Blocks: compareBlocks(old.blocks, new.blocks)}
	if d.Blocks == nil {
		d.Notes = append(d.Notes, fmt.Sprintf("more than %d GiB in a file: blocks are not compared", maxBlocks*BlockSize>>30))
	}
	switch {
	case old.image != nil && new.image != nil:
		d.Image = compareImages(old.image, new.image)
	case old.header != nil && new.header != nil:
		d.Zchunk = compareZchunk(old.header, new.header)
	}
	for _, note := range old.notes {
		d.Notes = append(d.Notes, "old: "+note)
	}
	for _, note := range new.notes {
		d.Notes = append(d.Notes, "new: "+note)
	}
	return d
}

// matters tells whether more than details are different.
func (d *Content) matters() bool {
	switch {
	case d.Image != nil:
		return d.Image.matters()
	case d.Zchunk != nil:
		return d.Zchunk.matters()
	}
	return true
}
