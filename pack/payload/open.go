package payload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Packing is how a payload lies in a bundle, as its entry in the description says.
type Packing struct {
	Compress  Compression
	Encrypted bool
	Encrypt   *Encrypt // what it is encrypted with; nil where the key is not at hand
}

// Budget bounds what comes out of all payloads of a file together: a few kilobytes
// may decompress for days. It is for one goroutine.
type Budget struct {
	left  int64
	outer *Budget // what is spent here is spent there, too
}

const (
	// freeBudget is what may come out however little went in, in bytes: about a
	// second of work, two where it is xz.
	freeBudget = 256 << 20
	// maxRatio is how many bytes may come out for each byte that went in beyond
	// that. Images of file systems with much room in them can have more: see
	// Budget.Allow.
	maxRatio = 100
)

// NewBudget returns the budget of one file.
func NewBudget() *Budget { return &Budget{left: freeBudget} }

// Inner returns the budget of a file within a payload: what goes into it came out of
// the payload, and allows nothing more.
func (b *Budget) Inner() *Budget { return &Budget{outer: b} }

// Allow lets n bytes more come out: somebody who is trusted says that there are so
// many.
func (b *Budget) Allow(n int64) { b.spend(-n) }

// read notes what went in, spend what came out, room is what may still come.
func (b *Budget) read(n int64) {
	if b.outer == nil {
		b.left += n * maxRatio
	}
}

func (b *Budget) spend(n int64) {
	if b.outer != nil {
		b.outer.spend(n)
		return
	}
	b.left -= n
}

func (b *Budget) room() int64 {
	if b.outer != nil {
		return b.outer.room()
	}
	return b.left
}

// ErrBudget is the error of reading beyond the budget.
var ErrBudget = fmt.Errorf("decompresses to more than %d MiB and %d times its size, and nobody who is trusted says so: it is followed no further", freeBudget>>20, maxRatio)

// Content is the size and digest of some bytes.
type Content struct {
	Size   int64
	SHA256 [32]byte
}

// Opened is a payload in a bundle. Read gives what a device ends up with; where
// that cannot be had, ErrSealed. Finish then says what was found.
type Opened struct {
	stored   *counter  // what lies in the bundle
	unpacked hash.Hash // nil where a payload lies in the bundle as it is
	size     int64
	budget   *Budget
	inner    io.Reader // nil where the key is missing
	unpacker *Decompressor
	err      error // why reading ended
}

// ErrSealed is the error of reading a payload that is encrypted with a key that is
// not at hand.
var ErrSealed = errors.New("is encrypted, and the key is not given")

// Open opens the payload that r holds. It ends with ctx.
func Open(ctx context.Context, r io.Reader, p Packing, b *Budget) *Opened {
	o := &Opened{stored: &counter{ctx: ctx, r: r, hash: sha256.New(), budget: b}, budget: b}
	if p.Encrypted || p.Compress != None {
		o.unpacked = sha256.New()
	}
	o.err = o.open(p)
	return o
}

func (o *Opened) open(p Packing) error {
	o.inner = o.stored
	if p.Encrypted {
		if p.Encrypt == nil {
			o.inner = nil
			return ErrSealed
		}
		plain, err := newCBCReader(o.stored, *p.Encrypt)
		if err != nil {
			return err
		}
		o.inner = plain
	}
	var err error
	if o.unpacker, err = NewDecompressor(p.Compress, o.inner); err != nil {
		return fmt.Errorf("%s: %w", p.Compress, early(err))
	}
	o.inner = o.unpacker
	return nil
}

// early is err where the end of a payload is one.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Read reads what a device ends up with.
func (o *Opened) Read(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.inner.Read(p)
	if o.unpacked != nil {
		o.unpacked.Write(p[:n])
	}
	o.size += int64(n)
	if o.budget.spend(int64(n)); o.budget.room() < 0 {
		err = ErrBudget
	}
	if err == io.EOF && o.unpacked != nil && o.stored.size == 0 {
		err = io.ErrUnexpectedEOF // no frame is a payload that is cut off
	}
	o.err = err
	return n, err
}

// Finding is what opening a payload to its end found.
type Finding struct {
	Stored   Content
	Unpacked *Content // nil where it could not be read to its end
	Members  int      // of gzip, of which a device installs the first
	Trailing int64    // bytes behind the last one
	Problem  error    // why it could not be read to its end; ErrSealed, or damage
}

// Finish reads what has not been read. The error is one of the file; what is wrong
// with the payload is in the finding.
func (o *Opened) Finish() (Finding, error) {
	var f Finding
	if o.err == nil {
		io.Copy(io.Discard, struct{ io.Reader }{o}) // what ends it is kept
	}
	if errors.Is(o.err, io.EOF) {
		o.finishUnpacked(&f)
	} else {
		f.Problem = o.err
	}
	if o.unpacker != nil {
		o.unpacker.Close()
	}
	_, err := io.Copy(io.Discard, o.stored)
	if o.stored.err != nil {
		err = o.stored.err
	}
	f.Stored = Content{Size: o.stored.size}
	o.stored.hash.Sum(f.Stored.SHA256[:0])
	return f, err
}

func (o *Opened) finishUnpacked(f *Finding) {
	sum := o.unpacked
	if sum == nil {
		sum = o.stored.hash
	}
	f.Unpacked = &Content{Size: o.size}
	sum.Sum(f.Unpacked.SHA256[:0])
	f.Members, f.Trailing, f.Problem = o.unpacker.After(o.budget.room())
}

// counter counts and hashes what lies in the bundle, and keeps its errors apart
// from those of decoders.
type counter struct {
	ctx    context.Context
	r      io.Reader
	hash   hash.Hash
	size   int64
	budget *Budget
	err    error
}

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		c.err = context.Cause(c.ctx)
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.hash.Write(p[:n])
	c.size += int64(n)
	c.budget.read(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
