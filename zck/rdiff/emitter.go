package rdiff

import (
	"bufio"
	"encoding/binary"
	"io"
)

// maxLiteral is the longest literal that is written. It is librsync 2.3.2's,
// and what patchers are used to.
const maxLiteral = 32 << 10

// emitter writes a delta. It joins copies that follow each other in the base
// and literals up to limit. Errors of the destination stick and are returned
// by close.
type emitter struct {
	w       *bufio.Writer
	limit   int    // longest literal
	literal []byte // not written yet; empty while a copy waits
	base, n int64  // copy that is not written yet; n is 0 without one
	stats   Stats
}

// newEmitter begins a delta on dst.
func newEmitter(dst io.Writer, limit int) *emitter {
	e := &emitter{w: bufio.NewWriterSize(dst, 2*maxLiteral), limit: limit}
	e.write(binary.BigEndian.AppendUint32(nil, deltaMagic))
	return e
}

// addLiteral adds p to the result. It reports the destination's error, so that
// work for nothing can end.
func (e *emitter) addLiteral(p []byte) error {
	e.flushCopy()
	for len(p) > 0 {
		n := min(len(p), e.limit-len(e.literal))
		e.literal = append(e.literal, p[:n]...)
		p = p[n:]
		if len(e.literal) == e.limit {
			e.flushLiteral()
		}
	}
	_, err := e.w.Write(nil)
	return err
}

// addCopy adds n bytes at base to the result.
func (e *emitter) addCopy(base, n int64) error {
	e.flushLiteral()
	if e.n > 0 && e.base+e.n == base {
		e.n += n
		return nil
	}
	e.flushCopy()
	e.base, e.n = base, n
	_, err := e.w.Write(nil)
	return err
}

// close ends the delta.
func (e *emitter) close() (Stats, error) {
	e.flushCopy()
	e.flushLiteral()
	e.write([]byte{opEnd})
	return e.stats, e.w.Flush()
}

func (e *emitter) flushLiteral() {
	n := int64(len(e.literal))
	if n == 0 {
		return
	}
	var head [maxHead]byte
	e.write(appendLiteral(head[:0], n))
	e.write(e.literal)
	e.stats.add(Literal, 0, n)
	e.literal = e.literal[:0]
}

func (e *emitter) flushCopy() {
	if e.n == 0 {
		return
	}
	var head [maxHead]byte
	e.write(appendCopy(head[:0], e.base, e.n))
	e.stats.add(Copy, e.base, e.n)
	e.n = 0
}

// write leaves errors to bufio, which repeats the first one for ever.
func (e *emitter) write(p []byte) {
	n, _ := e.w.Write(p)
	e.stats.Size += int64(n)
}
